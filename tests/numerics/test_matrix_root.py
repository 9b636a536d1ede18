"""The matrix root: by its definition, against finite differences, and where autograd fails."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck

from impasto.numerics.matrix_root import matrix_root


def positive(size: int, seed: int = 1, count: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(count, 3 * size, size, generator=generator, dtype=torch.float64)
    return rows.mT @ rows / len(rows[0])


@given(size=st.integers(1, 12), seed=st.integers(0, 99), exponent=st.integers(-8, 8))
def test_its_square_is_the_matrix(size, seed, exponent):
    matrix = positive(size, seed) * 10.0**exponent
    root = matrix_root(matrix)
    np.testing.assert_allclose(root @ root, matrix, rtol=1e-8, atol=1e-9 * float(matrix.max()))
    np.testing.assert_allclose(root, root.mT, atol=1e-12 * float(root.max()))


def test_a_root_known_by_hand():
    matrix = torch.tensor([[[5.0, 4.0], [4.0, 5.0]]], dtype=torch.float64)  # eigenvalues 9 and 1
    wanted = torch.tensor([[[2.0, 1.0], [1.0, 2.0]]], dtype=torch.float64)
    assert torch.allclose(matrix_root(matrix), wanted)


def test_each_matrix_of_a_batch_has_its_own():
    both = positive(4, count=2)
    assert torch.allclose(matrix_root(both)[1:], matrix_root(both[1:]))


def symmetric(matrix: torch.Tensor) -> torch.Tensor:
    return (matrix + matrix.mT) / 2


def test_gradient_passes_gradcheck():
    matrix = positive(4).requires_grad_()
    assert gradcheck(lambda m: matrix_root(symmetric(m)), (matrix,))


def test_gradient_is_right_where_eigenvalues_are_equal():
    """Autograd's gradient of eigh is not a number here."""
    matrix = torch.eye(3, dtype=torch.float64)[None].requires_grad_()
    assert gradcheck(lambda m: matrix_root(symmetric(m)), (matrix,))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_singular_and_zero_matrices_have_finite_roots_and_gradients(dtype):
    vector = torch.tensor([[1.0, 2.0, 3.0]], dtype=dtype)
    for matrix in ((vector.mT @ vector)[None], torch.zeros(1, 3, 3, dtype=dtype)):
        leaf = matrix.requires_grad_()
        root = matrix_root(leaf)
        (gradient,) = torch.autograd.grad(root.sum(), leaf)
        assert root.isfinite().all()
        assert gradient.isfinite().all()


def test_eigenvalues_that_rounding_made_negative_count_as_zero():
    matrix = torch.diag(torch.tensor([4.0, -1e-12], dtype=torch.float64))[None]
    wanted = torch.diag(torch.tensor([2.0, 0.0], dtype=torch.float64))[None]
    assert torch.allclose(matrix_root(matrix), wanted)
