"""Go on with a run that was interrupted, from its folder of checkpoints."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from os import PathLike
from pathlib import Path

import torch

from impasto.assemble import Prepared, prepare
from impasto.checkpoints.folder import Folder, read_plan, reopened
from impasto.checkpoints.keeper import latest
from impasto.checkpoints.plan import RunPlan
from impasto.checkpoints.runs import kept
from impasto.engine.control import Control
from impasto.engine.schedule import Stage
from impasto.engine.state import RunState
from impasto.errors import InternalError
from impasto.events import Event, Finished, Planned, Resumed, Warned
from impasto.executing import storage_of
from impasto.guides.blend import Blend
from impasto.guides.guides import Guides
from impasto.guides.make import make_guides
from impasto.guides.sources import GuideSources
from impasto.images.codec import decode
from impasto.images.picture import Picture
from impasto.result import Result, result_of
from impasto.shared import Shared
from impasto.sharing import TILE, Sharing, followed


def resume(
    checkpoint: str | PathLike[str],
    *,
    device: str | None = None,
    time_limit: float | None = None,
    control: Control | None = None,
    listen: Callable[[Event], None] | None = None,
) -> Result:
    """Go on with a run from its folder of checkpoints.

    The result has the bytes of a run that was never interrupted, on the same machine. Of a complete
    run, the result is made again without a step.

    Args:
        checkpoint: the folder that was given as `checkpoint` when the run began.
        device: auto, cpu, cuda or mps; None for the one that the run began on, which alone gives
            the same bytes.
        time_limit: seconds for this process; None takes those that the run began with.
        control: to stop, pause or steer the run from another thread.
        listen: is called with every event.

    Raises:
        InputError: the folder holds no run, or another process works there; an input is missing or
            another; every checkpoint is damaged.
    """
    for event in resume_events(checkpoint, device=device, time_limit=time_limit, control=control):
        if isinstance(event, Result):
            return event
        if listen is not None:
            listen(event)
    raise InternalError("the run ended without a result")


def resume_events(
    checkpoint: str | PathLike[str],
    *,
    device: str | None = None,
    time_limit: float | None = None,
    control: Control | None = None,
    shared: Shared | None = None,
    sharing: Sharing | None = None,
) -> Iterator[Event | Result]:
    """Do what `resume` does, as a generator: events while it works, and the Result at the end.

    While it works, torch has the number of threads that the run began with. What is `shared` among
    runs on the same pictures is made once. Processes that are `sharing` the run all call this
    alike; only rank 0 gets a Result.
    """
    path = Path(checkpoint).expanduser()
    follows = sharing is not None and not sharing.leads
    with nullcontext(Folder(path)) if follows else reopened(path) as folder:
        plan = read_plan(path)
        for file in plan.inputs:
            file.check()
        yield from map(Warned, plan.differences())
        plan = plan if device is None else replace(plan, device=device)
        with _threads(plan.threads):
            yield from _gone_on(folder, plan, time_limit, control or Control(), shared, sharing)


def _gone_on(
    folder: Folder,
    plan: RunPlan,
    time_limit: float | None,
    control: Control,
    shared: Shared | None,
    sharing: Sharing | None,
) -> Iterator[Event | Result]:
    (content,) = map(_read, plan.files("content"))
    styles = [_read(path) for path in plan.files("style")]
    guides = make_guides(plan.recipe, _guide_sources(plan), content, styles)
    yield Planned(plan.execution)
    if sharing is not None:
        sharing.check_alike(plan.recipe, [content, *styles])
    prepared = _prepared(plan, content, styles, guides, time_limit, shared, sharing)
    state, warnings = latest(folder, prepared.device, prepared.job.storage)
    if state is None:
        control.follow(plan.replay)
    if sharing is not None:
        sharing.check_state(state)
        if not sharing.leads:
            yield from followed(prepared.job, control, plan.every, state)
            return
    yield prepared.announced()
    yield from map(Warned, warnings)
    yield _resumed(folder, state)
    events = kept(prepared.job, control, folder, plan.every, state)
    blend = Blend(guides, content, prepared.job.storage)
    for event in blend.events(events):
        yield event
        if isinstance(event, Finished):
            yield result_of(event, prepared.recipe, content, blend)


def _guide_sources(plan: RunPlan) -> GuideSources:
    return GuideSources(
        protect=plan.file("protect"),
        regions=plan.files("regions"),
        style_masks=plan.files("style_masks"),
        detector=plan.file("detector"),
        pixel_limit=sys.maxsize,
    )


def _prepared(
    plan: RunPlan,
    content: Picture,
    styles: list[Picture],
    guides: Guides,
    time_limit: float | None,
    shared: Shared | None,
    sharing: Sharing | None,
) -> Prepared:
    """Prepare the job again, with the stages as they were planned."""
    start = plan.file("start")
    prepared = prepare(
        plan.recipe,
        content,
        styles,
        weights=plan.file("weights"),
        start=None if start is None else _read(start),
        device=plan.device if sharing is None else sharing.device(plan.device),
        time_limit=plan.time_limit if time_limit is None else time_limit,
        shared=shared,
        guides=guides,
        storage=storage_of(plan.execution),
        tile=plan.execution.tile or (None if sharing is None else TILE),
        ranks=None if sharing is None else sharing.ranks,
        shows=None if sharing is None else sharing.shows,
    )
    stages = [Stage(n, s.height, s.width, s.steps) for n, s in enumerate(plan.stages, start=1)]
    return replace(prepared, job=replace(prepared.job, stages=tuple(stages)))


def _read(path: Path) -> Picture:
    """Read an input of the run; its hash says that it is the file the limit let in then."""
    return decode(path, pixel_limit=sys.maxsize)


def _resumed(folder: Folder, state: RunState | None) -> Resumed:
    if state is None:
        return Resumed(0, 0.0, str(folder.path))
    return Resumed(state.step, state.seconds, str(folder.path))


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
