"""Style as the sliced Wasserstein distance between distributions of features (Heitz et al. 2021).

Projected on a direction, a distribution of feature vectors is a sorted list of numbers, and two
lists are compared number by number. Over all directions this captures the whole distribution, where
Gram matrices, moments and Wasserstein-2 between Gaussians see means and products alone.
"""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from impasto.losses.sampled import Sample, SampledLoss, mean_square_of
from impasto.numerics.quantiles import quantile_gap
from impasto.numerics.sampling import Draw


@dataclass(frozen=True)
class SlicedSample(Sample):
    """A sample, and the directions that both sides of a comparison are projected on."""

    directions: Tensor
    """(P, C), of length one."""


@dataclass(frozen=True)
class SlicedLoss(SampledLoss):
    """Mean over random directions of the squared Wasserstein-2 distance of projections.

    Heitz et al. take as many directions as channels, anew at each step, and a style with as many
    positions as the image; here quantile functions are compared, so that sizes may differ.

    Forms: `mean`, as it is, on the scale of a mean over channels; `relative`, over the mean square
    of the target's features. Around equal shapes both are those of the Wasserstein-2 loss.
    """

    form: Literal["mean", "relative"] = "relative"
    directions: int = 32

    def draw(
        self,
        shape: tuple[int, ...],
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Draw:
        """Draw positions, then directions; without a generator always the same ones."""
        chance = generator or torch.Generator().manual_seed(0)
        drawn = super().draw(shape, weight, generator)
        return replace(drawn, directions=torch.randn(self.directions, shape[0], generator=chance))

    def gathered(self, rows: Tensor, draw: Draw) -> SlicedSample:
        """Make a sample of vectors, with directions of length one."""
        assert draw.directions is not None
        return SlicedSample(rows, functional.normalize(draw.directions.to(rows), dim=1))

    def distance(self, statistics: SlicedSample, target: Sample) -> Tensor:
        """Compare projections on the directions of `statistics`."""
        ours, theirs = (
            statistics.directions @ sample.rows.transpose(1, 2) for sample in (statistics, target)
        )
        gap = quantile_gap(ours, theirs)
        return (gap if self.form == "mean" else gap / mean_square_of(target)).mean()
