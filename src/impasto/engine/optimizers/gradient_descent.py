"""Plain gradient descent with a fixed step, held to [0, 1]."""

from math import sqrt

import torch
from torch import Tensor

from impasto.engine.optimizers.optimizer import Evaluate, Update
from impasto.engine.state import State
from impasto.numerics.bands import mean_square
from impasto.numerics.storage import MEMORY, Storage


class GradientDescent:
    """`image - rate * gradient`.

    Losses of different forms have gradients of very different sizes, so the rate is set once, at
    the first step, such that this moves pixels by the learning rate in the root mean square; from
    then on it is a constant, as in the textbook.
    """

    settling = 1

    def __init__(self, learning_rate: float, storage: Storage = MEMORY) -> None:
        self.learning_rate, self.storage = learning_rate, storage
        self.rate: float | None = None

    def step(self, image: Tensor, evaluate: Evaluate, pace: float = 1.0) -> Update:
        """Take one step; pixels stay in [0, 1]."""
        losses, gradient = evaluate(image)
        if self.rate is None:
            size = sqrt(mean_square(gradient))
            self.rate = self.learning_rate / size if size > 0 else None
        moved = self.storage.like(image)
        torch.add(image, gradient, alpha=-pace * (self.rate or 0.0), out=moved).clamp_(0, 1)
        return Update(losses, moved)

    def objective_changed(self, *, slightly: bool = False) -> None:
        """Set the rate anew at the next step."""
        self.rate = None

    def resized(self, height: int, width: int) -> "GradientDescent":
        """Start afresh: the gradient's size changes with the image's."""
        return GradientDescent(self.learning_rate, self.storage)

    def slower(self, factor: float) -> "GradientDescent":
        """Start afresh with a smaller learning rate."""
        return GradientDescent(self.learning_rate * factor, self.storage)

    def state(self) -> State:
        """Return the learning rate, which may have been slowed, and the rate once it is set."""
        rates = {"learning_rate": self.learning_rate, "rate": self.rate}
        return {
            name: torch.tensor(rate, dtype=torch.float64)
            for name, rate in rates.items()
            if rate is not None
        }

    def restored(self, state: State) -> "GradientDescent":
        """Return one that goes on from a state."""
        other = GradientDescent(float(state["learning_rate"]), self.storage)
        other.rate = float(state["rate"]) if "rate" in state else None
        return other
