"""Explain a run: perform it, look at it from every side, and gather the report.

from impasto.explaining import explain

explain("photo.jpg", "painting.jpg").save("report.html")
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from impasto.api import resolve_recipe
from impasto.assemble import Prepared, prepare
from impasto.building import build_extractor
from impasto.engine.control import Control
from impasto.engine.run import run
from impasto.errors import InternalError, RecipeError, ShapeError
from impasto.events import Event
from impasto.explain.recording import Recorder
from impasto.explain.report import Report
from impasto.explain.sections import QUICK_RUN, SECTIONS, SectionStarted, check
from impasto.explain.subject import smallest_side
from impasto.features import provision
from impasto.features.extractor import Extractor
from impasto.given import Source
from impasto.images import coloring
from impasto.images.codec import decode
from impasto.images.picture import Picture
from impasto.recipe import Recipe
from impasto.teaching import FULL, QUICK, Depth, Teaching, look_at

RECIPE = "lesson"
"""The recipe that is explained unless another is asked for."""


def explain(
    content: Source,
    style: Source,
    *,
    recipe: str | PathLike[str] | Recipe = RECIPE,
    size: int | None = None,
    steps: int | None = None,
    seed: int | None = None,
    settings: Mapping[str, Any] | None = None,
    weights: str | PathLike[str] | None = None,
    offline: bool = False,
    device: str = "auto",
    quick: bool = False,
    sections: Sequence[str] = tuple(SECTIONS),
    listen: Callable[[Event | SectionStarted], None] | None = None,
) -> Report:
    """Run a recipe on two pictures and explain what happened.

    Args:
        content: what the picture shows: a file or a Picture.
        style: the picture whose look it shall have.
        recipe: `lesson` unless another is given: a name, a file, or a Recipe.
        size: long side of the result in pixels.
        steps: optimizer steps in all.
        seed: of all chance.
        settings: any other settings of the recipe by dotted path.
        weights: a weights file, for networks that do not come with impasto.
        offline: never download a network that is not on this machine.
        device: auto, cpu, cuda or mps.
        quick: a smaller picture, fewer steps, smaller experiments.
        sections: names out of `SECTIONS`; the run is always performed.
        listen: is called with every event.

    Returns:
        The report: numbers and pictures, and `save` for the page.

    Raises:
        InputError: a picture, setting, section or weights file cannot be used.
    """
    chosen = chosen_recipe(
        recipe, size=size, steps=steps, seed=seed, settings=settings, quick=quick
    )
    for item in explain_events(
        content,
        style,
        recipe=chosen,
        weights=weights,
        offline=offline,
        device=device,
        depth=QUICK if quick else FULL,
        sections=sections,
    ):
        if isinstance(item, Report):
            return item
        if listen is not None:
            listen(item)
    raise InternalError("the explanation ended without a report")


def chosen_recipe(
    recipe: str | PathLike[str] | Recipe,
    *,
    size: int | None = None,
    steps: int | None = None,
    seed: int | None = None,
    settings: Mapping[str, Any] | None = None,
    quick: bool = False,
) -> Recipe:
    """Load the recipe with what is given; `quick` makes it small where nothing else is said.

    Raises:
        RecipeError: no such recipe or setting, or an impossible value.
    """
    small = QUICK_RUN if quick else {}
    changes = small | dict(settings or {})
    return resolve_recipe(recipe, settings=changes).changed(
        {
            path: value
            for path, value in {
                "schedule.size": size,
                "schedule.steps": steps,
                "seed": seed,
            }.items()
            if value is not None
        }
    )


def explain_events(
    content: Source,
    style: Source,
    *,
    recipe: Recipe,
    weights: str | PathLike[str] | None = None,
    offline: bool = False,
    device: str = "auto",
    depth: Depth = FULL,
    sections: Sequence[str] = tuple(SECTIONS),
    control: Control | None = None,
    names: tuple[str, str] | None = None,
    command: str = "",
) -> Iterator[Event | SectionStarted | Report]:
    """Do what `explain` does, as a generator: events while it works, and the Report at the end.

    A run that was stopped is explained as far as it came; after `control.stop()` the sections not
    begun yet are left out.
    """
    check(recipe, sections)
    pictures = _decoded(content), _decoded(style)
    if weights is None and (item := provision.missing(recipe.network.name)) is not None:
        yield from provision.fetch(item, offline=offline)
    prepared = prepare(recipe, pictures[0], [pictures[1]], weights=weights, device=device)
    # In float32, whatever the run computes in: lessons compare small numbers.
    full = prepared.recipe.changed({"network.precision": "fp32"})
    extractor, _ = build_extractor(full, weights, prepared.device)
    _check_size(prepared, extractor)
    yield prepared.announced()
    control = control or Control()
    recorder = Recorder(prepared.job, depth.frames)
    for event in run(prepared.job, control):
        recorder.see(event)
        yield event
    if not recorder.complete:
        if control.stopped is None:
            raise RecipeError("this recipe takes no step: there is nothing to explain")
        return
    recording = recorder.recording()
    painted, (manner,) = coloring.before(recipe.color, pictures[0], pictures[1:])
    work = Teaching(
        prepared=prepared,
        pictures=pictures,
        names=names or (_name(content, "content"), _name(style, "style")),
        weights=weights,
        depth=depth,
        recording=recording,
        subject=look_at(prepared, (painted, manner), extractor, recording),
        command=command,
    )
    yield from work.events(sections, control)


def _check_size(prepared: Prepared, extractor: Extractor) -> None:
    """Refuse, before the run, a result that the bare network could not look at."""
    last, least = prepared.job.stages[-1], smallest_side(extractor)
    if min(last.height, last.width) < least:
        raise ShapeError(
            f"a result with a short side of at least {least} px to look into every layer",
            (last.height, last.width),
            "choose a larger --size, or a picture that is less narrow",
        )


def _decoded(source: Source) -> Picture:
    return source if isinstance(source, Picture) else decode(source)


def _name(source: Source, otherwise: str) -> str:
    return otherwise if isinstance(source, Picture) else Path(source).name
