"""What `impasto.stylize` does, event by event: read, plan, prepare, run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import torch

from impasto import timeline
from impasto.assemble import Prepared, prepare, settled
from impasto.checkpoints.folder import EVERY, check_every, check_new
from impasto.checkpoints.plan import InputFile, RunPlan, input_files, versions
from impasto.checkpoints.runs import begun
from impasto.engine.control import Control
from impasto.engine.devices import choose_device
from impasto.engine.run import run
from impasto.engine.state import Keep
from impasto.events import Estimated, Event, Finished, Planned, Warned
from impasto.executing import Memory, held_by, planned, sizes_of, storage_of
from impasto.execution import ExecutionPlan
from impasto.features import provision
from impasto.given import GivenPictures, Source, several
from impasto.guides.blend import Blend
from impasto.guides.make import make_guides
from impasto.guides.sheet import guides_sheet
from impasto.guides.sources import GuideSources
from impasto.images.codec import encode
from impasto.numerics.storage import MEMORY, Storage
from impasto.recipe import Recipe
from impasto.result import Result, result_of
from impasto.shared import Shared
from impasto.sharing import TILE, Sharing, followed
from impasto.timeline import Timeline, TimelineEntry

Replay = str | PathLike[str] | Sequence[TimelineEntry]
"""A timeline, or a trace saved as JSON, which holds one."""


def stylize_events(
    content: Source,
    styles: Source | Sequence[Source],
    *,
    recipe: Recipe,
    weights: str | PathLike[str] | None = None,
    start: Source | None = None,
    offline: bool = False,
    device: str = "auto",
    time_limit: float | None = None,
    pixel_limit: int | None = None,
    control: Control | None = None,
    checkpoint: str | PathLike[str] | None = None,
    checkpoint_every: int = EVERY,
    replay: Replay = (),
    command: Mapping[str, Any] | None = None,
    shared: Shared | None = None,
    guides: GuideSources | None = None,
    save_guides: str | PathLike[str] | None = None,
    storage: Storage = MEMORY,
    tile: int | None = None,
    memory: Memory = None,
    compactable: bool = False,
    keep: Keep | None = None,
    sharing: Sharing | None = None,
) -> Iterator[Event | Result]:
    """Do what `stylize` does, as a generator: events while it works, and the Result at the end.

    A network that is not on this machine is fetched first, with `Fetching` events. After `Prepared`
    comes a `Warned` for everything about the pictures that will look bad. The `command`, plain
    values, is kept in the checkpoint's plan for whoever resumes it. What is `shared` among runs on
    the same pictures is made once. Images as large as the result lie in the `storage`; where
    neither that nor a `tile` is given, both are chosen to fit the `memory`, and `Planned` says how.
    Who listens to that and makes the allocator compact, if it says so, may be `compactable`. Where
    there is no checkpoint, `keep` is shown where the run stands after every step.
    Processes that are `sharing` the run all call this alike; only rank 0 gets a Result.
    """
    shared = shared or Shared()
    control, script = control or Control(), _timeline(replay)
    control.follow(script)
    sources = several(styles)
    recipe, given = (guides or GuideSources(pixel_limit=pixel_limit)).settled(recipe)
    folder = None if checkpoint is None else Path(checkpoint).expanduser()
    follows = sharing is not None and not sharing.leads
    inputs: tuple[InputFile, ...] = ()
    if folder is not None and not follows:
        check_every(checkpoint_every)
        check_new(folder)
        inputs = input_files(
            content=[content], style=sources, start=[start], weights=[weights], **given.files()
        )
    recipe = recipe if start is None else replace(recipe, start="picture")
    sizes = sizes_of(content, sources, start, pixel_limit)
    if not recipe.color.only_recolors and weights is None:
        yield from _fetched(recipe, offline=offline)
    execution = ExecutionPlan(tile=tile, mapped=storage.mapped)
    if execution.is_plain and sharing is None and not recipe.color.only_recolors:
        execution = planned(
            settled(recipe, weights, device, shared),
            sizes,
            memory=memory,
            device=choose_device(device),
            compactable=compactable,
            held=held_by([content, *sources, start]),
        ).plan
        storage, tile = storage_of(execution), execution.tile
        yield Planned(execution)
    pictures = GivenPictures.read(
        content,
        sources,
        start,
        recipe=recipe,
        pixel_limit=pixel_limit,
        shared=shared,
        storage=storage,
    )
    found = make_guides(recipe, given, pictures.content, list(pictures.styles))
    recipe = replace(recipe, guides=found.settings or recipe.guides)
    if sharing is not None:
        tile, recipe = tile or TILE, sharing.agreed(recipe, weights, device)
        sharing.check_alike(recipe, pictures.every)
        execution = replace(execution, tile=tile)
    prepared = prepare(
        recipe,
        pictures.content,
        pictures.styles,
        weights=weights,
        start=pictures.start,
        device=device,
        time_limit=time_limit,
        shared=shared,
        guides=found,
        storage=storage,
        tile=tile,
        ranks=None if sharing is None else sharing.ranks,
        shows=None if sharing is None else sharing.shows,
    )
    if follows:
        yield from followed(prepared.job, control, None if folder is None else checkpoint_every)
        return
    if save_guides is not None:
        encode(guides_sheet(found, pictures.content, list(pictures.styles)), save_guides)
    yield prepared.announced()
    last = prepared.job.stages[-1]
    looks = pictures.warnings(prepared.recipe, last.height, last.width)
    yield from map(Warned, [*found.warnings, *looks])
    if folder is None:
        events = run(prepared.job, control, keep=keep)
    else:
        plan = RunPlan(
            recipe=prepared.recipe,
            inputs=inputs,
            stages=prepared.stages,
            device=str(prepared.device),
            threads=torch.get_num_threads(),
            every=checkpoint_every,
            time_limit=time_limit,
            replay=script,
            command=command or {},
            versions=versions(),
            execution=execution,
        )
        events = begun(prepared.job, control, folder, plan)
    yield from _to_the_end(events, prepared, Blend(found, pictures.content, storage), shared)


def _fetched(recipe: Recipe, *, offline: bool) -> Iterator[Event]:
    """Fetch the recipe's network, if it is not on this machine."""
    item = provision.missing(recipe.network.name)
    if item is not None:
        yield from provision.fetch(item, offline=offline)


def _to_the_end(
    events: Iterator[Event], prepared: Prepared, blend: Blend, shared: Shared
) -> Iterator[Event | Result]:
    """Run, keeping for others what was estimated; make the result at the end."""
    for event in blend.events(events):
        yield event
        if isinstance(event, Estimated):
            shared.estimated(prepared.estimate, event.distances)
        if isinstance(event, Finished):
            yield result_of(event, prepared.recipe, blend.content, blend)


def _timeline(replay: Replay) -> Timeline:
    return timeline.read(replay) if isinstance(replay, str | PathLike) else tuple(replay)
