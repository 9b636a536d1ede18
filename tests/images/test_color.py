"""Oklab against published values and formulas in float64; round trips; the gamut."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.images.color import encoded, from_oklab, grays, linear, to_oklab

PUBLISHED = {  # CSS Color 4, and colorjs.io: sRGB to Oklab, to 5 digits
    "white": ((1, 1, 1), (1.0, 0.0, 0.0)),
    "black": ((0, 0, 0), (0.0, 0.0, 0.0)),
    "red": ((1, 0, 0), (0.62796, 0.22486, 0.12585)),
    "green": ((0, 1, 0), (0.86644, -0.23389, 0.17950)),
    "blue": ((0, 0, 1), (0.45201, -0.03246, -0.31153)),
    "gray": ((0.5, 0.5, 0.5), (0.59818, 0.0, 0.0)),
}
levels = st.floats(0, 1, width=32)


def one(*color, dtype=torch.float64):
    return torch.tensor(color, dtype=dtype).view(1, 3, 1, 1)


def ottosson(rgb):
    """The formulas as published, one color at a time, in float64."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    long = np.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    middle = np.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = np.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_values(name):
    color, expected = PUBLISHED[name]
    found = to_oklab(one(*map(float, color))).flatten().numpy()
    np.testing.assert_allclose(found, expected, atol=2e-5)


@given(levels, levels, levels)
def test_equals_the_formulas(r, g, b):
    found = to_oklab(one(r, g, b)).flatten().numpy()
    np.testing.assert_allclose(found, ottosson((r, g, b)), atol=1e-12)


def test_linear_light_of_known_levels():
    levels = torch.tensor([0.0, 0.04045, 0.5, 1.0], dtype=torch.float64)
    expected = [0, 0.04045 / 12.92, ((0.5 + 0.055) / 1.055) ** 2.4, 1]
    np.testing.assert_allclose(linear(levels).numpy(), expected, rtol=1e-12)
    np.testing.assert_allclose(encoded(linear(levels)).numpy(), levels.numpy(), atol=1e-7)


@pytest.mark.parametrize(("dtype", "error"), [(torch.float64, 1e-6), (torch.float32, 5e-5)])
def test_round_trip(dtype, error):
    image = torch.rand(2, 3, 50, 40, dtype=dtype)
    torch.testing.assert_close(from_oklab(to_oklab(image)), image, rtol=0, atol=error)


def test_grays_have_the_lightness_asked_for():
    lightness = torch.linspace(0, 1, 11, dtype=torch.float64).view(1, 1, 1, 11)
    found = to_oklab(grays(lightness))
    torch.testing.assert_close(found[:, :1], lightness, rtol=0, atol=1e-6)
    assert float(found[:, 1:].abs().max()) < 1e-6


def test_colors_out_of_the_gamut_keep_lightness_and_hue():
    lab = one(0.6, 0.3, -0.25)
    found = to_oklab(from_oklab(lab)).flatten()
    assert float(found[0]) == pytest.approx(0.6, abs=1e-3)
    assert float(torch.atan2(found[2], found[1])) == pytest.approx(np.arctan2(-0.25, 0.3), abs=5e-3)
    chroma = float(found[1:].norm())
    assert 0.1 < chroma < 0.39
    further = one(0.6, *(float(v) * 1.02 for v in found[1:]))
    back = to_oklab(from_oklab(further)).flatten()
    assert float(back[1:].norm()) < 1.01 * chroma  # it was at the border already


def test_only_colors_out_of_the_gamut_are_changed():
    inside = torch.rand(1, 3, 6, 6, dtype=torch.float64) * 0.8 + 0.1
    lab = to_oklab(inside)
    lab[..., 0, 0] = torch.tensor([0.5, 0.9, 0.0], dtype=torch.float64)
    found = from_oklab(lab)
    assert 0 <= float(found.min()) <= float(found.max()) <= 1
    torch.testing.assert_close(found[..., 1:, :], inside[..., 1:, :], rtol=0, atol=1e-6)


@pytest.mark.parametrize(("lightness", "level"), [(1.3, 1.0), (-0.2, 0.0)])
def test_beyond_white_and_black_lie_white_and_black(lightness, level):
    found = from_oklab(one(lightness, 0.1, 0.05))
    torch.testing.assert_close(found, torch.full_like(found, level), rtol=0, atol=1e-3)
