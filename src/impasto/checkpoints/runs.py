"""Runs that keep their states in a folder: begun there, or gone on with."""

from collections.abc import Iterator
from pathlib import Path

from impasto.checkpoints.folder import Folder, claimed
from impasto.checkpoints.keeper import Keeper
from impasto.checkpoints.plan import RunPlan
from impasto.engine.control import Control
from impasto.engine.job import Job
from impasto.engine.run import run
from impasto.engine.state import RunState
from impasto.errors import InputError
from impasto.events import Event, Finished, Status, Warned


def begun(job: Job, control: Control, path: Path, plan: RunPlan) -> Iterator[Event]:
    """Run a job from its start, with checkpoints in a folder.

    Raises:
        InputError: the folder is a file, cannot be written, is in use, or holds a run already.
    """
    with claimed(path) as folder:
        folder.begin(plan)
        yield from kept(job, control, folder, plan.every)


def kept(
    job: Job, control: Control, folder: Folder, every: int, state: RunState | None = None
) -> Iterator[Event]:
    """Run a job, from a state if there is one, with checkpoints in a folder that is held."""
    keeper = Keeper(folder, every, None if state is None else state.step)
    for event in run(job, control, state=state, keep=keeper):
        if isinstance(event, Finished) and event.status is Status.COMPLETED:
            yield from _noted(folder)
        yield event


def _noted(folder: Folder) -> Iterator[Event]:
    try:
        folder.note_complete()
    except (OSError, InputError) as error:
        yield Warned(f"{folder.path} does not say that the run is complete: {error}")
