"""Masks: edges, sums and cells, against definitions."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.errors import ShapeError
from impasto.numerics.masks import feathered, shares, snapped, softened


def noise(height: int, width: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 1, height, width, generator=generator)


def block() -> torch.Tensor:
    mask = torch.zeros(1, 1, 40, 50)
    mask[..., 15:25, 20:32] = 1
    return mask


@pytest.mark.parametrize("radius", [1, 3, 8])
def test_feathering_keeps_white_white_and_ends_at_twice_the_radius(radius):
    soft = feathered(block(), radius)
    assert torch.equal(soft[block() == 1], torch.ones(120))
    far = torch.ones(40, 50, dtype=torch.bool)
    far[max(0, 15 - 2 * radius) : 25 + 2 * radius, max(0, 20 - 2 * radius) : 32 + 2 * radius] = (
        False
    )
    assert float(soft[0, 0][far].max()) == 0
    row = soft[0, 0, 20, 31:]
    assert bool((row.diff() <= 0).all())
    assert 0 < float(row[radius]) < 1


@given(st.integers(0, 5), st.integers(0, 100))
def test_feathering_never_lowers_a_mask(radius, seed):
    mask = noise(9, 12, seed)
    assert bool((feathered(mask, radius) >= mask).all())


def test_no_radius_changes_nothing():
    mask = noise(5, 6)
    assert feathered(mask, 0) is mask
    assert softened(mask, 0) is mask


def test_softened_parts_still_add_up_to_one():
    mask = (noise(20, 30) > 0.5).float()
    both = softened(mask, 4) + softened(1 - mask, 4)
    np.testing.assert_allclose(both, 1, atol=1e-6)


def test_softening_is_a_hann_window():
    impulse = torch.zeros(1, 1, 9, 9, dtype=torch.float64)
    impulse[..., 4, 4] = 1
    window = 1 + np.cos(np.pi * np.arange(-2, 3) / 3)
    window /= window.sum()
    wanted = np.zeros((9, 9))
    wanted[2:7, 2:7] = np.outer(window, window)
    np.testing.assert_allclose(softened(impulse, 2)[0, 0], wanted, atol=1e-12)


def test_snapping_makes_nearly_ones_ones():
    assert snapped(torch.tensor([1 - 1e-5, 0.5, -0.1, 1.2])).tolist() == [1, 0.5, 0, 1]


@pytest.mark.parametrize(("height", "width", "halvings"), [(16, 24, 3), (37, 51, 2), (31, 20, 0)])
def test_shares_are_means_over_cells(height, width, halvings):
    mask, side = noise(height, width).double(), 2**halvings
    grid = height // side, width // side
    cut = mask[0, 0, : grid[0] * side, : grid[1] * side].numpy()
    wanted = cut.reshape(grid[0], side, grid[1], side).mean((1, 3))
    np.testing.assert_allclose(shares(mask, *grid)[0, 0], wanted, rtol=1e-12)


def test_a_grid_of_another_picture_is_refused():
    with pytest.raises(ShapeError, match="halves"):
        shares(noise(16, 16), 5, 5)
