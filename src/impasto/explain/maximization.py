"""Activation maximization: the image that a channel would like best (Erhan et al. 2009)."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from impasto.engine.objective import Objective
from impasto.engine.targets import PIXELS, FeatureExtractor, free_target
from impasto.explain.descent import Descent, descend, noise
from impasto.losses.term import Term
from impasto.losses.total_variation import TotalVariationLoss


@dataclass(frozen=True)
class ActivationLoss:
    """Minus the mean activation of one channel, in units of a reference."""

    channel: int
    reference: float = 1.0
    contract: Literal["local"] = "local"

    def summarize(
        self,
        features: Tensor,
        weight: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Return the mean of the channel over positions, a scalar."""
        maps = features[:, self.channel].float()
        return (maps if weight is None else maps * weight[:, 0]).mean()

    def distance(self, statistics: Tensor, target: object = None) -> Tensor:
        """Return minus the mean: lower is more."""
        return -statistics / self.reference


def maximize(
    extractor: FeatureExtractor,
    layer: str,
    channel: int,
    *,
    side: int,
    steps: int,
    reference: float = 1.0,
    variation: float = 4.0,
    device: torch.device | None = None,
) -> Descent:
    """Climb from noise to an image at which a channel is as active as it gets.

    Args:
        extractor: the network.
        layer: of the channel.
        channel: its number.
        side: of the image, in pixels.
        steps: of Adam.
        reference: the activation in a real picture; total variation is weighed against it.
        variation: weight of total variation, without which nothing but noise appears.
        device: of the network; None for the CPU.
    """
    loss = ActivationLoss(channel, max(reference, 1e-6))
    terms = (
        Term("activation", loss, {layer: 1.0}),
        Term("total_variation", TotalVariationLoss("l2"), {PIXELS: 1.0}, variation),
    )
    objective = Objective(extractor, [free_target(term) for term in terms])
    return descend(objective, noise(side, side).to(device), steps)
