"""Performing: one job's run, listened to, steered, and kept.

Everything that it leaves on the disk is whole or not there, so it can be killed anywhere and begun
again: it goes on from the last checkpoint, and says nothing twice.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch

from impasto.checkpoints.folder import EVERY, is_complete, read_plan
from impasto.checkpoints.lock import Lock
from impasto.engine.control import Control
from impasto.engine.devices import choose_device
from impasto.errors import InputError, InternalError
from impasto.events import Event, Finished, StageFinished, Status
from impasto.executing import tune_allocator
from impasto.guides.sources import GuideSources
from impasto.jobs.home import Home
from impasto.jobs.keeping import Keeping
from impasto.jobs.listening import Listening
from impasto.jobs.rounds import Round
from impasto.jobs.values import Job, JobStatus
from impasto.recipe import Recipe
from impasto.result import Result
from impasto.resuming import resume_events
from impasto.shared import Shared
from impasto.stylizing import stylize_events

WAIT = 60.0
"""Seconds to wait for another worker that holds the job and does not seem to live."""

_log = logging.getLogger(__name__)


@dataclass
class Performance:
    """A worker's work on one round of a job."""

    home: Home
    round: Round
    device: str
    leaving: Callable[[], bool]
    """Whether the worker is asked to end."""
    checkpoint_every: int = EVERY
    """Steps."""
    networks: Shared = field(default_factory=Shared)
    """Those loaded already by this worker."""
    control: Control = field(default_factory=Control)

    def perform(self) -> None:
        """Do the job to its end, or until it is to be let go."""
        folder = self.home.job(self.round.id)
        if self.round.status(patient=True) is not None:
            folder.path.mkdir(parents=True, exist_ok=True)
            lock = self._locked()
            if lock is None:
                self.round.let_go()
                return
            try:
                self._perform()
            finally:
                lock.release()
        Keeping(folder).tidy(self.round)

    def _locked(self) -> Lock | None:
        """Keep out a worker that was thought to be dead; None if it is at work still."""
        deadline = time.monotonic() + WAIT
        while True:
            try:
                return Lock(self.home.job(self.round.id).path / "lock")
            except BlockingIOError:
                if self.leaving() or time.monotonic() > deadline:
                    return None
                time.sleep(0.5)

    def _perform(self) -> None:
        job = self.round.take()
        if job is None:
            return
        if self.leaving():
            self.round.let_go()
            return
        keeping = Keeping(self.home.job(job.id))
        try:
            keeping.begin(job, self.home, self.round.names(job))
            result = self._run(job, keeping)
            if result is not None:
                self._finish(job, result, keeping)
        except Exception as error:
            _log.info("job %s failed", job.id, exc_info=True)
            self.round.end(
                JobStatus.FAILED, error=keeping.worded(_sentence(error)), bytes=keeping.bytes()
            )

    def _run(self, job: Job, keeping: Keeping) -> Result | None:
        """Run; None where the job is let go without a result."""
        with Listening(self.round, self.control, self.leaving) as listening:
            for item in self._events(job, keeping):
                tune_allocator(item)
                if isinstance(item, Result):
                    return self._wanted(item, listening)
                if listening.lost:
                    return None
                # A run that is only interrupted says the end of its stage where it goes on.
                cut = listening.leaves and isinstance(item, StageFinished)
                if not (cut or isinstance(item, Finished)):
                    keeping.see(item, self.round, listening)
        raise InternalError("the run ended without a result")

    def _wanted(self, result: Result, listening: Listening) -> Result | None:
        if listening.lost:
            return None
        if listening.leaves and result.status is Status.STOPPED:
            self.round.let_go()
            return None
        return result

    def _finish(self, job: Job, result: Result, keeping: Keeping) -> None:
        keeping.save(result, job.request.output)
        steps = len(result.trace.rows)
        made = {
            "width": result.picture.width,
            "height": result.picture.height,
            "step": steps,
            "bytes": keeping.bytes(),
        }
        if result.status is Status.DIVERGED:
            sentence = f"the run diverged: {result.reason}; try a lower learning rate"
            kept = self.round.end(JobStatus.FAILED, error=sentence, **made)
        elif result.status is Status.STOPPED:
            kept = self.round.end(JobStatus.STOPPED, **made)
        else:
            kept = self.round.end(JobStatus.COMPLETED, steps=steps, **made)
        if not kept:
            keeping.discard()

    def _events(self, job: Job, keeping: Keeping) -> Iterator[Event | Result]:
        folder = keeping.folder.checkpoint
        if not (folder / "run.json").exists():
            return self._begun(job, keeping)
        ours, theirs = choose_device(self.device), torch.device(read_plan(folder).device)
        elsewhere = ours.type != theirs.type and not is_complete(folder)
        return resume_events(
            folder,
            device=str(ours) if elsewhere else None,
            control=self.control,
            shared=Shared(self.networks),
        )

    def _begun(self, job: Job, keeping: Keeping) -> Iterator[Event | Result]:
        request = job.request
        return stylize_events(
            self.home.upload(request.content),
            [self.home.upload(id) for id in request.styles],
            recipe=Recipe.from_dict(request.recipe),
            start=None if request.start is None else self.home.upload(request.start),
            device=self.device,
            pixel_limit=sys.maxsize,  # whoever took the pictures in had a limit
            control=self.control,
            checkpoint=keeping.folder.checkpoint,
            checkpoint_every=self.checkpoint_every,
            compactable=True,
            shared=Shared(self.networks),
            guides=GuideSources(
                protect=None if request.protect is None else self.home.upload(request.protect),
                regions=[self.home.upload(id) for id in request.regions],
                style_masks=[self.home.upload(id) for id in request.style_masks],
                pixel_limit=sys.maxsize,
            ),
        )


def _sentence(error: Exception) -> str:
    """Word an error for the user."""
    if isinstance(error, InputError):
        return str(error)
    text = str(error).lower()
    if isinstance(error, MemoryError) or "out of memory" in text or "not enough memory" in text:
        return "there was not enough memory for this size: try a smaller one"
    if isinstance(error, OSError):
        return f"the disk failed: {error.strerror or error}"
    return f"internal error: {type(error).__name__}: {error}"
