"""Style as the mean and covariance of channels.

The Gram matrix mixes both; apart, each counts relative to its own size. On compact networks this
wears a style better.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from impasto.losses.squares import mean_square, relative_square
from impasto.numerics.moments import RawMoments, raw_moments


@dataclass(frozen=True)
class MomentsLoss:
    """Squared difference of means plus that of covariances.

    Forms: `relative`, each over the squared size of the target's; `mean`, means of squares.
    """

    form: Literal["mean", "relative"] = "relative"
    contract: Literal["additive"] = "additive"

    def summarize(
        self,
        features: Tensor,
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> RawMoments:
        """Sum channels and their products over positions."""
        return raw_moments(features, weight)

    def distance(self, statistics: RawMoments, target: RawMoments) -> Tensor:
        """Compare means and covariances."""
        mean, covariance = statistics.per_position().first, statistics.covariance()
        wanted_mean, wanted_covariance = target.per_position().first, target.covariance()
        apart = relative_square if self.form == "relative" else mean_square
        return apart(mean, wanted_mean) + apart(covariance, wanted_covariance)
