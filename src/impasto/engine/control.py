"""Control: what others may do to a run while it works, from any thread."""

import threading
from collections.abc import Iterable
from math import isfinite
from typing import Self

from impasto.errors import InputError
from impasto.timeline import STEERING, Kind, Timeline, TimelineEntry


class Control:
    """Stop, pause and resume a run, or change the weights of its terms or its strength.

    The engine looks here between two steps and writes what it did into the result's timeline.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._may_run = threading.Event()
        self._may_run.set()
        self._weights: dict[str, float] = {}
        self._strength: float | None = None
        self._stopped: str | None = None
        self._script: list[TimelineEntry] = []

    @classmethod
    def replaying(cls, timeline: Iterable[TimelineEntry]) -> Self:
        """Make a control that does again, at the same steps, what a timeline tells of."""
        control = cls()
        control.follow(timeline)
        return control

    def follow(self, timeline: Iterable[TimelineEntry]) -> None:
        """Also do again what a timeline tells of: changes of weights and strength, and the stop.

        Pauses change no pixel, and the guards' roll-backs happen again by themselves.
        """
        with self._lock:
            self._script += [entry for entry in timeline if entry.kind in STEERING]

    @property
    def pending(self) -> Timeline:
        """What is still to be done of the timelines followed."""
        return tuple(self._script)

    def arrive(self, step: int, retries: int) -> None:
        """The run is between two steps: ask for what the timelines followed tell of this place.

        What belongs to a place that this run never came to is done at the next one.
        """
        with self._lock:
            here = [e for e in self._script if (e.step, e.retries) <= (step, retries)]
            self._script = [entry for entry in self._script if entry not in here]
        for entry in here:
            if entry.kind is Kind.STOPPED:
                self.stop(entry.text)
            elif entry.value is not None and entry.kind is Kind.STRENGTH:
                self.change_strength(entry.value)
            elif entry.value is not None:
                self.change_weight(entry.term, entry.value)

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

    def change_strength(self, strength: float) -> None:
        """Aim at another strength from now on; a content weight set before counts no more.

        Raises:
            InputError: the strength is no number from 0 to 1.
        """
        if not 0 <= strength <= 1:
            raise InputError(f"a strength must be a number from 0 to 1, got {strength!r}")
        with self._lock:
            self._strength = strength
            self._weights.pop("content", None)

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

    def take_strength(self) -> float | None:
        """Return the strength asked for since the last call, if one was."""
        with self._lock:
            taken, self._strength = self._strength, None
        return taken

    def take_weights(self) -> dict[str, float]:
        """Return the changes since the last call."""
        with self._lock:
            taken, self._weights = self._weights, {}
        return taken
