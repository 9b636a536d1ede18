"""Style as Gram matrices: which channels fire together (Gatys et al. 2016, eq. 3 to 5)."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from impasto.losses.additive import AdditiveLoss
from impasto.losses.squares import mean_square, relative_square
from impasto.numerics.moments import RawMoments, raw_moments


def gram_matrix(features: Tensor) -> Tensor:
    """The Gram matrix of eq. 3: (N, C, H, W) to (N, C, C), sums over positions, in float64."""
    return raw_moments(features).second


@dataclass(frozen=True)
class GramLoss(AdditiveLoss):
    """Squared difference of Gram matrices.

    Forms, with N channels and M positions: `paper`, the sum over 4 N^2 M^2 (eq. 4); `mean`, the
    mean square of matrices per position (G / M), four times the former; `relative`, the latter over
    the target's own mean square. Where the paper needs both images to have M positions, the target
    is brought to M: the Gram matrices are compared per position.
    """

    form: Literal["paper", "mean", "relative"] = "paper"

    def distance(self, statistics: RawMoments, target: RawMoments) -> Tensor:
        """Compare Gram matrices per position."""
        gram, wanted = statistics.per_position().second, target.per_position().second
        if self.form == "relative":
            return relative_square(gram, wanted)
        distance = mean_square(gram, wanted)
        return distance / 4 if self.form == "paper" else distance
