"""Listening: a thread that hears what is said to a job, and tells the engine's control."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError

from impasto.engine.control import Control
from impasto.jobs.rounds import Round, Told
from impasto.jobs.values import JobStatus

LOOK = 0.2
"""Seconds between two looks."""
HOLD = 3.0
"""Seconds for which a paused job keeps its worker."""


class Listening:
    """Hears what is said to a job while it is entered.

    What changes pixels is told to the run between two of its events, by the run's own thread, so
    that it is known after which step; that step is recorded, and whoever goes on from an earlier
    checkpoint says it again.

    Args:
        round: whose job.
        control: of its run.
        leaving: whether the worker is asked to end.
    """

    def __init__(self, round: Round, control: Control, leaving: Callable[[], bool]) -> None:
        self.round, self.control, self.leaving = round, control, leaving
        self.lost = False
        """The job was ended or taken away meanwhile: there is nothing to keep."""
        self.leaves = False
        """The job is to be let go as soon as its state is kept."""
        self._step = self._last = 0
        self._waiting: list[Told] = []
        self._stops = False
        self._paused_since: float | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        with suppress(DBAPIError):
            self._look()
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
        again = [
            told
            for told in self.round.told(0, patient=True)
            if told.action != "stop" and told.step is not None and told.step >= step
        ]
        with self._lock:
            self._waiting = sorted([*again, *self._waiting], key=lambda told: told.number)
        self.stepped(step)

    def stepped(self, step: int) -> None:
        """The run has done so many steps, and does nothing until this returns."""
        self._step = step
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for told in waiting:
            values = json.loads(told.arguments)
            if told.action == "weight":
                self.control.change_weight(values["term"], values["value"])
            else:
                self.control.change_strength(values["value"])
            self.round.heard(told.number, step)
        if self._stops and step:
            self.control.stop("stopped on request")

    def _listen(self) -> None:
        while not self._over.wait(LOOK):
            with suppress(DBAPIError):  # it will answer again; until then nobody can say anything
                self._look()

    def _look(self) -> None:
        for told in self.round.told(self._last):
            self._last = told.number
            self._hear(told)
        status = self.round.status()
        if status is None:
            self.lost = True
            self.control.stop("cancelled")
            return
        self._pause(status is JobStatus.PAUSED)
        if self.control.stopped is None and (self.leaving() or self._rests()):
            self.leaves = True
            self.control.stop("interrupted")

    def _pause(self, wanted: bool) -> None:
        if wanted and self._paused_since is None:
            self._paused_since = time.monotonic()
            self.control.pause()
        elif not wanted and self._paused_since is not None:
            self._paused_since = None
            self.control.resume()

    def _hear(self, told: Told) -> None:
        """Hear something; a stop counts also where the worker that heard it has died."""
        if told.action == "stop":
            self._stops = True
            if self._step:
                self.control.stop("stopped on request")
        elif told.step is None:
            with self._lock:
                self._waiting.append(told)

    def _rests(self) -> bool:
        since = self._paused_since
        return since is not None and time.monotonic() - since > HOLD
