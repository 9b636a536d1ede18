"""What losses on means and products of channels share: one additive statistic, the raw moments."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Literal

import torch
from torch import Tensor

from impasto.numerics.moments import RawMoments, raw_moments


@dataclass(frozen=True)
class AdditiveLoss:
    """A loss whose statistic is sums over positions, so that parts of an image add up."""

    contract: Literal["additive"] = field(default="additive", init=False)

    def summarize(
        self,
        features: Tensor,
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> RawMoments:
        """Sum channels and their products over positions."""
        return raw_moments(features, weight)

    def mixed(self, summaries: Sequence[RawMoments], shares: Sequence[float]) -> RawMoments:
        """Mix means over positions, so that each has its share whatever its size."""
        parts = zip(summaries, shares, strict=True)
        return reduce(add, [summary.per_position().scaled(share) for summary, share in parts])
