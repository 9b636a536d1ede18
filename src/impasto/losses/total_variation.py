"""Total variation: the mean difference between neighbors (Mahendran and Vedaldi 2015, sec. 3)."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from impasto.losses.term import Cut
from impasto.numerics.precision import widest
from impasto.numerics.windows import Box


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

    def context(self, owned: Box, grid: tuple[int, int]) -> Box:
        """Return the box with the neighbors to its right and below."""
        top, bottom, left, right = owned
        return (top, min(bottom + 1, grid[0]), left, min(right + 1, grid[1]))

    def scale(self, target: object) -> None:
        """Nothing: there is no target."""

    def part(
        self,
        features: Tensor,
        weight: Tensor | None,
        target: object,
        cut: Cut,
        scale: Tensor | None,
    ) -> Tensor:
        """Return the share of some positions: of the differences to their neighbors."""
        height, width = cut.owned[1] - cut.owned[0], cut.owned[3] - cut.owned[2]
        numbers = features.shape[0] * features.shape[1] * cut.grid[0] * cut.grid[1]
        # A difference belongs to its left or upper pixel, so the context adds none of its own.
        rows, columns = features[..., :height, :], features[..., :width]
        across, down = rows[..., 1:] - rows[..., :-1], columns[..., 1:, :] - columns[..., :-1, :]
        size = torch.abs if self.form == "l1" else torch.square
        across, down = size(across), size(down)
        if weight is not None:
            across = across * weight[..., :height, : across.shape[-1]]
            down = down * weight[..., : down.shape[-2], :width]
        return (widest(across.sum()) + widest(down.sum())) / numbers
