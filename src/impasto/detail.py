"""A detail: one region of a picture at full size, with the statistics of the whole picture.

The picture is finished small. Then only the region goes on through the larger sizes of the
schedule; what the rest looks like is taken from the small picture, and stands still.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from typing import Any

from impasto import recipe_files
from impasto.building import build_extractor, build_optimizer
from impasto.closeup import Closeup
from impasto.engine.control import Control
from impasto.engine.devices import choose_device
from impasto.engine.job import Job
from impasto.engine.region import Region
from impasto.engine.run import run
from impasto.engine.schedule import Stage, stages
from impasto.engine.state import Boundary, State
from impasto.errors import InputError
from impasto.events import (
    Event,
    Finished,
    Planned,
    PlannedStage,
    Prepared,
    StageStarted,
    Status,
    Step,
)
from impasto.executing import Memory, Part, held_by, planned, sizes_of, storage_of
from impasto.execution import ExecutionPlan
from impasto.given import Source
from impasto.images import coloring
from impasto.images.codec import decode
from impasto.images.picture import Picture
from impasto.recipe import Recipe
from impasto.result import Result
from impasto.stylizing import stylize_events

SMALL = 1024
"""Long side in pixels at which the whole picture is finished, at most."""
CONTEXT = 64
"""Pixels around the region that are painted too, and cut off: they belong to other strokes."""


def detail_events(
    content: Source,
    styles: Source | Sequence[Source],
    region: Region,
    *,
    recipe: Recipe,
    small: int = SMALL,
    weights: str | PathLike[str] | None = None,
    offline: bool = False,
    device: str = "auto",
    time_limit: float | None = None,
    pixel_limit: int | None = None,
    control: Control | None = None,
    memory: Memory = None,
    tile: int | None = None,
    compactable: bool = False,
) -> Iterator[Event | Result]:
    """Paint a region at the recipe's size; events while it works, and the Result at the end.

    Args:
        content: what the picture shows.
        styles: whose look it shall have.
        region: what is painted at full size.
        recipe: of the whole picture; `schedule.size` is its full size.
        small: the whole picture is finished at the largest size of its schedule up to this one.
        weights: a weights file, for networks that do not come with impasto.
        offline: never download a network.
        device: auto, cpu, cuda or mps.
        time_limit: seconds for the small picture, and again for the region.
        pixel_limit: of the pictures.
        control: to stop or pause.
        memory: what the run may take, as for `stylize_events`; two events `Planned` say how the
            small picture and the region are computed to fit it.
        tile: side of tiles in pixels, instead of an estimate.
        compactable: the caller makes the allocator compact if `Planned` says so.

    Raises:
        InputError: a setting does not go with a region, or a picture cannot be used.
    """
    _check(recipe)
    picture = content if isinstance(content, Picture) else decode(content, pixel_limit=pixel_limit)
    sources = [styles] if isinstance(styles, str | PathLike | Picture) else list(styles)
    looks = [s if isinstance(s, Picture) else decode(s, pixel_limit=pixel_limit) for s in sources]
    first, later = _sizes(recipe, picture, small)
    options: dict[str, Any] = {"weights": weights, "device": device, "time_limit": time_limit}
    room: dict[str, Any] = {"memory": memory, "compactable": compactable}
    whole: Finished | None = None
    kept: list[State] = []
    stages_before = steps_before = 0
    for event in stylize_events(
        picture,
        looks,
        recipe=recipe.changed({"schedule.size": max(first.height, first.width)}),
        control=control or Control(),
        offline=offline,
        keep=partial(_keep, kept),
        tile=tile,
        **options,
        **room,
    ):
        if isinstance(event, Prepared):
            stages_before, steps_before = len(event.stages), event.steps
            painted = (PlannedStage(s.height, s.width, s.steps) for s in _painted(later, region))
            event = replace(event, stages=(*event.stages, *painted))
        if isinstance(event, Finished):
            whole = event
        elif isinstance(event, Result) and event.status is Status.COMPLETED:
            recipe = replace(recipe, network=event.recipe.network)
        else:  # a small picture that was stopped or diverged is what there is
            yield _renumbered(event, 0, 0, later)
    if whole is None or whole.status is not Status.COMPLETED:
        return
    execution = ExecutionPlan(tile=tile)
    if execution.is_plain:
        execution = _planned(recipe, picture, looks, region, later, device, room)
        yield Planned(execution)
    storage = storage_of(execution)
    extractor, _ = build_extractor(recipe, weights, choose_device(device))
    closeup = Closeup.of(
        recipe,
        extractor,
        picture,
        looks,
        region,
        whole,
        later,
        CONTEXT,
        storage,
        execution.tile,
    )
    job = Job(
        stages=closeup.stages,
        objective=closeup.objective,
        tiled=closeup.objective,
        start=closeup.start,
        optimizer=closeup.optimizer(build_optimizer(recipe.optimizer, storage), kept),
        storage=storage,
        average=recipe.optimizer.chosen.average,
        time_limit=time_limit,
    )
    for event in run(job, control):
        yield _renumbered(event, stages_before, steps_before, later)
        if isinstance(event, Finished):
            yield _result(event, recipe, region, closeup)


def _keep(kept: list[State], boundary: Boundary) -> Iterable[Event]:
    """Keep what the optimizer knows at the end."""
    if boundary.ends:
        kept[:] = [boundary.state().stage.optimizer]
    return ()


def _check(recipe: Recipe) -> None:
    """Refuse what has no meaning for a part of a picture."""
    if recipe.color.mode == "palette":
        raise InputError("a detail is painted: expected --color style or content, got palette")
    if recipe.guides.protect != "none" or recipe.guides.pair != "none":
        raise InputError("a detail cannot be painted with guides: leave masks and regions out")
    if recipe.objective.edges == "wrap":
        raise InputError("a detail has no other side to go on at: leave --tileable out")


def _sizes(recipe: Recipe, content: Picture, small: int) -> tuple[Stage, tuple[Stage, ...]]:
    """Return the stage at which the whole picture is finished, and those of the region."""
    plan = stages(recipe.schedule, content.height, content.width)
    if len(plan) < 2:
        raise InputError(
            f"a detail of {recipe.schedule.size} px is the picture itself; expected a larger --size"
        )
    fitting = [n for n, stage in enumerate(plan[:-1]) if max(stage.height, stage.width) <= small]
    last = max(fitting, default=0)
    return plan[last], plan[last + 1 :]


def _wide(later: Sequence[Stage], region: Region) -> Region:
    return region.widened(later[-1].height, later[-1].width, CONTEXT)


def _painted(later: Sequence[Stage], region: Region) -> list[Stage]:
    """Return the stages of the region with its context."""
    wide = _wide(later, region)
    return [replace(s, **_sides(wide.size_in(s.height, s.width))) for s in later]


def _sides(size: tuple[int, int]) -> dict[str, int]:
    return {"height": size[0], "width": size[1]}


def _planned(
    recipe: Recipe,
    content: Picture,
    styles: Sequence[Picture],
    region: Region,
    later: Sequence[Stage],
    device: str,
    room: dict[str, Any],
) -> ExecutionPlan:
    """Choose how to compute the region, with the styles at the size of the whole picture."""
    return planned(
        recipe,
        sizes_of(content, styles, None),
        device=choose_device(device),
        held=held_by([content, *styles]),
        part=Part(_painted(later, region), _wide(later, region).area),
        **room,
    ).plan


def _renumbered(
    event: Event | Result, stages_before: int, steps_before: int, later: Sequence[Stage]
) -> Event | Result:
    """Count stages and steps through both runs."""
    more = sum(stage.steps for stage in later)
    if isinstance(event, StageStarted):
        count = stages_before + event.stages if stages_before else event.stages + len(later)
        return replace(event, stage=event.stage + stages_before, stages=count)
    if isinstance(event, Step):
        steps = steps_before + event.steps if steps_before else event.steps + more
        step, stage = event.step + steps_before, event.stage + stages_before
        return replace(event, stage=stage, step=step, steps=steps)
    return event


def _result(event: Finished, recipe: Recipe, region: Region, closeup: Closeup) -> Result:
    """Cut off the context, put colors back, and say in the recipe that this is a part."""
    last = closeup.whole[-1]
    image = closeup.inner(event.image, region)
    colored = coloring.after(recipe.color, image, closeup.original(region))
    shares = ",".join(f"{share:.6g}" for share in (*region.corner, region.width, region.height))
    about = f"Detail {shares} of a picture of {last.width} x {last.height} px. "
    said = replace(recipe, description=about + recipe.description)
    picture = Picture.from_batch(colored)
    return Result(
        picture=replace(picture, recipe=recipe_files.to_toml(said), dpi=closeup.content.dpi),
        recipe=said,
        trace=event.trace,
        status=event.status,
        reason=event.reason,
        timeline=event.timeline,
    )
