"""Content as self-similarity: which places look alike (STROTSS: Kolkin et al. 2019).

It compares how features differ from one place to another, not the features: a sky that is all of
one kind may become any other kind. Style can move further than with a content loss of features.
"""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from impasto.errors import ShapeError
from impasto.numerics.precision import wide
from impasto.numerics.sampling import Draw, drawn, picked, rows_of


@dataclass(frozen=True)
class PlacedFeatures:
    """Features at the positions that are compared, and those at all positions, if they are kept."""

    chosen: Tensor
    """(N, K, C): those that are compared."""
    at: Tensor
    """(K,) or (N or 1, K): their positions."""
    grid: tuple[int, int]
    rows: Tensor | None = None
    """(N, H W, C): those at all positions; a target has them."""


@dataclass(frozen=True)
class SelfSimilarityLoss:
    """Absolute difference of the matrices of cosine distances between positions.

    Each row of a matrix is divided by its sum. Forms, with K positions: `paper` and `mean`, the
    mean over the K^2 pairs; `relative`, over the target's own mean 1 / K, which does not depend on
    how many positions are compared.
    """

    form: Literal["paper", "mean", "relative"] = "relative"
    positions: int = 1024
    """Positions that are compared at most, the same in both pictures, drawn anew for each step."""
    contract: Literal["global"] = "global"
    placed: Literal[True] = True

    def summarize(
        self,
        features: Tensor,
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> PlacedFeatures:
        """Keep the features and draw positions; without a generator always the same ones."""
        draw = self.draw(tuple(features.shape[1:]), weight, generator)
        rows = rows_of(features)
        return replace(self.gathered(picked(rows, draw.at), draw), rows=rows)

    def draw(
        self,
        shape: tuple[int, ...],
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Draw:
        """Draw positions of features of a shape (C, H, W), by weight (N or 1, 1, H, W) if given."""
        return drawn(shape, self.positions, weight, generator)

    def gathered(self, rows: Tensor, draw: Draw) -> PlacedFeatures:
        """Place vectors (N, K, C) at the positions that were drawn."""
        return PlacedFeatures(rows, draw.at, draw.grid)

    def distance(self, statistics: PlacedFeatures, target: PlacedFeatures) -> Tensor:
        """Compare at the positions of `statistics`.

        Raises:
            ShapeError: the two lie on different grids.
        """
        if statistics.grid != target.grid:
            raise ShapeError(f"features of size {target.grid}", statistics.grid)
        assert target.rows is not None
        ours = _similarities(wide(statistics.chosen))
        theirs = _similarities(wide(picked(target.rows, statistics.at).to(ours.device)))
        apart = (ours - theirs).abs().mean()
        return apart * ours.shape[1] if self.form == "relative" else apart


def _similarities(rows: Tensor) -> Tensor:
    """Cosine distances (N, K, K) between rows (N, K, C), each row of the matrix over its sum."""
    directions = functional.normalize(rows, dim=2)
    distances = 1 - torch.bmm(directions, directions.transpose(1, 2))
    return distances / distances.sum(2, keepdim=True).clamp_min(1e-6)
