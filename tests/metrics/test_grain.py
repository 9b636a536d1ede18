"""Grain, everywhere and where nothing is shown."""

import pytest
import torch

from impasto.errors import ShapeError
from impasto.metrics.grain import flat_grain, grain
from impasto.numerics.filters import blurred


def weave(image: torch.Tensor, height: float) -> torch.Tensor:
    rows, columns = torch.arange(image.shape[2])[:, None], torch.arange(image.shape[3])
    return (image + height * ((rows + columns) % 2 * 2 - 1)).clamp(0, 1)


def test_as_grainy_as_itself(photo):
    assert grain(photo, photo) == 1
    assert flat_grain(photo, photo, photo) == 1


def test_blur_lowers_it_and_noise_raises_it_step_by_step(photo, pictures):
    spoiled = [
        *(blurred(photo, sigma) for sigma in (2.0, 1.0, 0.5)),
        photo,
        *(pictures.noisy(photo, amount) for amount in (0.02, 0.05, 0.1)),
    ]
    for values in (
        [grain(image, photo) for image in spoiled],
        [flat_grain(image, photo, photo) for image in spoiled],
    ):
        assert values == sorted(values)
        assert values[0] < 0.5 < values[3] == 1 < 1.5 < values[-1]


def test_noise_of_twice_the_height_has_twice_the_grain(pictures):
    gray = torch.full((1, 3, 80, 80), 0.5)
    twice, once = pictures.noisy(gray, 0.1), pictures.noisy(gray, 0.05)
    assert grain(twice, once) == pytest.approx(2, rel=0.01)


def test_a_weave_shows_most_where_nothing_is_shown(pictures):
    """The upper half of the content is a sky; strong edges below hide the weave from `grain`."""
    content = pictures.noisy(pictures.smooth_noise(96, 96, 48, 3), 0.2)
    content[:, :, :48] = 0.6
    woven = weave(content, 0.02)
    assert grain(woven, content) < 1.1
    assert flat_grain(woven, content, content) > 10


def test_rounding_to_8_bits_does_not_count(photo):
    flat = torch.full_like(photo, 0.5)
    assert grain(flat, flat) == 1
    assert grain(weave(flat, 0.2 / 255), flat) == 1
    assert grain(weave(flat, 2 / 255), flat) > 3


def test_a_style_of_another_size_is_brought_to_the_area(photo):
    small = torch.nn.functional.interpolate(photo, scale_factor=0.5, antialias=True, mode="bicubic")
    assert grain(small.clamp(0, 1), photo) == pytest.approx(1, abs=0.05)


def test_what_cannot_be_measured_is_refused(photo):
    with pytest.raises(ShapeError, match="the image with sides of at least 8 px"):
        grain(photo[..., :7], photo)
    with pytest.raises(ShapeError, match="the style as a batch of one"):
        grain(photo, photo[:, :2])
    with pytest.raises(ShapeError, match="the content with sides of at least 8 px"):
        flat_grain(photo, photo, photo[..., :7, :])
