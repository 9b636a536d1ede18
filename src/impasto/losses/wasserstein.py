"""Style as the Wasserstein-2 distance between Gaussians with the features' means and covariances.

Where the moments loss compares a covariance number by number, this is the least mean square way
that feature vectors have to travel for one Gaussian to become the other (Givens and Shortt 1984).
It is a square of differences of deviations, not of variances: strong directions do not drown out
weak ones.
"""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from impasto.losses.additive import AdditiveLoss
from impasto.numerics.matrix_root import matrix_root
from impasto.numerics.moments import RawMoments


@dataclass(frozen=True)
class WassersteinLoss(AdditiveLoss):
    """|m - m'|^2 + tr(C + C' - 2 (C'^(1/2) C C'^(1/2))^(1/2)).

    Forms: `mean`, per channel; `relative`, over the target's own mean square |m'|^2 + tr C'.
    """

    form: Literal["mean", "relative"] = "relative"

    def distance(self, statistics: RawMoments, target: RawMoments) -> Tensor:
        """Compare means and covariances; never below zero."""
        mean, wanted = statistics.per_position().first, target.per_position().first
        root = target.covariance_root
        shared = matrix_root(root @ statistics.covariance() @ root)
        spread = _trace(statistics.covariance()) + _trace(target.covariance()) - 2 * _trace(shared)
        # Rounding can bring the distance of equal Gaussians below zero.
        squared = ((mean - wanted).square().sum(1) + spread).clamp_min(0)
        if self.form == "mean":
            return squared.mean() / mean.shape[1]
        size = wanted.square().sum(1) + _trace(target.covariance())
        return (squared / size.clamp_min(1e-12)).mean()


def _trace(matrix: Tensor) -> Tensor:
    return matrix.diagonal(dim1=1, dim2=2).sum(1)
