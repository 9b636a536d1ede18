"""Work by bands of rows against the same work on the whole."""

import math

import pytest
import torch

from impasto.numerics import bands as module
from impasto.numerics.bands import all_finite, bands, blurred_rows, mean_square
from impasto.numerics.filters import blurred


@pytest.mark.parametrize(("rows", "most", "heights"), [(7, 60, [2, 2, 2, 1]), (3, 5, [1, 1, 1])])
def test_bands_cover_the_rows_in_order(rows, most, heights):
    found = list(bands(torch.Size((1, 3, rows, 10)), most))
    assert [band.stop - band.start for band in found] == heights
    assert [row for band in found for row in range(band.start, band.stop)] == list(range(rows))


def test_a_small_picture_is_one_band():
    assert list(bands(torch.Size((1, 3, 512, 512)))) == [slice(0, 512)]


@pytest.mark.parametrize("sigma", [0.0, 0.7, 2.0])
@pytest.mark.parametrize("rows", [slice(0, 4), slice(5, 6), slice(20, 31), slice(0, 31)])
def test_blurred_rows_are_those_of_the_whole(sigma, rows):
    planes = torch.rand(1, 3, 31, 17, dtype=torch.float64)
    whole = blurred(planes, sigma) if sigma else planes
    torch.testing.assert_close(blurred_rows(planes, sigma, rows), whole[..., rows, :])


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_one_bad_value_in_any_band_is_found(monkeypatch, bad):
    monkeypatch.setattr(module, "BAND", 30)
    image = torch.rand(1, 3, 9, 5)
    assert all_finite(image)
    for row in (0, 4, 8):
        spoiled = image.clone()
        spoiled[0, 1, row, 2] = bad
        assert not all_finite(spoiled)


def test_mean_square_by_bands(monkeypatch):
    image = torch.rand(1, 3, 40, 30)
    expected = float((image.double().numpy() ** 2).mean())
    assert mean_square(image) == pytest.approx(expected, rel=1e-12)
    monkeypatch.setattr(module, "BAND", 100)
    assert mean_square(image) == pytest.approx(expected, rel=1e-12)
