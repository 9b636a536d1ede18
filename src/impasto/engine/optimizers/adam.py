"""Adam (Kingma and Ba 2015) on pixels, held to [0, 1]."""

import torch
import torch.nn.functional as functional
from torch import Tensor

from impasto.engine.optimizers.optimizer import Evaluate, Update
from impasto.engine.state import State
from impasto.numerics.filters import blurred

BETAS = (0.9, 0.99)
EPSILON = 1e-8


class Adam:
    """Steps of about the learning rate in every pixel, whatever the gradient's size.

    The second moment forgets faster than usual (0.99), since stages are short. Both moments are
    carried and resized from stage to stage, so that a stage does not start blindly. They are not
    scaled to the smaller gradients of a larger picture: steps that begin small ended lower.

    Args:
        learning_rate: in pixel units a step.
        smoothing: deviation in pixels of a Gaussian blur of the gradient (a Sobolev gradient). The
            frequencies near one pixel are what pooling hardly sees: unsmoothed, the optimizer fills
            flat regions with a weave of them. Strokes of 2 px and more go through.
    """

    settling = 1

    def __init__(self, learning_rate: float, smoothing: float = 0.0) -> None:
        self.learning_rate, self.smoothing, self.count = learning_rate, smoothing, 0
        self.first: Tensor | None = None
        self.second: Tensor | None = None

    def step(self, image: Tensor, evaluate: Evaluate) -> Update:
        """Take one step; pixels stay in [0, 1]."""
        losses, gradient = evaluate(image)
        gradient = blurred(gradient, self.smoothing) if self.smoothing else gradient
        if self.first is None or self.second is None:
            self.first, self.second = (
                gradient.new_zeros(image.shape),
                gradient.new_zeros(image.shape),
            )
        self.count += 1
        self.first.lerp_(gradient, 1 - BETAS[0])
        self.second.lerp_(gradient.square(), 1 - BETAS[1])
        size = (self.second / (1 - BETAS[1] ** self.count)).sqrt_().add_(EPSILON)
        rate = self.learning_rate / (1 - BETAS[0] ** self.count)
        return Update(losses, image.addcdiv(self.first, size, value=-rate).clamp_(0, 1))

    def objective_changed(self, *, slightly: bool = False) -> None:
        """Keep the moments: they follow within a few steps."""

    def resized(self, height: int, width: int) -> "Adam":
        """Carry both moments over, resized."""
        other = Adam(self.learning_rate, self.smoothing)
        if self.first is not None and self.second is not None:
            other.count = self.count
            other.first = _resized(self.first, height, width)
            other.second = _resized(self.second, height, width)
        return other

    def slower(self, factor: float) -> "Adam":
        """Start afresh with a smaller learning rate."""
        return Adam(self.learning_rate * factor, self.smoothing)

    def state(self) -> State:
        """Return the moments, the count of steps, and the rate, which may have been slowed."""
        moments = {"first": self.first, "second": self.second}
        return {
            "learning_rate": torch.tensor(self.learning_rate, dtype=torch.float64),
            "count": torch.tensor(self.count),
        } | {name: moment for name, moment in moments.items() if moment is not None}

    def restored(self, state: State) -> "Adam":
        """Return one that goes on from a state."""
        other = Adam(float(state["learning_rate"]), self.smoothing)
        other.count = int(state["count"])
        other.first, other.second = state.get("first"), state.get("second")
        return other


def _resized(moment: Tensor, height: int, width: int) -> Tensor:
    return functional.interpolate(moment, (height, width), mode="bilinear", antialias=True)
