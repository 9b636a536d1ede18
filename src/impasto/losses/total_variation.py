"""Total variation: the mean difference between neighbors (Mahendran and Vedaldi 2015, sec. 3)."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor


@dataclass(frozen=True)
class TotalVariationLoss:
    """Mean over pixels and channels of the differences to the right and lower neighbor.

    Forms: `l1`, absolute differences, keeps edges; `l2`, squared ones, smooths. It has no target.
    """

    form: Literal["l1", "l2"] = "l2"
    contract: Literal["local"] = "local"

    def summarize(
        self,
        features: Tensor,
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Return the variation itself, a scalar; `weight` weighs the pixel on the left or above."""
        across = features[..., :, 1:] - features[..., :, :-1]
        down = features[..., 1:, :] - features[..., :-1, :]
        size = torch.abs if self.form == "l1" else torch.square
        if weight is not None:
            return (size(across) * weight[..., :, :-1]).sum() / features.numel() + (
                size(down) * weight[..., :-1, :]
            ).sum() / features.numel()
        return (size(across).sum() + size(down).sum()) / features.numel()

    def distance(self, statistics: Tensor, target: object = None) -> Tensor:
        """Return the variation."""
        return statistics
