"""Style as the mean and covariance of channels.

The Gram matrix mixes both; apart, each counts relative to its own size. On compact networks this
wears a style better.
"""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from impasto.losses.additive import AdditiveLoss
from impasto.losses.squares import mean_square, relative_square
from impasto.numerics.moments import RawMoments


@dataclass(frozen=True)
class MomentsLoss(AdditiveLoss):
    """Squared difference of means plus that of covariances.

    Forms: `relative`, each over the squared size of the target's; `mean`, means of squares.
    """

    form: Literal["mean", "relative"] = "relative"

    def distance(self, statistics: RawMoments, target: RawMoments) -> Tensor:
        """Compare means and covariances."""
        mean, covariance = statistics.per_position().first, statistics.covariance()
        wanted_mean, wanted_covariance = target.per_position().first, target.covariance()
        apart = relative_square if self.form == "relative" else mean_square
        return apart(mean, wanted_mean) + apart(covariance, wanted_covariance)
