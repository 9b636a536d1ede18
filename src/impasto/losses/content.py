"""Content loss: the features themselves, position by position (Gatys et al. 2016, eq. 1)."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from impasto.errors import ShapeError
from impasto.losses.squares import mean_square, relative_square
from impasto.numerics.precision import wide


@dataclass(frozen=True)
class ContentLoss:
    """Squared difference of features at the same positions.

    Forms: `paper`, half the sum of squares; `mean`, the mean of squares; `relative`, the mean of
    squares over the mean square of the target, the same at every layer and in every network.
    """

    form: Literal["paper", "mean", "relative"] = "paper"
    contract: Literal["local"] = "local"

    @property
    def sums(self) -> bool:
        """Whether the loss grows with the number of positions."""
        return self.form == "paper"

    def summarize(
        self,
        features: Tensor,
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Return the features (N, C, H, W), times the root of the weight (squares get it whole)."""
        return features if weight is None else features * weight.sqrt()

    def distance(self, statistics: Tensor, target: Tensor) -> Tensor:
        """Compare features (N, C, H, W) with a target (N or 1, C, H, W).

        Raises:
            ShapeError: the two lie on different grids.
        """
        if statistics.shape[1:] != target.shape[1:]:
            raise ShapeError(f"features of shape {tuple(target.shape)}", tuple(statistics.shape))
        features, wanted = wide(statistics), wide(target)
        if self.form == "paper":
            return (features - wanted).square().sum() / (2 * len(features))
        return (mean_square if self.form == "mean" else relative_square)(features, wanted)
