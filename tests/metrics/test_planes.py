"""Luma, band and slope by hand."""

import pytest
import torch

from impasto.errors import ShapeError
from impasto.metrics.planes import check_image, finest_band, luma, slope


def test_luma_weighs_green_most():
    image = torch.eye(3, dtype=torch.float64).view(1, 3, 1, 3)
    assert luma(image).flatten().tolist() == pytest.approx([0.299, 0.587, 0.114], rel=1e-6)
    assert float(luma(torch.ones(1, 3, 1, 1))) == pytest.approx(1)


def test_the_finest_band_of_a_constant_is_nothing_and_of_a_weave_nearly_all():
    assert float(finest_band(torch.full((1, 3, 9, 9), 0.3)).abs().max()) < 1e-6
    rows, columns = torch.arange(16)[:, None], torch.arange(16)
    weave = ((rows + columns) % 2).float().expand(1, 3, 16, 16) - 0.5
    kept = finest_band(weave)[..., 4:-4, 4:-4].abs().mean()
    assert float(kept) == pytest.approx(0.5, rel=0.01)


def test_the_slope_of_a_ramp_is_its_steepness():
    rows, columns = torch.arange(5.0)[:, None], torch.arange(6.0)
    ramp = (3 * rows + 4 * columns).expand(1, 1, 5, 6)
    assert torch.allclose(slope(ramp), torch.full((1, 1, 3, 4), 5.0))
    assert torch.allclose(slope(ramp.expand(1, 3, 5, 6)), torch.full((1, 1, 3, 4), 5 * 3**0.5))


@pytest.mark.parametrize("shape", [(1, 1, 9, 9), (2, 3, 9, 9), (3, 9, 9), (1, 4, 9, 9)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ShapeError, match=r"the style as a batch of one \(1, 3, H, W\), got shape"):
        check_image("style", torch.zeros(shape))


def test_a_small_side_is_refused():
    with pytest.raises(ShapeError, match="sides of at least 10 px"):
        check_image("image", torch.zeros(1, 3, 9, 30), 10)
