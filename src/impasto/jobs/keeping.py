"""Keeping: what a run leaves in its job's folder and record."""

import shutil
import time
from collections.abc import Mapping
from contextlib import suppress

from impasto.errors import InputError
from impasto.events import Checkpointed, Event, Prepared, Resumed, Step, Warned
from impasto.images.codec import encode
from impasto.jobs.counting import used
from impasto.jobs.frames import Frames, wanted
from impasto.jobs.home import Home, JobFolder
from impasto.jobs.listening import Listening
from impasto.jobs.log import EventLog, plain_event
from impasto.jobs.preview import Preview
from impasto.jobs.rounds import Round
from impasto.jobs.values import Job, Output
from impasto.recipe import Recipe
from impasto.result import Result

EVERY = 0.4
"""Seconds between two previews, and between two reports, at least."""


class Keeping:
    """Keeps events, preview, result and record of one job."""

    def __init__(self, folder: JobFolder) -> None:
        self.folder = folder
        self._warnings: list[str] = []
        self._names: dict[str, str] = {}
        self._work: list[float] = []  # of each step, in pixels
        self._reported = 0.0
        self._first: tuple[float, int] | None = None

    def begin(self, job: Job, home: Home, names: Mapping[str, str]) -> None:
        """Remove what another that was killed left half done, and open the log.

        Args:
            job: whose.
            home: where its pictures lie.
            names: what the user calls them, by their ids.
        """
        self._names = {str(home.upload(id)): name for id, name in names.items()} | dict(names)
        for folder in (self.folder.path, self.folder.frames):
            for part in folder.glob(".impasto-*"):
                part.unlink(missing_ok=True)
        self._log = EventLog(self.folder.events)
        color = Recipe.from_dict(job.request.recipe).color
        self._preview = Preview(self.folder.preview, color, home.upload(job.request.content))
        self._frames = Frames(self.folder.frames)
        self._warnings = list(job.warnings)

    def see(self, event: Event, round: Round, listening: Listening) -> None:
        """Keep what an event tells."""
        if isinstance(event, Warned):
            event = Warned(self.worded(event.message))
        if not isinstance(event, Checkpointed):
            self._log.add(*plain_event(event))
        if isinstance(event, Prepared):
            self._work = [float(s.height * s.width) for s in event.stages for _ in range(s.steps)]
            round.report(steps=event.steps)
        elif isinstance(event, Resumed):
            listening.went_on(event.step)
        elif isinstance(event, Checkpointed):
            round.report(deaths=0, bytes=self.bytes())
        elif isinstance(event, Warned) and event.message not in self._warnings:
            self._warnings.append(event.message)
            round.report(warnings=self._warnings)
        elif isinstance(event, Step):
            listening.stepped(event.step)
            self._step(event, round)
            self._frame(event)

    def save(self, result: Result, output: Output) -> None:
        """Write picture, trace and preview, each whole or not at all; then say that it is over."""
        result.trace.save(self.folder.trace)
        self._preview.picture(result.picture)
        encode(result.picture, self.folder.result, depth=output.depth, dpi=output.dpi)
        timeline = [entry.to_dict() for entry in result.timeline]
        over = {"status": result.status, "reason": result.reason, "timeline": timeline}
        self._log.add("finished", over)

    def worded(self, text: str) -> str:
        """Call the pictures in a sentence by the user's names for them, and not by our paths."""
        for ours, name in self._names.items():
            text = text.replace(ours, name)
        return text.replace(f"{self.folder.path}/", "")

    def bytes(self) -> int:
        """Return the size of everything that the job will leave, on the disk."""
        return used(self.folder.path) - used(self.folder.checkpoint)

    def discard(self) -> None:
        """Remove the result of a job that was cancelled as it came to its end."""
        for path in (self.folder.result, self.folder.trace):
            path.unlink(missing_ok=True)
        shutil.rmtree(self.folder.frames, ignore_errors=True)

    def tidy(self, round: Round) -> None:
        """Remove what is only needed until the job is over, if it is; everything, if it is gone."""
        round.drop()
        if round.is_over():
            shutil.rmtree(self.folder.checkpoint, ignore_errors=True)
            (self.folder.path / "lock").unlink(missing_ok=True)
        if round.is_gone():
            shutil.rmtree(self.folder.path, ignore_errors=True)

    def _step(self, event: Step, round: Round) -> None:
        moment = time.monotonic()
        if self._first is None:
            self._first = (moment, event.step)
        if moment - self._reported < EVERY and event.step < event.steps:
            return
        self._reported = moment
        losses = {name: value for name, value in plain_event(event)[1]["losses"].items() if value}
        left = self._seconds_left(event.step, moment)
        round.report(step=event.step, losses=losses, seconds_left=left)
        with suppress(OSError, InputError):  # a preview that fails is the next one's business
            self._preview.work(event.image)

    def _frame(self, event: Step) -> None:
        if wanted(event.step, event.steps):
            with suppress(OSError, InputError):  # the animation goes without it
                self._frames.keep(event.step, self._preview.developed(event.image))

    def _seconds_left(self, step: int, moment: float) -> float | None:
        if self._first is None or step <= self._first[1] or step > len(self._work):
            return None
        began, first = self._first
        done, left = sum(self._work[first:step]), sum(self._work[step:])
        return round((moment - began) * left / done, 1)
