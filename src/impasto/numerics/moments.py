"""Raw moments of feature maps: sums over positions, which add up exactly over tiles and devices."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from impasto.numerics.autograd import apply
from impasto.numerics.matrix_root import matrix_root
from impasto.numerics.precision import wide, widest


@dataclass(frozen=True)
class RawMoments:
    """Sums over positions, in float64 (where the device has it), so that parts add up to the whole.

    From them follow the Gram matrix per position (`second / count`), the mean (`first / count`) and
    the covariance, without looking at the features again.
    """

    count: Tensor
    """(N,): number of positions, or the sum of their weights."""
    first: Tensor
    """(N, C): sum of the features."""
    second: Tensor
    """(N, C, C): sum of the products of two channels; the paper's Gram matrix."""

    def __add__(self, other: "RawMoments") -> "RawMoments":
        return RawMoments(
            self.count + other.count, self.first + other.first, self.second + other.second
        )

    def mirrored(self) -> "RawMoments":
        """Return them with the lower triangle of `second` taken from the upper one, bit by bit.

        A matrix product rounds the two halves of a symmetric result each in its own way.
        """
        upper = self.second.triu()
        return replace(self, second=upper + upper.triu(1).transpose(1, 2))

    def packed(self) -> list[Tensor]:
        """Return the numbers that tell all of `mirrored` moments, one triangle of `second` alone.

        Returns:
            `count` (N,), `first` (N, C), and the upper triangle (N, C (C + 1) / 2), row by row.
        """
        rows, columns = _upper(self.second)
        return [self.count, self.first, self.second[:, rows, columns]]

    @staticmethod
    def unpacked(count: Tensor, first: Tensor, upper: Tensor) -> "RawMoments":
        """Return what `packed` was called on."""
        second = upper.new_empty(*first.shape, first.shape[1])
        rows, columns = _upper(second)
        second[:, rows, columns] = upper
        second[:, columns, rows] = upper
        return RawMoments(count, first, second)

    def scaled(self, factor: float) -> "RawMoments":
        """Count every position `factor` times."""
        return RawMoments(self.count * factor, self.first * factor, self.second * factor)

    def per_position(self) -> "RawMoments":
        """Scale the sums to a count of one, as means over positions."""
        return RawMoments(
            self.count / self.count,
            self.first / self.count[:, None],
            self.second / self.count[:, None, None],
        )

    def covariance(self) -> Tensor:
        """(N, C, C) covariance of the channels over positions (not bias-corrected)."""
        mean = self.first / self.count[:, None]
        return self.second / self.count[:, None, None] - mean[:, :, None] * mean[:, None, :]

    @cached_property
    def covariance_root(self) -> Tensor:
        """(N, C, C) square root of the covariance, computed once: targets are asked every step."""
        return matrix_root(self.covariance())


def raw_moments(features: Tensor, weight: Tensor | None = None) -> RawMoments:
    """Sum features and their products over positions.

    Args:
        features: (N, C, H, W), any floating type; products are taken in float32 at least.
        weight: (N or 1, 1, H, W) weight of each position, such as a mask; None weighs all as 1.
            It gets no gradient.

    Returns:
        Differentiable sums in float64.
    """
    samples, _, height, width = features.shape
    rows = features.flatten(2).transpose(1, 2)  # (N, HW, C): a view, contiguous for channels_last
    if weight is None:
        count = widest(rows.new_zeros(samples)) + height * width
        first = rows.sum(1, dtype=torch.promote_types(rows.dtype, torch.float32))
        return RawMoments(count, widest(first), widest(apply(_SecondMoment, rows)))
    column = weight.expand(samples, 1, height, width).flatten(2).transpose(1, 2)
    first, second = apply(_WeightedMoments, rows, column)
    return RawMoments(widest(column.sum((1, 2))), widest(first), widest(second))


class _SecondMoment(Function):
    """`rows^T rows`; its gradient is one matrix product where autograd takes two."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        ctx.save_for_backward(rows)
        features = wide(rows)
        return torch.bmm(features.transpose(1, 2), features)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (rows,) = ctx.saved_tensors
        return torch.bmm(rows, _both(gradient, rows))


class _WeightedMoments(Function):
    """`rows^T weight` and `rows^T diag(weight) rows`, with one gradient for both."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(rows, weight)
        features = wide(rows)
        weighted = features * weight
        return weighted.sum(1), torch.bmm(features.transpose(1, 2), weighted)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, first: Tensor, second: Tensor) -> tuple[Tensor, None]:
        rows, weight = ctx.saved_tensors
        pulled = torch.baddbmm(first[:, None].to(rows.dtype), rows, _both(second, rows))
        return pulled.mul_(weight.to(rows.dtype)), None


def _upper(matrices: Tensor) -> Tensor:
    """Return (2, C (C + 1) / 2): row and column of the places on and above the diagonal."""
    side = matrices.shape[-1]
    return torch.triu_indices(side, side, device=matrices.device)


def _both(gradient: Tensor, rows: Tensor) -> Tensor:
    """The gradient of a symmetric product, in the rows' own type.

    Widening bf16 rows again takes longer than the product, and the gradient goes on in bf16 anyway.
    """
    return (gradient + gradient.transpose(1, 2)).to(rows.dtype)
