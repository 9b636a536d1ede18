"""Style as the histogram of each channel (Risser et al. 2017).

The paper matches each channel's histogram to the style's, holds the matched features still, and
compares the features with them. Matching sorted values to the style's quantile function is that
with as many bins as values: the number at each position is compared with the one of the same rank.
"""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from impasto.losses.sampled import Sample, SampledLoss, mean_square_of
from impasto.numerics.quantiles import quantile_gap


@dataclass(frozen=True)
class HistogramLoss(SampledLoss):
    """Mean square between features and the same features with matched histograms.

    Forms: `mean`, over positions and channels; `relative`, over the mean square of the target.
    """

    form: Literal["mean", "relative"] = "relative"

    def distance(self, statistics: Sample, target: Sample) -> Tensor:
        """Compare channel by channel."""
        gap = quantile_gap(
            *(sample.rows.transpose(1, 2).contiguous() for sample in (statistics, target))
        )
        return (gap if self.form == "mean" else gap / mean_square_of(target)).mean()
