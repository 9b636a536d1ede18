"""Optimal transport between clouds of points: maps that give one the distribution of another.

All are deterministic. Points are rows (n, d). Maps are found in float64
and move points of any floating type.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from impasto.numerics.matrix_root import matrix_root

ROUNDS = 8
"""Rotations of the sliced transport: colors of our samples are then within 0.003 of the target."""
LEVELS = 512
"""Levels at which two distributions on a line are compared."""


class Map(Protocol):
    """Takes points to where they belong."""

    def __call__(self, points: Tensor) -> Tensor:
        """Move points (n, d)."""


@dataclass(frozen=True)
class LinearMap:
    """`points @ matrix + offset`."""

    matrix: Tensor
    offset: Tensor

    def __call__(self, points: Tensor) -> Tensor:
        """Move points (n, d)."""
        return points @ self.matrix.to(points) + self.offset.to(points)


def linear_transport(source: Tensor, target: Tensor, noise: float = 0.0) -> LinearMap:
    """Find the linear map that gives `source` the mean and covariance of `target`.

    Of all such maps the one that moves points least (Monge-Kantorovich).

    Args:
        source: (n, d).
        target: (m, d).
        noise: a spread in the units of the points; directions in which the source spreads less hold
            nothing but noise and are not blown up.

    Source:
        Pitié and Kokaram 2007, "The linear Monge-Kantorovitch linear colour mapping for
        example-based colour transfer", eq. 21.
    """
    floor = noise**2 * torch.eye(source.shape[1], dtype=source.dtype, device=source.device)
    spread, wanted = _covariance(source) + floor, _covariance(target)
    root = matrix_root(spread[None])[0]
    inverse = torch.linalg.pinv(root, hermitian=True)
    matrix = inverse @ matrix_root((root @ wanted @ root)[None])[0] @ inverse
    return LinearMap(matrix, target.mean(0) - source.mean(0) @ matrix)


@dataclass(frozen=True)
class LineMap:
    """A rising function on each axis of a rotated space, given by its values at knots."""

    rotation: Tensor
    knots: Tensor
    """(d, k), rising."""
    values: Tensor
    """(d, k), rising."""

    def __call__(self, points: Tensor) -> Tensor:
        """Move points (n, d); beyond the outermost knots they move along with these."""
        rotation, knots, values = (t.to(points) for t in (self.rotation, self.knots, self.values))
        turned = (points @ rotation).T.contiguous()
        above = torch.searchsorted(knots, turned).clamp_(1, knots.shape[1] - 1)
        x0, x1 = knots.gather(1, above - 1), knots.gather(1, above)
        share = ((turned - x0) / (x1 - x0).clamp_min(1e-12)).clamp_(0, 1)
        moved = torch.lerp(values.gather(1, above - 1), values.gather(1, above), share)
        moved += turned - turned.clamp(knots[:, :1], knots[:, -1:])
        return moved.T @ rotation.T


def line_map(source: Tensor, target: Tensor, rotation: Tensor) -> LineMap:
    """Find the rising functions that give `source` the quantiles of `target` on each axis.

    Many points of one value have no order; they all go to the mean of their places.
    """
    knots, values = _quantiles(source @ rotation), _quantiles(target @ rotation)
    first = torch.searchsorted(knots, knots)
    after = torch.searchsorted(knots, knots, right=True)
    sums = torch.nn.functional.pad(values.cumsum(1), (1, 0))
    means = (sums.gather(1, after) - sums.gather(1, first)) / (after - first)
    return LineMap(rotation, knots, means)


@dataclass(frozen=True)
class Chain:
    """Maps one after the other."""

    maps: Sequence[Map]

    def __call__(self, points: Tensor) -> Tensor:
        """Move points (n, d)."""
        for one in self.maps:
            points = one(points)
        return points


def sliced_transport(
    source: Tensor, target: Tensor, noise: float = 0.0, rounds: int = ROUNDS
) -> Chain:
    """Find a map that gives `source` the whole distribution of `target`, not its moments alone.

    Starts from the linear map, then matches the distributions along the axes of one rotation after
    the other, each exactly; the last rotation is none, so that they agree best along the axes
    themselves.

    Args:
        source: (n, d).
        target: (m, d).
        noise: see `linear_transport`.
        rounds: rotations.

    Source:
        Pitié, Kokaram and Dahyot 2007, "Automated colour grading using colour distribution
        transfer".
    """
    maps: list[Map] = [linear_transport(source, target, noise)]
    points = maps[0](source)
    for rotation in _rotations(source, rounds):
        maps.append(line_map(points, target, rotation))
        points = maps[-1](points)
    return Chain(maps)


def _rotations(like: Tensor, count: int) -> list[Tensor]:
    """Random ones from a fixed seed, drawn on the CPU so that devices agree; the last is none."""
    size, generator = like.shape[1], torch.Generator().manual_seed(0)
    drawn = torch.randn(count - 1, size, size, generator=generator, dtype=torch.float64)
    turns = [*torch.linalg.qr(drawn).Q, torch.eye(size, dtype=torch.float64)]
    return [turn.to(like) for turn in turns]


def _quantiles(values: Tensor) -> Tensor:
    """Quantiles of each column of (n, d) at even levels from least to largest: (d, LEVELS)."""
    ordered = values.sort(dim=0).values.T
    at = torch.linspace(0, len(values) - 1, LEVELS, dtype=torch.float64, device=values.device)
    low = at.long().clamp_max(max(0, len(values) - 2))
    high = (low + 1).clamp_max(len(values) - 1)
    return torch.lerp(ordered[:, low], ordered[:, high], (at - low).to(values)).contiguous()


def _covariance(points: Tensor) -> Tensor:
    centered = points - points.mean(0)
    return centered.T @ centered / len(points)
