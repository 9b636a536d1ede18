"""Squared distances: as a mean, and relative to the target's own squared size."""

from torch import Tensor


def relative_square(value: Tensor, target: Tensor) -> Tensor:
    """Mean over the batch of |value - target|^2 / |target|^2, over all but the first dimension."""
    size = target.square().flatten(1).sum(1).clamp_min(1e-12)
    return ((value - target).square().flatten(1).sum(1) / size).mean()


def mean_square(value: Tensor, target: Tensor) -> Tensor:
    """Mean of |value - target|^2 over everything."""
    return (value - target).square().mean()
