"""Listening: a thread that hears what is said to a job, and tells the engine's control."""

import json
import threading
import time
from types import TracebackType
from typing import Self

from impasto.engine.control import Control
from impasto.jobs.rounds import Round, Told

LOOK = 0.2
"""Seconds between two looks."""
HOLD = 10.0
"""Seconds for which a paused job keeps its worker."""


class Listening:
    """Hears what is said to a job while it is entered.

    What changes pixels is told to the run between two of its events, by the run's own thread, so
    that it is known after which step; that step is recorded, and whoever goes on from an earlier
    checkpoint says it again.
    """

    def __init__(self, round: Round, control: Control, leaving: threading.Event) -> None:
        self.round, self.control, self.leaving = round, control, leaving
        self.cancelled = self.leaves = self.releases = False
        self._step = 0
        self._last = 0
        self._waiting: list[Told] = []
        self._paused_since: float | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def went_on(self, step: int) -> None:
        """The run goes on from a checkpoint after a step: what was said since is said again."""
        self._step = step
        with self._lock:
            again = [told for told in self.round.told(0) if told.step is None or told.step >= step]
            self._waiting = [told for told in again if told.action in ("weight", "strength")]
        self._say()

    def stepped(self, step: int) -> None:
        """The run has done a step."""
        self._step = step
        self._say()

    def _say(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for told in waiting:
            values = json.loads(told.arguments)
            if told.action == "weight":
                self.control.change_weight(values["term"], values["value"])
            else:
                self.control.change_strength(values["value"])
            self.round.heard(told.number, self._step)

    def _listen(self) -> None:
        while not self._over.wait(LOOK):
            for told in self.round.told(self._last):
                self._last = told.number
                if told.step is None:
                    self._hear(told)
            self._leave_if_due()

    def _hear(self, told: Told) -> None:
        if told.action in ("weight", "strength"):
            with self._lock:
                if all(told.number != other.number for other in self._waiting):
                    self._waiting.append(told)
            return
        if told.action == "pause":
            self._paused_since = time.monotonic()
            self.control.pause()
        elif told.action == "resume":
            self._paused_since = None
            self.control.resume()
        elif told.action == "stop":
            self.control.stop("stopped on request")
        elif told.action == "cancel":
            self.cancelled = True
            self.control.stop("cancelled")
        self.round.heard(told.number, self._step)

    def _leave_if_due(self) -> None:
        if self.leaves or self.control.stopped is not None:
            return
        since = self._paused_since
        if since is not None and time.monotonic() - since > HOLD:
            self.leaves = self.releases = True
            self.control.stop("paused")
        elif self.leaving.is_set():
            self.leaves, self.releases = True, since is not None
            self.control.stop("the worker ends")
