"""A loss: a statistic of features and a distance between statistics; a term: a loss in use.

The split is what makes cached targets, mixed and masked styles, exact tiling and distribution
possible: statistics of the target are computed once, and those of parts of an image add up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch
from torch import Tensor

from impasto.numerics.sampling import Draw
from impasto.numerics.windows import Box

Statistics = Any
"""What `summarize` returns and `distance` takes: a tensor, or a frozen dataclass of tensors."""


class Loss(Protocol):
    """Two pure functions and the contract that tells how an image may be cut into tiles."""

    @property
    def contract(self) -> Literal["local", "additive", "global"]:
        """local: each position by itself; additive: sums over positions; global: neither."""

    def summarize(
        self,
        features: Tensor,
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Statistics:
        """Measure features (N, C, H, W).

        Args:
            features: of any image.
            weight: (N or 1, 1, H, W), weighs the positions.
            generator: draws what a loss leaves to chance; None makes always the same choice.
        """

    def distance(self, statistics: Statistics, target: Statistics) -> Tensor:
        """Compare with a target: a scalar, differentiable in `statistics`, mean over the batch."""


@dataclass(frozen=True)
class Cut:
    """A part of a grid of positions, as a local loss sees it."""

    owned: Box
    """The positions whose share of the distance is asked for."""
    given: Box
    """The positions whose features are there: the loss's `context` of those owned."""
    grid: tuple[int, int]
    """Height and width of the whole."""


class LocalLoss(Loss, Protocol):
    """A loss that is a sum over positions, each of which looks no farther than its neighbors.

    The distance of the whole is the sum of the parts of cuts whose owned boxes divide the grid.
    """

    def context(self, owned: Box, grid: tuple[int, int]) -> Box:
        """Return the box of positions that the part of a box depends on."""

    def scale(self, target: Statistics) -> Tensor | None:
        """Return what every part needs to know of the whole target; computed once for each."""

    def part(
        self,
        features: Tensor,
        weight: Tensor | None,
        target: Statistics,
        cut: Cut,
        scale: Tensor | None,
    ) -> Tensor:
        """Return the share of the distance that the owned positions have, a scalar.

        Args:
            features: (N, C, h, w), those in `cut.given`.
            weight: (N or 1, 1, h, w) there.
            target: of the whole grid.
            cut: which part it is.
            scale: of the target.
        """


class GlobalLoss(Loss, Protocol):
    """A loss that looks at positions drawn from the whole grid, and at nothing but them."""

    @property
    def placed(self) -> bool:
        """Whether the target is looked at in the same positions, and so must have all."""

    def draw(
        self,
        shape: tuple[int, ...],
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Draw:
        """Draw what is left to chance, for features of a shape (C, H, W)."""

    def gathered(self, rows: Tensor, draw: Draw) -> Statistics:
        """Return the statistics of vectors (N, K, C) at the positions drawn."""


class StyleLoss(Loss, Protocol):
    """A loss blind to position, which can aim at several pictures at once."""

    def mixed(self, summaries: Sequence[Statistics], shares: Sequence[float]) -> Statistics:
        """Return the statistics of a mixture of pictures; the shares add up to one."""


@dataclass(frozen=True)
class Term:
    """A loss at some layers with its weights.

    Its value is `weight * combine(sum of layer weight * distance)`, where combine is the identity
    or the square root (of the batch's mean), whose gradient does not fade as the loss falls.
    """

    name: str
    loss: Loss
    layers: Mapping[str, float]
    weight: float = 1.0
    combine: Literal["sum", "root"] = "sum"

    def combined(self, distances: Mapping[str, Tensor]) -> Tensor:
        """Add the weighted distances up; without the term's own weight."""
        weighted = [self.layers[layer] * value for layer, value in distances.items()]
        total = torch.stack(weighted).sum()
        # The small constant keeps the gradient of the root finite at zero.
        return total if self.combine == "sum" else (total + 1e-12).sqrt()
