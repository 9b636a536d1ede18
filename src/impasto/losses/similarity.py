"""Content as self-similarity: which places look alike (STROTSS: Kolkin et al. 2019).

It compares how features differ from one place to another, not the features: a sky that is all of
one kind may become any other kind. Style can move further than with a content loss of features.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from impasto.errors import ShapeError
from impasto.numerics.precision import wide
from impasto.numerics.sampling import even_positions, picked, positions, rows_of


@dataclass(frozen=True)
class PlacedFeatures:
    """Features at all positions, and which of them are compared."""

    rows: Tensor
    """(N, H W, C)."""
    at: Tensor
    """(K,) or (N or 1, K): the sampled positions."""
    grid: tuple[int, int]


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

    def summarize(
        self,
        features: Tensor,
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> PlacedFeatures:
        """Keep the features and draw positions; without a generator always the same ones."""
        rows = rows_of(features)
        count = min(self.positions, rows.shape[1])
        at = (
            even_positions(rows.shape[1], count, generator)
            if weight is None
            else positions(weight.flatten(1), count, generator)
        )
        return PlacedFeatures(rows, at, (features.shape[2], features.shape[3]))

    def distance(self, statistics: PlacedFeatures, target: PlacedFeatures) -> Tensor:
        """Compare at the positions of `statistics`.

        Raises:
            ShapeError: the two lie on different grids.
        """
        if statistics.grid != target.grid:
            raise ShapeError(f"features of size {target.grid}", statistics.grid)
        ours, theirs = (
            _similarities(wide(picked(placed.rows, statistics.at)))
            for placed in (statistics, target)
        )
        apart = (ours - theirs).abs().mean()
        return apart * ours.shape[1] if self.form == "relative" else apart


def _similarities(rows: Tensor) -> Tensor:
    """Cosine distances (N, K, K) between rows (N, K, C), each row of the matrix over its sum."""
    directions = functional.normalize(rows, dim=2)
    distances = 1 - torch.bmm(directions, directions.transpose(1, 2))
    return distances / distances.sum(2, keepdim=True).clamp_min(1e-6)
