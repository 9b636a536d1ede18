"""The average of iterates: steadier than the last one, at the same loss."""

from torch import Tensor

from impasto.engine.state import AverageState


class IterateAverage:
    """Exponential average, corrected for its start from nothing (as Adam's moments are).

    With decay 0 it is the last iterate.
    """

    def __init__(self, decay: float) -> None:
        self.decay, self.count = decay, 0
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
            self.total = image.clone() if self.decay == 0 else image * (1 - self.decay)
        else:
            self.total.lerp_(image, 1 - self.decay)

    def value(self) -> Tensor:
        """Return the average so far; at least one iterate must have been taken in."""
        assert self.total is not None, "the average of no iterates"
        return self.total if self.decay == 0 else self.total / (1 - self.decay**self.count)
