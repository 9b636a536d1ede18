"""The work itself: read, paint, save. This module loads torch; import it inside a command."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import torch

from impasto.checkpoints.folder import note_saved
from impasto.cli import native_stderr
from impasto.cli.exits import Failure, Interrupted
from impasto.cli.interrupts import Interrupts
from impasto.cli.job import Job
from impasto.cli.listeners import Listener, Outcome, Plan
from impasto.cli.print_options import Shares
from impasto.detail import detail_events
from impasto.engine.control import Control
from impasto.engine.region import Region
from impasto.errors import InputError, InternalError
from impasto.events import Event, Prepared, StageStarted, Step
from impasto.executing import tune_allocator
from impasto.guides.sources import GuideSources
from impasto.images import coloring
from impasto.images.codec import decode, encode
from impasto.images.filmstrip import Filmstrip
from impasto.images.picture import Picture
from impasto.numerics.allocator import keep_freed_memory
from impasto.result import Result
from impasto.resuming import resume_events
from impasto.sharing import Sharing
from impasto.stylizing import stylize_events


def work(
    job: Job,
    listener: Listener,
    interrupts: Interrupts,
    began: float,
    sharing: Sharing | None = None,
) -> Outcome:
    """Make the picture of a job and save it.

    Args:
        job: what to make.
        listener: hears of it.
        interrupts: may end it.
        began: when the command began, by the monotonic clock.
        sharing: processes that share the job, of which this one leads.
    """
    prepare_process(job)
    control = Control()
    like = None
    if job.save_every is not None or job.animation is not None:
        with native_stderr.silenced():
            like = decode(job.content, pixel_limit=job.pixel_limit)
    strip = None if job.animation is None else Filmstrip(lambda step: _shown(job, step, like))
    for item in events(job, control, sharing):
        if isinstance(item, Result):
            if not item.trace.rows and interrupts.received is not None:
                raise Interrupted(interrupts.received, f"{item.reason}: nothing to save")
            return _saved(job, item, strip, began)
        tune_allocator(item)
        if isinstance(item, Prepared):
            listener.planned(Plan(item, job.time_limit, torch.get_num_threads()))
        if isinstance(item, StageStarted):
            interrupts.stops(control)
        if isinstance(item, Step):
            if job.is_frame(item.step):
                encode(_shown(job, item, like), job.frame(item.step), **asdict(job.encoding))
            if strip is not None:
                strip.see(item)
        listener.event(item)
    raise InternalError("the run ended without a result")


def prepare_process(job: Job) -> None:
    """Tune the process for a job."""
    keep_freed_memory()
    if job.threads is not None:
        torch.set_num_threads(job.threads)


def events(job: Job, control: Control, sharing: Sharing | None = None) -> Iterator[Event | Result]:
    """Do a job, quietly as far as decoders are concerned; rank 0 alone gets a Result."""
    begun = _begun(job, control, sharing)
    item: Event | Result | None = None
    while not isinstance(item, Prepared | StageStarted):  # until then pictures are decoded
        with native_stderr.silenced():
            item = next(begun)
        yield item
    yield from begun


def _begun(job: Job, control: Control, sharing: Sharing | None) -> Iterator[Event | Result]:
    if job.resumed and job.checkpoint is not None:
        return resume_events(
            job.checkpoint, time_limit=job.time_limit, control=control, sharing=sharing
        )
    if job.detail is not None:
        if sharing is not None:
            raise InputError("several processes cannot share a --detail: run it in one process")
        return _detail(job, job.detail, control)
    return stylize_events(
        job.content,
        job.styles,
        recipe=job.recipe,
        weights=job.weights and job.weights.expanduser(),
        start=job.start,
        offline=job.offline,
        device=job.device,
        time_limit=job.time_limit,
        pixel_limit=job.pixel_limit,
        memory=job.memory,
        tile=job.tile,
        sharing=sharing,
        compactable=True,
        control=control,
        checkpoint=job.checkpoint,
        checkpoint_every=job.checkpoint_every,
        replay=job.replay,
        command=job.command(),
        guides=GuideSources(
            protect=job.guides.protect,
            regions=job.guides.regions,
            style_masks=job.guides.style_masks,
            pixel_limit=job.pixel_limit,
        ),
        save_guides=job.guides.sheet,
    )


def _detail(job: Job, shares: Shares, control: Control) -> Iterator[Event | Result]:
    return detail_events(
        job.content,
        job.styles,
        Region(*shares),
        recipe=job.recipe,
        weights=job.weights and job.weights.expanduser(),
        offline=job.offline,
        device=job.device,
        time_limit=job.time_limit,
        pixel_limit=job.pixel_limit,
        control=control,
        memory=job.memory,
        tile=job.tile,
        compactable=True,
    )


def _shown(job: Job, step: Step, like: Picture | None) -> Picture:
    """Make the picture after a step; where L-BFGS is out of range, the encoder holds it back."""
    image = step.image
    if like is not None:
        image = coloring.after(job.recipe.color, image, like)
    return Picture.from_batch(image, like=like)


def _saved(job: Job, result: Result, strip: Filmstrip | None, began: float) -> Outcome:
    _save_or_rescue(result, job)
    if job.trace is not None:
        result.trace.save(job.trace)
    if job.checkpoint is not None:
        _note_saved(job.checkpoint.expanduser(), job.output)
    if strip is not None and job.animation is not None:
        strip.save(job.animation, result.picture)
    outcome = Outcome(
        status=result.status,
        reason=result.reason,
        output=job.output,
        width=result.picture.width,
        height=result.picture.height,
        steps=len(result.trace.rows),
        planned=result.recipe.schedule.steps,
        seconds=0.0,
        recipe=result.recipe.name,
        trace=job.trace,
        timeline=result.timeline,
        checkpoint=job.checkpoint,
        animation=job.animation,
    )
    return replace(outcome, seconds=round(time.monotonic() - began, 3))


def _note_saved(folder: Path, output: Path) -> None:
    """Say in the folder of checkpoints where the picture is; the picture is what counts."""
    with suppress(InputError, OSError):
        note_saved(folder, output)


def _save_or_rescue(result: Result, job: Job) -> None:
    """Save the picture; where that fails after a long run, keep it in a temporary folder."""
    try:
        result.save(job.output, **asdict(job.encoding))
    except InputError as error:
        try:
            rescued = Path(tempfile.mkdtemp(prefix="impasto-")) / job.output.name
            result.save(rescued, **asdict(job.encoding))
        except (InputError, OSError):
            raise error from None
        raise Failure(f"{error}; the picture is safe in {rescued}") from error
