"""Content as the Laplacian of pixels (Lapstyle: Li et al. 2017).

Deep features keep what a picture shows and let its fine lines go; the Laplacian of slightly blurred
pixels holds on to lines and edges, and does not care for their color on either side.
"""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from impasto.errors import ShapeError
from impasto.losses.term import Cut
from impasto.numerics.precision import widest
from impasto.numerics.windows import Box, around, window, within


@dataclass(frozen=True)
class LaplacianLoss:
    """Squared difference of Laplacians of pixels, averaged over squares of some sizes first.

    With D the sum over the color channels of the 4-neighbor Laplacian, each pool size adds the mean
    over its squares of (D(content) - D(image))^2. The paper sums over squares, at pixels of 0 to
    255, with a weight of its own for each pool size.
    """

    pools: tuple[int, ...] = (4, 16)
    """Sides of the squares in pixels; smaller ones where the picture ends."""
    contract: Literal["local"] = "local"

    def summarize(
        self,
        features: Tensor,
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, ...]:
        """Return D (N, 1, h, w) for each pool size, times the root of the weight's average."""
        return tuple(
            _laplacian(_pooled(features, pool))
            * (1.0 if weight is None else _pooled(weight, pool).sqrt())
            for pool in self.pools
        )

    def distance(self, statistics: tuple[Tensor, ...], target: tuple[Tensor, ...]) -> Tensor:
        """Compare the Laplacians.

        Raises:
            ShapeError: the two lie on different grids.
        """
        if statistics[0].shape[1:] != target[0].shape[1:]:
            expected, got = (tuple(side[0].shape[2:]) for side in (target, statistics))
            raise ShapeError(f"pooled pixels of size {expected}", got)
        pairs = zip(statistics, target, strict=True)
        return torch.stack([(ours - theirs).square().mean() for ours, theirs in pairs]).sum()

    def context(self, owned: Box, grid: tuple[int, int]) -> Box:
        """Return the pixels of all squares that begin in a box, and of the squares beside them."""
        return around([owned, *(_beside(_squares(owned, p, grid), p, grid) for p in self.pools)])

    def scale(self, target: tuple[Tensor, ...]) -> None:
        """Nothing: parts know the whole's size by its grid."""

    def part(
        self,
        features: Tensor,
        weight: Tensor | None,
        target: tuple[Tensor, ...],
        cut: Cut,
        scale: Tensor | None,
    ) -> Tensor:
        """Return the share of the squares that begin at some pixels."""
        total = widest(features.new_zeros(()))
        for pool, wanted in zip(self.pools, target, strict=True):
            squares = _squares(cut.owned, pool, cut.grid)
            if squares[0] == squares[1] or squares[2] == squares[3]:
                continue
            pixels = within(_beside(squares, pool, cut.grid), cut.given)
            weighs = None if weight is None else window(weight, pixels)
            side = min(pool, *cut.grid)
            alone = replace(self, pools=(side,))
            (ours,) = alone.summarize(window(features, pixels), weighs)
            first = (_beside(squares, pool, cut.grid)[0], _beside(squares, pool, cut.grid)[2])
            at = within(squares, (first[0] // side, 0, first[1] // side, 0))
            theirs = window(wanted, squares).to(ours.device)
            apart = (window(ours, at) - theirs).square().sum()
            total = total + widest(apart) / (len(features) * wanted[0].numel())
        return total


def _squares(owned: Box, pool: int, grid: tuple[int, int]) -> Box:
    """Return which squares, counted from 0, begin in a box of pixels."""
    side = min(pool, *grid)
    top, bottom, left, right = (-(-edge // side) for edge in owned)
    return (top, bottom, left, right)


def _beside(squares: Box, pool: int, grid: tuple[int, int]) -> Box:
    """Return the pixels of squares, and of those beside them."""
    side = min(pool, *grid)
    top, bottom, left, right = squares
    return (
        max(0, top - 1) * side,
        min(grid[0], (bottom + 1) * side),
        max(0, left - 1) * side,
        min(grid[1], (right + 1) * side),
    )


def _pooled(pixels: Tensor, pool: int) -> Tensor:
    return functional.avg_pool2d(pixels, min(pool, *pixels.shape[2:]), ceil_mode=True)


def _laplacian(pixels: Tensor) -> Tensor:
    """Sum over channels of neighbors less four times the middle; the border goes on beyond it."""
    gray = functional.pad(pixels.sum(1, keepdim=True), (1, 1, 1, 1), mode="replicate")
    middle = gray[..., 1:-1, 1:-1]
    across = gray[..., 1:-1, :-2] + gray[..., 1:-1, 2:]
    down = gray[..., :-2, 1:-1] + gray[..., 2:, 1:-1]
    return across + down - 4 * middle
