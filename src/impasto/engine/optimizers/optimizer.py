"""What every optimizer does: one step from an image and a way to evaluate it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from impasto.engine.losses import Losses
from impasto.engine.state import State

Evaluate = Callable[[Tensor], tuple[Losses, Tensor]]
"""An image (1, 3, H, W) to its losses and their gradient on its pixels."""


@dataclass(frozen=True)
class Update:
    """One step: the losses where it began, and the image where it ended."""

    losses: Losses
    image: Tensor
    converged: bool = False
    """No way further down was found: more steps would change nothing."""


class Optimizer(Protocol):
    """A way downhill, with what it remembers of the way so far."""

    settling: int
    """Steps that it needs to follow an objective that has changed."""

    def step(self, image: Tensor, evaluate: Evaluate, pace: float = 1.0) -> Update:
        """Take one step; the given image is not changed.

        Args:
            image: (1, 3, H, W).
            evaluate: gives losses and gradient.
            pace: factor on this step's length, where the optimizer does not find that by itself.
        """

    def objective_changed(self, *, slightly: bool = False) -> None:
        """Forget what was measured of an objective that is another one from now on.

        Args:
            slightly: a weight has moved by little; what was learned of the shape still holds.
        """

    def resized(self, height: int, width: int) -> "Optimizer":
        """Return an optimizer for images of another size, with what can be carried over."""

    def slower(self, factor: float) -> "Optimizer":
        """Return one that starts afresh with its step size times the factor."""

    def state(self) -> State:
        """Return all that the next step depends on, beside the recipe's settings."""

    def restored(self, state: State) -> "Optimizer":
        """Return an optimizer of these settings that goes on from a state."""
