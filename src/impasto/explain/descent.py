"""A short descent for a lesson: an image made to fit one objective, from noise."""

from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.engine.objective import Objective
from impasto.engine.optimizers.adam import Adam


@dataclass(frozen=True, eq=False)
class Descent:
    """Where it ended, and the total on the way."""

    image: Tensor
    """(1, 3, H, W), sRGB in [0, 1]."""
    totals: tuple[float, ...]
    """Before each step, and at the end."""


def noise(height: int, width: int, seed: int = 0) -> Tensor:
    """Make (1, 3, height, width) of gray with noise, from which images are rebuilt."""
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(1, 3, height, width, generator=generator) * 0.1 + 0.5).clamp(0, 1)


def descend(
    objective: Objective, image: Tensor, steps: int, *, rate: float = 0.05, smoothing: float = 0.7
) -> Descent:
    """Take so many steps of Adam.

    Args:
        objective: what to lower.
        image: (1, 3, H, W), where to begin.
        steps: at least 1.
        rate: of learning, in pixel units a step; it shrinks to a fifth towards the end.
        smoothing: of the gradient, in pixels.
    """
    optimizer, totals = Adam(rate, smoothing), []
    for number in range(steps):
        optimizer.learning_rate = rate * (1 - 0.8 * number / steps)
        update = optimizer.step(image, objective.value_and_gradient)
        totals.append(float(update.losses.total))
        image = update.image
    with torch.no_grad():
        totals.append(float(objective.losses(image).total))
    return Descent(image.detach(), tuple(totals))
