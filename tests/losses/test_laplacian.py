"""Laplacian loss against NumPy and cases worked out by hand."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from impasto.errors import ShapeError
from impasto.losses.laplacian import LaplacianLoss


def maps(*shape: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator, dtype=torch.float64)


def distance(image, content, *pools: int) -> torch.Tensor:
    loss = LaplacianLoss(pools)
    return loss.distance(loss.summarize(image), loss.summarize(content))


def in_numpy(image: np.ndarray, content: np.ndarray, pool: int) -> float:
    sides = []
    for gray in (a.sum(0) for a in (image, content)):
        height, width = (n // pool for n in gray.shape)
        blocks = gray[: height * pool, : width * pool].reshape(height, pool, width, pool)
        padded = np.pad(blocks.mean((1, 3)), 1, mode="edge")
        down = padded[:-2, 1:-1] - 2 * padded[1:-1, 1:-1] + padded[2:, 1:-1]
        across = padded[1:-1, :-2] - 2 * padded[1:-1, 1:-1] + padded[1:-1, 2:]
        sides.append(down + across)
    return ((sides[0] - sides[1]) ** 2).mean()


@pytest.mark.parametrize("pools", [(1,), (2,), (4,), (2, 4)])
def test_equals_numpy_and_adds_up_over_pools(pools):
    image, content = maps(1, 3, 12, 16), maps(1, 3, 12, 16, seed=2)
    wanted = sum(in_numpy(image[0].numpy(), content[0].numpy(), pool) for pool in pools)
    assert float(distance(image, content, *pools)) == pytest.approx(wanted, rel=1e-10)


def test_by_hand_on_one_bright_pixel():
    image = torch.zeros(1, 3, 5, 5)
    image[0, 1, 2, 2] = 1.0  # its Laplacian is -4 there and 1 at the four neighbors
    assert float(distance(image, torch.zeros_like(image), 1)) == pytest.approx((16 + 4) / 25)


def test_a_ramp_and_an_even_change_of_color_cost_nothing_inside():
    content = maps(1, 3, 8, 8)
    assert float(distance(content + 0.3, content, 1)) == pytest.approx(0, abs=1e-20)
    ramp = torch.arange(64.0).expand(1, 3, 64, 64) / 64
    loss = LaplacianLoss((1,))
    (lines,) = loss.summarize(ramp)
    assert float(lines[..., 1:-1].abs().max()) < 1e-6


def test_a_batch_is_the_mean_of_its_samples():
    images, content = maps(3, 3, 8, 8), maps(1, 3, 8, 8, seed=2)
    singles = [float(distance(image[None], content, 2, 4)) for image in images]
    assert float(distance(images, content, 2, 4)) == pytest.approx(np.mean(singles), rel=1e-12)


def test_gradient_passes_gradcheck():
    image, content = maps(1, 3, 6, 6).requires_grad_(), maps(1, 3, 6, 6, seed=2)
    assert gradcheck(lambda pixels: distance(pixels, content, 1, 2, 4), (image,))


def test_a_picture_smaller_than_a_pool_is_averaged_as_far_as_it_goes():
    assert float(distance(maps(1, 3, 3, 5), maps(1, 3, 3, 5, seed=2), 16)) >= 0
    wide = distance(maps(1, 3, 4, 40), maps(1, 3, 4, 40, seed=2), 16)
    assert float(wide) == pytest.approx(
        in_numpy(maps(1, 3, 4, 40)[0].numpy(), maps(1, 3, 4, 40, seed=2)[0].numpy(), 4)
    )


def test_zero_at_the_target():
    assert float(distance(maps(1, 3, 8, 8), maps(1, 3, 8, 8), 4, 16)) == 0


def test_another_grid_is_refused():
    with pytest.raises(ShapeError, match=r"\(2, 3\)"):
        distance(maps(1, 3, 8, 8), maps(1, 3, 8, 12), 4)


def test_squares_that_the_border_cuts_count_by_what_is_left_of_them():
    image = torch.zeros(1, 3, 4, 6)
    image[..., 4:] = 1.0  # squares of 4 px: one of zeros, one cut to 2 x 4 px of ones
    assert LaplacianLoss((4,)).summarize(image)[0].tolist() == [[[[3.0, -3.0]]]]
