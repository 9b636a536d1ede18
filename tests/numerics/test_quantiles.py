"""Quantile functions against numpy.quantile, and distances worked out by hand."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from impasto.numerics.quantiles import quantile_gap, quantiles


def values(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("count", [1, 4, 7, 9, 30])
def test_equal_numpys_quantiles_by_hazen(count):
    sample = values(2, 3, 9)
    levels = (np.arange(count) + 0.5) / count
    wanted = np.quantile(sample.numpy(), levels, axis=-1, method="hazen")
    np.testing.assert_allclose(quantiles(sample, count), np.moveaxis(wanted, 0, -1), atol=1e-12)


def test_the_gap_by_hand():
    # Sorted 1, 3 against 0, 4: squares 1 and 1; against 2, 2, 2: squares 1 and 1.
    ours = torch.tensor([[[3.0, 1.0]]])
    assert quantile_gap(ours, torch.tensor([[[4.0, 0.0]]])).tolist() == [1.0]
    assert quantile_gap(ours, torch.tensor([[[2.0, 2.0, 2.0]]])).tolist() == [1.0]
    # Twice as many positions of the same distribution are no further away than the steps are wide.
    assert quantile_gap(ours, torch.tensor([[[1.0, 1.0, 3.0, 3.0]]])).tolist() == [0.0]


def test_gradient_passes_gradcheck():
    ours, wanted = values(2, 3, 6).requires_grad_(), values(1, 3, 8, seed=2)
    assert gradcheck(lambda v: quantile_gap(v, wanted), (ours,))
