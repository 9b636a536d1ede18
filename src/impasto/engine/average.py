"""The average of iterates: steadier than the last one, at the same loss."""

import torch
from torch import Tensor

from impasto.engine.state import AverageState
from impasto.numerics.storage import MEMORY, Storage


class IterateAverage:
    """Exponential average, corrected for its start from nothing (as Adam's moments are).

    With decay 0 it is the last iterate.
    """

    def __init__(self, decay: float, storage: Storage = MEMORY) -> None:
        self.decay, self.count, self.storage = decay, 0, storage
        self.total: Tensor | None = None

    def state(self) -> AverageState:
        """Return what the next update depends on."""
        return AverageState(self.count, self.total)

    def restore(self, state: AverageState) -> None:
        """Go on from a state."""
        self.count, self.total = state.count, state.total

    def update(self, image: Tensor) -> None:
        """Take one iterate in."""
        self.count += 1
        if self.total is None or self.decay == 0:
            share = 1 - self.decay
            self.total = torch.mul(image, share, out=self.storage.like(image))
        else:
            self.total.lerp_(image, 1 - self.decay)

    def value(self) -> Tensor:
        """Return the average so far; at least one iterate must have been taken in."""
        assert self.total is not None, "the average of no iterates"
        if self.decay == 0:
            return self.total
        return torch.div(self.total, 1 - self.decay**self.count, out=self.storage.like(self.total))
