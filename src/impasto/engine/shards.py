"""How a run's image is divided: not at all, or among processes (`engine/ranks/`)."""

from typing import Protocol

import torch
from torch import Tensor

from impasto.engine.control import Control
from impasto.engine.state import Keep, RunState
from impasto.events import Event
from impasto.images.resize import resize
from impasto.numerics.precision import widest
from impasto.numerics.storage import Storage


class Shards(Protocol):
    """What a run must do differently where it has a part of the image alone.

    All processes of a run do the same steps at the same time; they differ in the pixels they hold.
    """

    def fits(self, image: Tensor, height: int, width: int) -> bool:
        """Tell whether the whole that an image (1, 3, h, W) is a part of has a size."""

    def resized(self, image: Tensor, height: int, width: int, storage: Storage) -> Tensor:
        """Bring the whole to a size, and return the part of it that is held."""

    def norm(self, gradient: Tensor) -> float:
        """Return the Euclidean norm of the whole."""

    def control(self, control: Control) -> Control:
        """Make the control that all processes obey alike."""

    def restored(self, state: RunState) -> RunState:
        """Take the part that is held out of a state of the whole."""

    def keep(self, keep: Keep) -> Keep:
        """Show the state of the whole."""

    def shown(self, event: Event) -> Event:
        """Show the image of the whole."""


class Whole:
    """One process, which holds everything."""

    def fits(self, image: Tensor, height: int, width: int) -> bool:
        """Tell whether an image has a size."""
        return tuple(image.shape[-2:]) == (height, width)

    def resized(self, image: Tensor, height: int, width: int, storage: Storage) -> Tensor:
        """Resize an image."""
        return resize(image, height, width, storage=storage)

    def norm(self, gradient: Tensor) -> float:
        """Return the Euclidean norm."""
        return float(torch.linalg.vector_norm(widest(gradient)))

    def control(self, control: Control) -> Control:
        """Return the control."""
        return control

    def restored(self, state: RunState) -> RunState:
        """Return the state."""
        return state

    def keep(self, keep: Keep) -> Keep:
        """Return the keeper."""
        return keep

    def shown(self, event: Event) -> Event:
        """Return the event."""
        return event


WHOLE = Whole()
