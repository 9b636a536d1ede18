"""One stage of a run: steps at one size, watched by the guard."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.engine import balance
from impasto.engine.average import IterateAverage
from impasto.engine.course import Course
from impasto.engine.guard import RETRIES, SLOWER, Guard
from impasto.engine.losses import Losses
from impasto.engine.optimizers.optimizer import Optimizer, Update
from impasto.engine.pilot import content_distance
from impasto.engine.pixel_objective import PixelObjective
from impasto.engine.schedule import Stage
from impasto.engine.state import StageState
from impasto.engine.strength import LAG_MEASURED, SETTLE
from impasto.events import Balanced, Event, Status, Step, Warned
from impasto.timeline import Kind
from impasto.trace import TraceRow


@dataclass
class StageRun:
    """One stage of a run; `events` does the work, `finish` returns the image."""

    course: Course
    stage: Stage
    objective: PixelObjective
    optimizer: Optimizer
    image: Tensor
    ended: tuple[Status, str] | None = None
    """How and why the run ends with this stage, if it does."""
    converged: bool = False
    tries: int = 0
    """Steps begun, those rolled back among them."""

    def __post_init__(self) -> None:
        job = self.course.job
        self.guard, self.average = Guard(), IterateAverage(job.average, job.storage)
        self.good = self.image
        self.start: Tensor | None = self.image
        self.unweighted = self.objective

    def events(self) -> Iterator[Event]:
        """Do the stage's steps."""
        yield from self._balance()
        if self.course.steering is not None and self.tries == 0:
            self.course.steering = self.course.steering.at_new_size()
        yield from self._reweigh()
        while self.tries < self.stage.steps and not self.converged:
            if self.course.obey():
                yield from self._reweigh()
                self.optimizer.objective_changed()
            reason = self.course.stop_reason()
            if reason is not None:
                yield from self._show(stopped=True)
                self.ended = (Status.STOPPED, reason)
                return
            self.tries += 1
            yield from self._step()
            if self.ended is not None:
                return
            yield from self._show()

    def finish(self) -> Tensor:
        """Return the stage's image, the average of its iterates or the last good one, in [0, 1]."""
        if self.ended is not None and self.ended[0] is Status.DIVERGED:
            return self._clamped(self.good)
        self.average.update(self.image)
        return self._clamped(self.average.value())

    def _clamped(self, image: Tensor) -> Tensor:
        return torch.clamp(image, 0, 1, out=self.course.job.storage.like(image))

    def state(self) -> StageState:
        """Return everything that the rest of the stage depends on."""
        return StageState(
            index=self.stage.index,
            tries=self.tries,
            converged=self.converged,
            image=self.image,
            good=self.good,
            image_is_start=self.image is self.start,
            good_is_start=self.good is self.start,
            average=self.average.state(),
            guard=self.guard.state(),
            optimizer=self.optimizer.state(),
        )

    def restore(self, state: StageState) -> None:
        """Put everything where it was but the optimizer, which its maker restores."""
        self.tries, self.converged, self.image = state.tries, state.converged, state.image
        both = state.image_is_start and state.good_is_start
        self.good = state.image if both else state.good
        # The start enters no average, and is known by its identity.
        starts = ((self.image, state.image_is_start), (self.good, state.good_is_start))
        self.start = next((image for image, is_start in starts if is_start), None)
        self.average.restore(state.average)
        self.guard.restore(state.guard)

    def _show(self, *, stopped: bool = False) -> Iterator[Event]:
        ends = stopped or self.converged or self.tries == self.stage.steps
        yield from self.course.show(self.state, ends=ends)

    def _step(self) -> Iterator[Event]:
        phase = self.course.step
        update = self.optimizer.step(
            self.image,
            lambda image: self.objective.value_and_gradient(image, phase),
            self.course.pace,
        )
        problem = self.guard.problem(update)
        if problem is not None:
            yield from self._roll_back(problem)
            return
        # The losses of this image are known only now: until here it might have been a bad one.
        if self.image is not self.start:
            self.average.update(self.image)
        self.good, self.image, self.converged = self.image, update.image, update.converged
        if self.good is not self.start:
            self.start = None  # nothing goes back to it any more
        yield from self.course.tell_tiles()
        yield self._recorded(update)
        yield from self._steer(update.losses)

    def _steer(self, losses: Losses) -> Iterator[Event]:
        """Bring the content weight nearer to what the strength needs, unless a person set one."""
        course = self.course
        aim, steering = course.job.strength, course.steering
        if aim is None or steering is None or "content" in course.weights:
            return
        every = self.optimizer.settling
        if self.tries < SETTLE or self.tries % every:
            return
        distance = float(losses.terms["content"]) / self.objective.weights()["content"]
        course.steering = steering.after(
            aim,
            distance,
            stage=self.stage.index,
            steps=every,
            memory=course.job.average,
        )
        if self._is_time_for_the_lag():
            found = content_distance(self.objective, self.average.value(), [course.step - 1])
            course.steering = course.steering.lagging(found)
        yield from self._reweigh()
        self.optimizer.objective_changed(slightly=True)

    def _is_time_for_the_lag(self) -> bool:
        """Tell whether to look at the average, which costs a forward pass: seldom, near the end."""
        last = self.stage.index == len(self.course.job.stages)
        averages = self.course.job.average > 0 and self.average.count > 0
        return last and averages and self.stage.steps - self.tries in LAG_MEASURED

    def _roll_back(self, problem: str) -> Iterator[Event]:
        self.image = self.good
        if self.course.retries == RETRIES:
            self.ended = (Status.DIVERGED, problem)
            self.course.note(Kind.DIVERGED, problem)
            return
        self.course.note(Kind.ROLLED_BACK, problem)
        self.course.retries += 1
        self.optimizer = self.optimizer.slower(SLOWER)
        yield Warned(f"{problem}; going back to the last good image with smaller steps")

    def _recorded(self, update: Update) -> Step:
        losses, seconds = update.losses.values(), self.course.seconds()
        number, stage = self.course.step + 1, self.stage
        self.course.trace.rows.append(
            TraceRow(number, stage.index, stage.height, stage.width, losses, seconds)
        )
        return Step(stage.index, number, self.course.job.steps, losses, seconds, update.image)

    def _balance(self) -> Iterator[Event]:
        """Measure in the first stage how hard content and style pull."""
        if self.course.job.balanced and self.course.content_factor is None:
            self.course.content_factor = balance.content_factor(
                self.objective, self.image, self.course.job.shards
            )
            yield Balanced(self.course.content_factor)

    def _reweigh(self) -> Iterator[Event]:
        """Apply weights that were changed from outside, and the balance at this stage's size."""
        course, weights = self.course, self.unweighted.weights()
        while course.complaints:
            yield Warned(course.complaints.pop())
        if course.steering is not None:
            weights["content"] = course.steering.weight
        for term in course.weights.keys() - weights.keys():
            del course.weights[term]
            yield Warned(f"this run has no term '{term}' whose weight could change")
        weights |= course.weights
        if course.content_factor is not None and "content" in weights:
            first = course.job.stages[0]
            ratio = first.height * first.width / (self.stage.height * self.stage.width)
            factor = balance.at_size(course.content_factor, self.unweighted, ratio)
            weights["content"] *= factor
        self.objective = self.unweighted.reweighted(weights)
