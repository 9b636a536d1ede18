"""The run: stages of steps, as a generator of events that ends with `Finished`."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from impasto.engine import balance
from impasto.engine.average import IterateAverage
from impasto.engine.control import Control
from impasto.engine.guard import RETRIES, SLOWER, Guard
from impasto.engine.objective import Objective
from impasto.engine.optimizers.optimizer import Optimizer, Update
from impasto.engine.schedule import Stage
from impasto.events import (
    Balanced,
    Event,
    Finished,
    StageFinished,
    StageStarted,
    Status,
    Step,
    Warned,
)
from impasto.images.resize import resize
from impasto.trace import Trace, TraceRow


@dataclass(frozen=True)
class Job:
    """What a run needs; everything in it is made by somebody else."""

    stages: Sequence[Stage]
    objective: Callable[[Stage], Objective]
    """Makes the objective of a stage: its pictures at that size, its targets."""
    start: Callable[[Stage], Tensor]
    """Makes the image that the first stage starts from, (1, 3, H, W)."""
    optimizer: Optimizer
    """Fresh: what it learns of one run does not suit another."""
    average: float = 0.0
    balanced: bool = False
    time_limit: float | None = None
    """Seconds."""


def run(job: Job, control: Control | None = None) -> Iterator[Event]:
    """Run a job; yields events as things happen, and `Finished` as the last one."""
    yield from _Run(job, control or Control()).events()


@dataclass
class _Run:
    job: Job
    control: Control
    trace: Trace = field(default_factory=Trace)
    timeline: list[tuple[int, str]] = field(default_factory=list)
    began: float = field(default_factory=lambda: time.monotonic())
    weights: dict[str, float] = field(default_factory=dict)
    content_factor: float | None = None
    retries: int = 0

    def events(self) -> Iterator[Event]:
        image, optimizer = self.job.start(self.job.stages[0]), self.job.optimizer
        for stage in self.job.stages:
            if tuple(image.shape[-2:]) != (stage.height, stage.width):
                image = resize(image, stage.height, stage.width)
                optimizer = optimizer.resized(stage.height, stage.width)
            yield StageStarted(
                stage.index, len(self.job.stages), stage.height, stage.width, stage.steps
            )
            work = _StageRun(self, stage, self.job.objective(stage), optimizer, image)
            yield from work.events()
            image, optimizer = work.finish(), work.optimizer
            yield StageFinished(stage.index, image)
            if work.ended is not None:
                yield self._finished(*work.ended, image)
                return
        yield self._finished(Status.COMPLETED, "", image)

    def seconds(self) -> float:
        return time.monotonic() - self.began

    def stop_reason(self) -> str | None:
        limit = self.job.time_limit
        if limit is not None and self.seconds() >= limit:
            return f"the time limit of {limit:g} s was reached"
        return self.control.stopped

    def note(self, what: str) -> None:
        self.timeline.append((len(self.trace.rows), what))

    def _finished(self, status: Status, reason: str, image: Tensor) -> Finished:
        if status is Status.STOPPED:
            self.note(f"stopped: {reason}")
        return Finished(status, reason, image, self.trace, tuple(self.timeline))


@dataclass
class _StageRun:
    """One stage of a run."""

    run: _Run
    stage: Stage
    objective: Objective
    optimizer: Optimizer
    image: Tensor
    ended: tuple[Status, str] | None = None
    converged: bool = False

    def __post_init__(self) -> None:
        self.guard, self.average = Guard(), IterateAverage(self.run.job.average)
        self.start = self.good = self.image
        self.unweighted = self.objective

    def events(self) -> Iterator[Event]:
        yield from self._balance()
        yield from self._reweigh()
        for _ in range(self.stage.steps):
            yield from self._obey()
            reason = self.run.stop_reason()
            if reason is not None:
                self.ended = (Status.STOPPED, reason)
                return
            yield from self._step()
            if self.ended is not None or self.converged:
                return

    def finish(self) -> Tensor:
        """Return the stage's image, the average of its iterates or the last good one, in [0, 1]."""
        if self.ended is not None and self.ended[0] is Status.DIVERGED:
            return self.good.clamp(0, 1)
        self.average.update(self.image)
        return self.average.value().clamp(0, 1)

    def _step(self) -> Iterator[Event]:
        phase = len(self.run.trace.rows)
        update = self.optimizer.step(
            self.image, lambda image: self.objective.value_and_gradient(image, phase)
        )
        problem = self.guard.problem(update)
        if problem is not None:
            yield from self._roll_back(problem)
            return
        # The losses of this image are known only now: until here it might have been a bad one.
        if self.image is not self.start:
            self.average.update(self.image)
        self.good, self.image, self.converged = self.image, update.image, update.converged
        yield self._recorded(update)

    def _roll_back(self, problem: str) -> Iterator[Event]:
        self.image = self.good
        if self.run.retries == RETRIES:
            self.ended = (Status.DIVERGED, problem)
            self.run.note(f"diverged: {problem}")
            return
        self.run.retries += 1
        self.optimizer = self.optimizer.slower(SLOWER)
        self.run.note(f"rolled back: {problem}")
        yield Warned(f"{problem}; going back to the last good image with smaller steps")

    def _recorded(self, update: Update) -> Step:
        losses, seconds = update.losses.values(), self.run.seconds()
        number, stage = len(self.run.trace.rows) + 1, self.stage
        self.run.trace.rows.append(
            TraceRow(number, stage.index, stage.height, stage.width, losses, seconds)
        )
        steps = sum(stage.steps for stage in self.run.job.stages)
        return Step(stage.index, number, steps, losses, seconds, update.image)

    def _balance(self) -> Iterator[Event]:
        """Measure in the first stage how hard content and style pull."""
        if self.run.job.balanced and self.run.content_factor is None:
            self.run.content_factor = balance.content_factor(self.objective, self.image)
            yield Balanced(self.run.content_factor)

    def _reweigh(self) -> Iterator[Event]:
        """Apply weights that were changed from outside, and the balance at this stage's size."""
        weights = self.unweighted.weights()
        for term in self.run.weights.keys() - weights.keys():
            del self.run.weights[term]
            yield Warned(f"this run has no term '{term}' whose weight could change")
        weights |= self.run.weights
        if self.run.content_factor is not None and "content" in weights:
            first = self.run.job.stages[0]
            ratio = first.height * first.width / (self.stage.height * self.stage.width)
            weights["content"] *= balance.at_size(self.run.content_factor, self.unweighted, ratio)
        self.objective = self.unweighted.reweighted(weights)

    def _obey(self) -> Iterator[Event]:
        """Do what the control asks for."""
        control = self.run.control
        if control.paused:
            self.run.note("paused")
            control.wait()
            self.run.note("resumed")
        changes = control.take_weights()
        if changes:
            for term, weight in changes.items():
                self.run.note(f"weight of {term} set to {weight:g}")
            self.run.weights |= changes
            yield from self._reweigh()
            self.optimizer.objective_changed()
