"""Content loss: the features themselves, position by position (Gatys et al. 2016, eq. 1)."""

from dataclasses import dataclass
from math import prod
from typing import Literal

import torch
from torch import Tensor

from impasto.errors import ShapeError
from impasto.losses.squares import mean_square, relative_square
from impasto.losses.term import Cut
from impasto.numerics.precision import wide, widest
from impasto.numerics.strip import Pixels, sum_of_rows
from impasto.numerics.windows import Box, window


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

    def context(self, owned: Box, grid: tuple[int, int]) -> Box:
        """Return the box itself: each position is compared by itself."""
        return owned

    def scale(self, target: Pixels) -> Tensor:
        """Return what each sample's sum of squares is divided by, (N or 1,), in float64."""
        if self.form == "paper":
            return widest(target.new_tensor([2.0]))
        if self.form == "mean":
            return widest(target.new_tensor([float(prod(target.shape[1:]))]))
        # By rows: in float64 a large target would not fit into memory as a whole.
        return sum_of_rows(target, _squares).clamp_min(1e-12)

    def part(
        self,
        features: Tensor,
        weight: Tensor | None,
        target: Pixels,
        cut: Cut,
        scale: Tensor | None,
    ) -> Tensor:
        """Return the share of some positions."""
        assert scale is not None
        wanted = wide(window(target, cut.owned).to(features.device))
        squares = (wide(self.summarize(features, weight)) - wanted).square().flatten(1).sum(1)
        return (widest(squares) / scale.to(squares.device)).mean()


def _squares(row: Tensor) -> Tensor:
    """Sum the squares of a row of features (N, C, W) for each sample, in float64."""
    return widest(row).square().sum((1, 2))
