"""The Gaussian window and blur against NumPy."""

import numpy as np
import pytest
import torch

from impasto.numerics.filters import blurred, gaussian


@pytest.mark.parametrize(("sigma", "radius"), [(1.0, 3), (0.7, 2), (2.0, 6)])
def test_a_blur_equals_the_full_two_dimensional_sum(sigma, radius):
    plane = torch.rand(1, 2, 12, 15, dtype=torch.float64)
    offsets, side = np.arange(-radius, radius + 1), 2 * radius + 1
    kernel = np.exp(-(offsets[:, None] ** 2 + offsets[None] ** 2) / (2 * sigma**2))
    kernel /= kernel.sum()
    padded = np.pad(plane[0, 1].numpy(), radius, mode="edge")
    wanted = [
        [(padded[y : y + side, x : x + side] * kernel).sum() for x in range(15)] for y in range(12)
    ]
    np.testing.assert_allclose(blurred(plane, sigma)[0, 1].numpy(), wanted, rtol=1e-12)


def test_a_window_sums_to_one():
    assert float(gaussian(1.5, 5, torch.zeros(1)).sum()) == pytest.approx(1)


def test_a_constant_stays_and_a_weave_of_single_pixels_goes():
    assert torch.allclose(blurred(torch.full((1, 3, 9, 9), 0.3), 0.7), torch.tensor(0.3))
    rows, columns = torch.arange(16)[:, None], torch.arange(16)
    weave = ((rows + columns) % 2).float().expand(1, 3, 16, 16) - 0.5
    left = blurred(weave, 0.7)[..., 4:-4, 4:-4].abs().max()
    assert float(left) < 0.05 * 0.5
