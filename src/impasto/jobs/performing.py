"""Performing: one job's run, listened to, steered, and kept.

Everything that it leaves on the disk is whole or not there, so it can be killed anywhere and begun
again: it goes on from the last checkpoint, and says nothing twice.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from impasto.api import stylize_events
from impasto.checkpoints.folder import EVERY
from impasto.engine.control import Control
from impasto.errors import ImpastoError, InputError, InternalError
from impasto.events import Event, Finished, Status
from impasto.guides.sources import GuideSources
from impasto.jobs.home import Home
from impasto.jobs.keeping import Keeping
from impasto.jobs.listening import Listening
from impasto.jobs.rounds import Round
from impasto.jobs.values import Job, JobStatus
from impasto.recipe import Recipe
from impasto.result import Result
from impasto.resuming import resume_events


@dataclass
class Performance:
    """A worker's work on one round of a job."""

    home: Home
    round: Round
    device: str
    leaving: threading.Event
    """Set as the worker is asked to end."""
    control: Control = field(default_factory=Control)

    def perform(self) -> None:
        """Do the job to its end, or until it is to be let go."""
        job = self.round.take()
        if job is None:
            Keeping(self.home.job(self.round.id)).clear_if_ended(self.round)
            return
        keeping = Keeping(self.home.job(job.id))
        try:
            keeping.prepare()
            result = self._run(job, keeping)
        except Exception as error:
            self.round.end(JobStatus.FAILED, error=_sentence(error))
            keeping.clear()
            if not isinstance(error, ImpastoError | OSError | RuntimeError | MemoryError):
                raise
            return
        if result is not None:
            self._finish(job, result, keeping)

    def _run(self, job: Job, keeping: Keeping) -> Result | None:
        """Run; None where the job is let go without a result."""
        with Listening(self.round, self.control, self.leaving) as listening:
            for item in self._events(job, keeping, listening):
                if isinstance(item, Result):
                    return self._kept(item, listening, keeping)
                if not isinstance(item, Finished):
                    keeping.see(item, self.round, listening)
        raise InternalError("the run ended without a result")

    def _kept(self, result: Result, listening: "Listening", keeping: Keeping) -> Result | None:
        if listening.cancelled:
            self.round.end(JobStatus.CANCELLED)
            keeping.clear()
            return None
        if listening.leaves and result.status is Status.STOPPED:
            if not (listening.releases and self.round.release_paused()):
                self.round.put_back()
            return None
        return result

    def _finish(self, job: Job, result: Result, keeping: Keeping) -> None:
        keeping.save(result, job.request.output)
        size = {"width": result.picture.width, "height": result.picture.height}
        if result.status is Status.DIVERGED:
            sentence = f"the run diverged: {result.reason}; try a lower learning rate"
            self.round.end(JobStatus.FAILED, error=sentence, **size)
        elif result.status is Status.STOPPED:
            self.round.end(JobStatus.STOPPED, error="", **size)
        else:
            steps = len(result.trace.rows)
            self.round.end(JobStatus.COMPLETED, step=steps, steps=steps, **size)
        keeping.clear()

    def _events(
        self, job: Job, keeping: Keeping, listening: "Listening"
    ) -> Iterator[Event | Result]:
        folder = keeping.folder.checkpoint
        if (folder / "run.json").exists():
            return resume_events(folder, control=self.control)
        request = job.request
        return stylize_events(
            self.home.upload(request.content),
            [self.home.upload(id) for id in request.styles],
            recipe=Recipe.from_dict(request.recipe),
            start=None if request.start is None else self.home.upload(request.start),
            device=self.device,
            control=self.control,
            checkpoint=folder,
            checkpoint_every=EVERY,
            guides=GuideSources(
                protect=None if request.protect is None else self.home.upload(request.protect),
                regions=[self.home.upload(id) for id in request.regions],
                style_masks=[self.home.upload(id) for id in request.style_masks],
            ),
        )


def _sentence(error: Exception) -> str:
    """Word an error for the user, who knows no paths of ours."""
    if isinstance(error, InputError):
        return str(error)
    text = str(error).lower()
    if isinstance(error, MemoryError) or "out of memory" in text or "not enough memory" in text:
        return "there was not enough memory for this size: try a smaller one"
    if isinstance(error, OSError):
        return f"the disk failed: {error.strerror or error}"
    return f"internal error: {type(error).__name__}: {error}"
