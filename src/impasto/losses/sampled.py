"""What losses on distributions of features share: one global statistic, a sample of vectors.

Sorting and matching all positions of a shallow layer would cost more than the network does, so
they see a sample, spread evenly over the picture and drawn anew for each step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from impasto.numerics.precision import wide
from impasto.numerics.sampling import Draw, drawn, picked, picked_rows, positions


@dataclass(frozen=True)
class Sample:
    """Feature vectors at sampled positions."""

    rows: Tensor
    """(N, K, C), in float32 at least; no more than there are positions."""


@dataclass(frozen=True)
class SampledLoss:
    """A loss that compares samples of feature vectors, wherever in the picture they lie."""

    positions: int = 2048
    """Vectors in a sample at most, of the generated image and of the style."""
    contract: Literal["global"] = field(default="global", init=False)
    placed: Literal[False] = field(default=False, init=False)

    def summarize(
        self,
        features: Tensor,
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Sample:
        """Sample feature vectors; without a generator always the same ones."""
        draw = self.draw(tuple(features.shape[1:]), weight, generator)
        return self.gathered(wide(picked_rows(features, draw.at)), draw)

    def draw(
        self,
        shape: tuple[int, ...],
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Draw:
        """Draw positions of features of a shape (C, H, W), by weight (N or 1, 1, H, W) if given."""
        return drawn(shape, self.positions, weight, generator)

    def gathered(self, rows: Tensor, draw: Draw) -> Sample:
        """Make a sample of the vectors (N, K, C) at the positions that were drawn."""
        return Sample(rows)

    def mixed(self, summaries: Sequence[Sample], shares: Sequence[float]) -> Sample:
        """Sample the union of samples, in which each has its share whatever its size."""
        if len(summaries) == 1:
            return summaries[0]
        rows = torch.cat([summary.rows for summary in summaries], 1)
        weight = torch.cat(
            [
                torch.full((1, summary.rows.shape[1]), share / summary.rows.shape[1])
                for summary, share in zip(summaries, shares, strict=True)
            ],
            1,
        )
        count = max(summary.rows.shape[1] for summary in summaries)
        return Sample(picked(rows, positions(weight, count)[0]))


def mean_square_of(sample: Sample) -> Tensor:
    """(N,) mean square of a sample's numbers, never zero: what a relative loss is relative to."""
    return sample.rows.square().mean((1, 2)).clamp_min(1e-12)
