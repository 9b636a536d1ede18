"""The run: stages of steps, as a generator of events that ends with `Finished`."""

from collections.abc import Iterator

from torch import Tensor

from impasto.engine.control import Control
from impasto.engine.course import Course
from impasto.engine.job import Job
from impasto.engine.optimizers.optimizer import Optimizer
from impasto.engine.stage_run import StageRun
from impasto.engine.state import Keep, RunState
from impasto.events import Event, Finished, StageFinished, StageStarted, Status
from impasto.timeline import Kind

__all__ = ["Job", "run"]


def run(
    job: Job,
    control: Control | None = None,
    *,
    state: RunState | None = None,
    keep: Keep | None = None,
) -> Iterator[Event]:
    """Run a job; yields events as things happen, and `Finished` as the last one.

    Args:
        job: what to do.
        control: to stop, pause and steer it; it follows what is left of a state's replay.
        state: where a run of an equal job was left; this one goes on from there. It is taken over:
            its tensors are written into.
        keep: is shown the state after every step, and as the run is stopped.
    """
    shards = job.shards
    held = None if state is None else shards.restored(state)
    course = Course(
        job, shards.control(control or Control()), None if keep is None else shards.keep(keep)
    )
    yield from map(shards.shown, _events(course, held))


def _events(course: Course, state: RunState | None) -> Iterator[Event]:
    job = course.job
    if state is not None:
        course.restore(state)
    if job.steps == 0:
        yield _finished(course, Status.COMPLETED, "", job.start(job.stages[-1]))
        return
    yield from course.estimate()
    image, optimizer, begun = _beginning(job, state)
    for stage in job.stages[0 if state is None else state.stage.index - 1 :]:
        if not job.shards.fits(image, stage.height, stage.width):
            image = job.shards.resized(image, stage.height, stage.width, job.storage)
            optimizer = optimizer.resized(stage.height, stage.width)
        yield StageStarted(stage.index, len(job.stages), stage.height, stage.width, stage.steps)
        work = StageRun(course, stage, course.objective(stage), optimizer, image)
        del image  # the stage holds it as long as it is needed
        if begun is not None:
            work.restore(begun.stage)
            begun = None
        yield from work.events()
        image, optimizer = work.finish(), work.optimizer
        yield StageFinished(stage.index, image)
        if work.ended is not None:
            yield _finished(course, *work.ended, image)
            return
    yield _finished(course, Status.COMPLETED, "", image)


def _beginning(job: Job, state: RunState | None) -> tuple[Tensor, Optimizer, RunState | None]:
    """Return image, optimizer, and the state to begin from, if there is one."""
    if state is None:
        return job.start(job.stages[0]), job.optimizer, None
    return state.stage.image, job.optimizer.restored(state.stage.optimizer), state


def _finished(course: Course, status: Status, reason: str, image: Tensor) -> Finished:
    if status is Status.STOPPED:
        course.note(Kind.STOPPED, reason)
    return Finished(status, reason, image, course.trace, tuple(course.trace.timeline))
