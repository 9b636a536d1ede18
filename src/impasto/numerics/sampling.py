"""Samples of positions: one from each stratum, so that they cover a picture evenly."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Draw:
    """What was left to chance in one measurement of a layer."""

    at: Tensor
    """(K,) or (N or 1, K): positions of the grid, row by row."""
    grid: tuple[int, int]
    """Height and width."""
    directions: Tensor | None = None
    """(P, C), of any length: for losses that project."""


def positions(weight: Tensor, count: int, generator: torch.Generator | None = None) -> Tensor:
    """Draw positions in proportion to their weight, one from each of `count` equal strata.

    The weights, laid end to end, are cut into strata of one length; each gives the position under
    one of its points (systematic sampling of the inverse distribution function). A position that
    weighs nothing is never drawn; one that weighs more than a stratum is drawn more than once.

    Args:
        weight: (N, M), at least zero.
        count: how many to draw.
        generator: draws a point of each stratum, on the CPU; None takes its middle.

    Returns:
        (N, count) indices into M, in rising order.
    """
    ends = weight.to(torch.float64).cumsum(1)
    points = (torch.arange(count) + _offsets(count, generator)) / count
    levels = points.to(ends.device) * ends[:, -1:]
    return torch.searchsorted(ends, levels, right=True).clamp_max(weight.shape[1] - 1)


def even_positions(total: int, count: int, generator: torch.Generator | None = None) -> Tensor:
    """Draw `count` of `total` positions, one from each stratum; all of them where that is fewer.

    Returns:
        (min(count, total),) different indices, in rising order.
    """
    count = min(count, total)
    ends = torch.arange(count + 1) * total // count
    wide = ends.diff()
    return ends[:-1] + (_offsets(count, generator) * wide).long().clamp_max(wide - 1)


def rows_of(features: Tensor) -> Tensor:
    """View features (N, C, H, W) as one row of channels for each position, (N, H W, C)."""
    return features.flatten(2).transpose(1, 2)


def picked(rows: Tensor, at: Tensor) -> Tensor:
    """Pick rows (N, M, C) at positions (K,), the same in all samples, or (N or 1, K)."""
    at = at.to(rows.device)
    if at.ndim == 1:
        return rows.index_select(1, at)
    return rows.gather(1, at[:, :, None].expand(len(rows), -1, rows.shape[2]))


def drawn(
    shape: tuple[int, ...],
    count: int,
    weight: Tensor | None = None,
    generator: torch.Generator | None = None,
) -> Draw:
    """Draw at most `count` positions of features of a shape (C, H, W), one from each stratum.

    Evenly, or by a weight (N or 1, 1, H, W) if there is one.
    """
    _, height, width = shape
    total = height * width
    if weight is None:
        return Draw(even_positions(total, count, generator), (height, width))
    at = positions(weight.flatten(1), min(count, total), generator)
    return Draw(at, (height, width))


def picked_rows(features: Tensor, at: Tensor) -> Tensor:
    """Pick the vectors (N, K, C) of features (N, C, H, W) at positions as `Draw` has them."""
    rows = rows_of(features)
    every = at.ndim == 1 and len(at) == rows.shape[1]
    return rows if every else picked(rows, at)


def _offsets(count: int, generator: torch.Generator | None) -> Tensor:
    if generator is None:
        return torch.full((count,), 0.5, dtype=torch.float64)
    return torch.rand(count, dtype=torch.float64, generator=generator)
