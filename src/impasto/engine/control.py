"""Control: what others may do to a run while it works, from any thread."""

import threading
from math import isfinite

from impasto.errors import InputError


class Control:
    """Stop, pause and resume a run, or change the weights of its terms.

    The engine looks here between two steps and writes what it did into the result's timeline.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._may_run = threading.Event()
        self._may_run.set()
        self._weights: dict[str, float] = {}
        self._stopped: str | None = None

    def stop(self, reason: str = "interrupted") -> None:
        """End the run after the step under way, with the image so far."""
        with self._lock:
            self._stopped = self._stopped or reason
            self._may_run.set()

    def pause(self) -> None:
        """Hold the run after the step under way; a run that was stopped is not held."""
        with self._lock:
            if self._stopped is None:
                self._may_run.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        self._may_run.set()

    def change_weight(self, term: str, weight: float) -> None:
        """Give a term (`content`, `style`, `total_variation`) another weight from now on.

        Raises:
            InputError: the weight is negative or not a number.
        """
        if not (isfinite(weight) and weight >= 0):
            raise InputError(f"a weight must be a number of at least 0, got {weight!r}")
        with self._lock:
            self._weights[term] = weight

    @property
    def stopped(self) -> str | None:
        """Why the run should end, if it should."""
        return self._stopped

    @property
    def paused(self) -> bool:
        """Whether the run should hold."""
        return not self._may_run.is_set()

    def wait(self) -> None:
        """Wait while paused."""
        self._may_run.wait()

    def take_weights(self) -> dict[str, float]:
        """Return the changes since the last call."""
        with self._lock:
            taken, self._weights = self._weights, {}
        return taken
