"""Total variation by hand."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from impasto.losses.total_variation import TotalVariationLoss

# One channel, 2 x 3. To the right: 1, 2; -1, 4. Downward: 3, 1, 3.
PIXELS = torch.tensor([[0.0, 1.0, 3.0], [3.0, 2.0, 6.0]], dtype=torch.float64).view(1, 1, 2, 3)


def value(form: str, pixels: torch.Tensor, weight: torch.Tensor | None = None) -> float:
    loss = TotalVariationLoss(form)
    return float(loss.distance(loss.summarize(pixels, weight)))


def test_by_hand():
    assert value("l1", PIXELS) == pytest.approx((1 + 2 + 1 + 4 + 3 + 1 + 3) / 6)
    assert value("l2", PIXELS) == pytest.approx((1 + 4 + 1 + 16 + 9 + 1 + 9) / 6)


@pytest.mark.parametrize("form", ["l1", "l2"])
def test_equals_numpy_and_is_the_mean_over_the_batch(form):
    pixels = torch.rand(2, 3, 5, 4, dtype=torch.float64)
    power = 1 if form == "l1" else 2
    each = [
        sum((abs(np.diff(p, axis=a)) ** power).sum() for a in (1, 2)) / p.size
        for p in pixels.numpy()
    ]
    assert value(form, pixels) == pytest.approx(np.mean(each), rel=1e-12)


def test_a_flat_picture_has_none_and_a_single_pixel_too():
    for form in ("l1", "l2"):
        assert value(form, torch.full((1, 3, 4, 4), 0.3)) == 0
        assert value(form, torch.rand(1, 3, 1, 1)) == 0


def test_a_mask_weighs_the_pixel_on_the_left_or_above():
    left = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]], dtype=torch.float64).view(1, 1, 2, 3)
    assert value("l2", PIXELS, left) == pytest.approx((1 + 9) / 6)
    assert value("l1", PIXELS, torch.ones_like(left)) == pytest.approx(value("l1", PIXELS))


@pytest.mark.parametrize("form", ["l1", "l2"])
def test_gradient_passes_gradcheck(form):
    loss = TotalVariationLoss(form)
    pixels = torch.rand(1, 2, 3, 4, dtype=torch.float64).requires_grad_()
    assert gradcheck(lambda p: loss.distance(loss.summarize(p)), (pixels,))
