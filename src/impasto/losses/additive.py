"""What losses on means and products of channels share: one additive statistic, the raw moments."""

from dataclasses import dataclass, field
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
