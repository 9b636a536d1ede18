"""Adam (Kingma and Ba 2015) on pixels, held to [0, 1]."""

import torch
from torch import Tensor

from impasto.engine.optimizers.optimizer import Evaluate, Update
from impasto.engine.state import State
from impasto.images.resize import resize_signed
from impasto.numerics.bands import bands, blurred_rows
from impasto.numerics.storage import MEMORY, Storage

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
        storage: where the moments and the images lie.
    """

    settling = 1

    def __init__(
        self, learning_rate: float, smoothing: float = 0.0, storage: Storage = MEMORY
    ) -> None:
        self.learning_rate, self.smoothing, self.count = learning_rate, smoothing, 0
        self.storage = storage
        self.first: Tensor | None = None
        self.second: Tensor | None = None

    def step(self, image: Tensor, evaluate: Evaluate, pace: float = 1.0) -> Update:
        """Take one step; pixels stay in [0, 1]."""
        losses, gradient = evaluate(image)
        if self.first is None or self.second is None:
            self.first, self.second = (
                self.storage.zeros(image.shape, gradient.dtype, gradient.device) for _ in range(2)
            )
        self.count += 1
        moved = self.storage.like(image)
        for rows in bands(image.shape):
            smooth = blurred_rows(gradient, self.smoothing, rows)
            parts = (part[..., rows, :] for part in (image, self.first, self.second, moved))
            self._move(pace, smooth, *parts)
        return Update(losses, moved)

    def _move(
        self,
        pace: float,
        gradient: Tensor,
        image: Tensor,
        first: Tensor,
        second: Tensor,
        moved: Tensor,
    ) -> None:
        """Take the step in a band: the moments are updated, and `moved` is written."""
        first.lerp_(gradient, 1 - BETAS[0])
        second.lerp_(gradient.square(), 1 - BETAS[1])
        size = (second / (1 - BETAS[1] ** self.count)).sqrt_().add_(EPSILON)
        rate = pace * self.learning_rate / (1 - BETAS[0] ** self.count)
        torch.addcdiv(image, first, size, value=-rate, out=moved).clamp_(0, 1)

    def objective_changed(self, *, slightly: bool = False) -> None:
        """Keep the moments: they follow within a few steps."""

    def resized(self, height: int, width: int) -> "Adam":
        """Carry both moments over, resized."""
        other = Adam(self.learning_rate, self.smoothing, self.storage)
        if self.first is not None and self.second is not None:
            other.count = self.count
            other.first = resize_signed(self.first, height, width, storage=self.storage)
            other.second = resize_signed(self.second, height, width, storage=self.storage)
        return other

    def slower(self, factor: float) -> "Adam":
        """Start afresh with a smaller learning rate."""
        return Adam(self.learning_rate * factor, self.smoothing, self.storage)

    def state(self) -> State:
        """Return the moments, the count of steps, and the rate, which may have been slowed."""
        moments = {"first": self.first, "second": self.second}
        return {
            "learning_rate": torch.tensor(self.learning_rate, dtype=torch.float64),
            "count": torch.tensor(self.count),
        } | {name: moment for name, moment in moments.items() if moment is not None}

    def restored(self, state: State) -> "Adam":
        """Return one that goes on from a state."""
        other = Adam(float(state["learning_rate"]), self.smoothing, self.storage)
        other.count = int(state["count"])
        other.first, other.second = state.get("first"), state.get("second")
        return other
