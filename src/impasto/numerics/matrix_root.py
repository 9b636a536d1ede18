"""The square root of a symmetric positive matrix, with a gradient that stays finite."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from impasto.numerics.autograd import apply

FLOOR = 1e-3
"""Roots below this share of the mean one count as that much, where the gradient divides by them."""


def matrix_root(matrix: Tensor) -> Tensor:
    """Return R with R R = matrix, symmetric and positive like it.

    Differentiable once. Autograd's way through an eigendecomposition divides by differences of
    eigenvalues and fails where two are equal. The root's own differential needs none:
    R dR + dR R = dM, in the basis of eigenvectors, is a division by the sum of two roots, and that
    is never small but where both are, for which there is a floor. Eigenvalues that rounding made
    negative count as zero.

    Args:
        matrix: (N, C, C), symmetric, float32 or float64; its eigenvalues should not be negative.

    Returns:
        (N, C, C).
    """
    return apply(_Root, matrix)


class _Root(Function):
    @staticmethod
    def forward(ctx: Any, matrix: Tensor) -> Tensor:
        values, vectors = torch.linalg.eigh(matrix)
        roots = values.clamp_min(0).sqrt()
        ctx.save_for_backward(roots, vectors)
        root: Tensor = (vectors * roots[:, None, :]) @ vectors.mT
        return root

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        roots, vectors = ctx.saved_tensors
        inside = vectors.mT @ ((gradient + gradient.mT) / 2) @ vectors
        tiny = torch.finfo(roots.dtype).tiny ** 0.5
        floor = 2 * FLOOR * roots.mean(1)[:, None, None].clamp_min(tiny)
        inside = inside / torch.maximum(roots[:, :, None] + roots[:, None, :], floor)
        pulled: Tensor = vectors @ inside @ vectors.mT
        return pulled
