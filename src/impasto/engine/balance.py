"""Balance: the content weight at which content and style pull equally hard on the pixels.

The losses of different forms, layers and networks differ by many orders of magnitude, so fixed
weights carry over from nothing to anything. Where `balance = "equal"`, weights are ratios of pulls.
"""

from torch import Tensor

from impasto.engine.optimizers.adam import Adam
from impasto.engine.pixel_objective import PixelObjective
from impasto.engine.shards import WHOLE, Shards

PILOT_STEPS = 8
NEAR = 0.05
"""A start is near the content if its content loss is below this share of that after the pilot."""


def content_factor(objective: PixelObjective, image: Tensor, shards: Shards = WHOLE) -> float:
    """Return the factor for the content weight at which both terms have gradients of one size.

    The sizes are compared without the weights that the recipe gives the terms. At or near a copy of
    the content its loss and gradient are next to nothing; there a few steps by the style alone come
    first, and the sizes are compared where these arrive.

    Args:
        objective: with terms named `content` and `style`; others do not matter.
        image: (1, 3, H, W), where the run starts.
        shards: how it is divided.

    Returns:
        The factor; 1 where either term is absent, unweighted or without gradient.
    """
    weights = objective.weights()
    if not (weights.get("content") and weights.get("style")):
        return 1.0
    piloted = _piloted(objective, image)
    near_content = _content_loss(objective, image) < NEAR * _content_loss(objective, piloted)
    there = piloted if near_content else image
    style, content = (_pull(objective, name, there, shards) for name in ("style", "content"))
    return style / content if content > 0 and style > 0 else 1.0


def at_size(factor: float, objective: PixelObjective, first_to_this: float) -> float:
    """Bring a factor measured in the first stage to a stage of another size.

    A content loss that sums over positions grows with the picture, one that averages does not.

    Args:
        factor: from `content_factor`.
        objective: of the stage.
        first_to_this: ratio of the pixels of the first stage to those of this one.
    """
    losses = [t.term.loss for t in objective.targets if t.term.name == "content"]
    return (
        factor * first_to_this if any(getattr(loss, "sums", False) for loss in losses) else factor
    )


def _alone(objective: PixelObjective, name: str) -> PixelObjective:
    return objective.reweighted({term: float(term == name) for term in objective.weights()})


def _content_loss(objective: PixelObjective, image: Tensor) -> float:
    return float(_alone(objective, "content").measure(image).total)


def _pull(objective: PixelObjective, name: str, image: Tensor, shards: Shards) -> float:
    _, gradient = _alone(objective, name).value_and_gradient(image)
    return shards.norm(gradient)


def _piloted(objective: PixelObjective, image: Tensor) -> Tensor:
    optimizer, style = Adam(learning_rate=0.02), _alone(objective, "style")
    for _ in range(PILOT_STEPS):
        image = optimizer.step(image, style.value_and_gradient).image
    return image
