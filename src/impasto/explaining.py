"""Explain a run: perform it, look at it from every side, and gather the report.

from impasto.explaining import explain

explain("photo.jpg", "painting.jpg").save("report.html")
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor

from impasto import recipe_files
from impasto.api import Source, announced, resolve_recipe
from impasto.assemble import Prepared, build_extractor, prepare
from impasto.engine.control import Control
from impasto.engine.objective import Objective
from impasto.engine.run import run
from impasto.errors import InternalError, ShapeError
from impasto.events import Event, Finished
from impasto.explain import (
    gram_example,
    insight,
    invariance,
    iteration,
    loss_story,
    papers,
    pipeline,
    quiz,
    reconstruction,
    seeing,
    tradeoff,
)
from impasto.explain.gram_matrices import GramMatrix, shuffle
from impasto.explain.layers import content_layers, first_of_blocks, in_order, shapes
from impasto.explain.recording import Recorder, Recording, final_objective
from impasto.explain.report import GramLesson, Report
from impasto.explain.sections import QUICK_RUN, SECTIONS, SectionStarted, check
from impasto.explain.subject import Subject, at_area, at_most, long_side
from impasto.features import provision
from impasto.features.architectures import architecture
from impasto.features.extractor import Extractor
from impasto.images.codec import decode
from impasto.images.picture import Picture
from impasto.images.resize import resize
from impasto.recipe import Recipe
from impasto.trace import Trace
from impasto.weights import catalog

RECIPE = "lesson"
"""The recipe that is explained unless another is asked for."""


@dataclass(frozen=True)
class Depth:
    """How thorough a report is; sizes are long sides in pixels."""

    frames: int
    channels: int
    patches: int
    ascent: tuple[int, int]
    """Side and steps of activation maximization."""
    rebuilt: tuple[int, int]
    """Side and steps of each reconstruction."""
    grid: tuple[int, int]
    """Side and steps of each run of the trade-off."""


FULL = Depth(30, 6, 4, (96, 40), (192, 80), (128, 50))
QUICK = Depth(16, 4, 3, (64, 20), (112, 30), (96, 16))


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
    _check_size(prepared, recipe.network.name)
    yield announced(prepared)
    control = control or Control()
    recorder = Recorder(prepared.job, depth.frames)
    for event in run(prepared.job, control):
        recorder.see(event)
        yield event
    if not recorder.complete:
        return  # stopped before the first step: there is nothing to explain
    names = names or (_name(content, "content"), _name(style, "style"))
    work = _Work(prepared, pictures, names, weights, device, depth, recorder.recording(), command)
    yield from work.events(sections, control)


class _Work:
    """The sections of one report."""

    def __init__(
        self,
        prepared: Prepared,
        pictures: tuple[Picture, Picture],
        names: tuple[str, str],
        weights: str | PathLike[str] | None,
        device: str,
        depth: Depth,
        recording: Recording,
        command: str,
    ) -> None:
        self.prepared, self.pictures, self.names = prepared, pictures, names
        self.weights, self.device, self.depth = weights, device, depth
        self.recording, self.command = recording, command
        self.recipe, self.subject = (
            prepared.recipe,
            _subject(prepared, pictures, weights, recording),
        )
        self.found: dict[str, Any] = {}

    def events(
        self, sections: Sequence[str], control: Control
    ) -> Iterator[SectionStarted | Report]:
        """Work through the sections in the order of the report."""
        asked = [name for name in SECTIONS if name in sections]
        done: list[str] = []
        for number, name in enumerate(asked, start=1):
            if control.stopped is not None and name in self._long:
                continue
            yield SectionStarted(name, number, len(asked))
            getattr(self, f"_{name}")()
            done.append(name)
        yield self._report(tuple(done))

    _long = ("layers", "content", "style", "tradeoff")
    """What a run that was stopped leaves out."""

    @property
    def _style_layers(self) -> tuple[str, ...]:
        return in_order(self.subject.architecture, [*self.recipe.style.layers])

    def _pictures(self) -> None:
        """The recording has them already."""

    def _pipeline(self) -> None:
        seconds = [row.seconds for row in self.recording.trace.rows]
        steps = [b - a for a, b in zip([0.0, *seconds], seconds, strict=False)]
        self.found["pipeline"] = pipeline.trace_pipeline(
            self.subject,
            files=[(picture.height, picture.width) for picture in self.pictures],
            content_layers=in_order(self.subject.architecture, [*self.recipe.content.layers]),
            style_layers=self._style_layers,
            update=median(steps) * 1000,
        )
        self.found["iteration"] = iteration.follow(self._objective(), self.recording.kept)

    def _layers(self) -> None:
        side, steps = self.depth.ascent
        self.found["layers"] = seeing.look(
            self.subject,
            channels=self.depth.channels,
            patches=self.depth.patches,
            side=side,
            steps=steps,
        )

    def _invariance(self) -> None:
        self.found["invariance"] = invariance.measure(self.subject)

    def _content(self) -> None:
        side, steps = self.depth.rebuilt
        image = at_most(self.subject.content, side, self.subject.least)
        self.found["content"] = tuple(
            reconstruction.rebuild_content(self.subject.extractor, image, layer, steps)
            for layer in content_layers(self.subject.architecture)
        )

    def _gram(self) -> None:
        layers, extractor = self._style_layers, self.subject.extractor
        pictures = self.subject.content, self.subject.style, self.subject.generated
        with torch.no_grad():
            features = [extractor(picture, layers) for picture in pictures]
        content, style, generated = (
            tuple(GramMatrix.of(layer, maps[layer]) for layer in layers) for maps in features
        )
        self.found["gram"] = GramLesson(
            gram_example.work_out(self.subject.content),
            content,
            style,
            generated,
            tuple(shuffle(layer, features[1][layer])[0] for layer in layers),
        )

    def _style(self) -> None:
        side, steps = self.depth.rebuilt
        image = at_most(self.subject.style, side, self.subject.least)
        layers = first_of_blocks(self.subject.architecture)
        self.found["style"] = tuple(
            reconstruction.rebuild_style(self.subject.extractor, image, layers[:count], steps)
            for count in range(1, len(layers) + 1)
        )

    def _losses(self) -> None:
        self.found["losses"] = loss_story.tell(self.recording, self._objective())

    def _tradeoff(self) -> None:
        self.found["tradeoff"] = tradeoff.explore(
            self._paint, self.recipe.content.weight, self.recipe.style.weight
        )

    def _insight(self) -> None:
        known = self._known()
        self.found["sentences"], self.found["questions"] = (
            insight.sentences(known),
            quiz.questions(known),
        )

    def _papers(self) -> None:
        self.found["papers"] = papers.papers(self.recipe)

    def _objective(self) -> Objective:
        return final_objective(self.prepared.job, self.recording.content_factor)

    def _paint(self, settings: Mapping[str, Any]) -> tuple[Tensor, Trace]:
        side, steps = self.depth.grid
        height, width = self.subject.content.shape[-2:]
        side = long_side(height, width, side, self.subject.least)
        small = {"schedule.size": side, "schedule.first": side, "schedule.steps": steps}
        job = prepare(
            self.recipe.changed(small | dict(settings)),
            self.pictures[0],
            [self.pictures[1]],
            weights=self.weights,
            device=self.device,
        ).job
        for event in run(job):
            if isinstance(event, Finished):
                return event.image.cpu(), event.trace
        raise InternalError("a small run ended without an image")

    def _known(self) -> insight.RunFacts:
        architecture = self.subject.architecture
        gram = self.found.get("gram")
        layers = [*self.recipe.content.layers, *self.recipe.style.layers]
        deepest = architecture.deepest(tuple(layers))
        return insight.facts(
            self.recording,
            self.recipe,
            parameters=self._parameters(deepest),
            channels={layer: architecture.node(layer).channels for layer in self._style_layers},
            shuffles=None if gram is None else gram.shuffles,
            invariance=self.found.get("invariance"),
        )

    def _parameters(self, deepest: int) -> int:
        """Count weights and biases down to a position of the network."""
        table = shapes(self.subject.architecture, *self.subject.content.shape[-2:])
        return sum(layer.parameters for layer in table[: deepest + 1])

    def _report(self, done: tuple[str, ...]) -> Report:
        return Report(
            content_name=self.names[0],
            style_name=self.names[1],
            files=(self.pictures[0].batch, self.pictures[1].batch),
            recipe=self.recipe,
            recipe_text=recipe_files.to_toml(self.recipe),
            command=self.command,
            subject=self.subject,
            recording=self.recording,
            sections=done,
            known=self._known(),
            **self.found,
        )


def _check_size(prepared: Prepared, network: str) -> None:
    """Refuse, before the run, a result that the bare network could not look at."""
    last, table = prepared.job.stages[-1], architecture(catalog.network(network).architecture)
    least = 2 * table.nodes[-1].stride
    if min(last.height, last.width) < least:
        raise ShapeError(
            f"a result with a short side of at least {least} px to look into every layer",
            (last.height, last.width),
            "choose a larger --size, or a picture that is less narrow",
        )


def _subject(
    prepared: Prepared,
    pictures: tuple[Picture, Picture],
    weights: str | PathLike[str] | None,
    recording: Recording,
) -> Subject:
    """Bring the pictures to the size at which the run ended; explain in float32."""
    recipe, device = prepared.recipe, prepared.device
    full = recipe.changed({"network.precision": "fp32"})
    extractor, _ = build_extractor(full, weights, device)
    generated = recording.last.image.to(device)
    height, width = generated.shape[-2:]
    content, style = pictures
    return Subject(
        recipe.network.name,
        extractor,
        resize(content.batch, height, width).to(device),
        at_area(
            style.batch, height, width, scale=recipe.style.scale, least=_least(recipe, extractor)
        ).to(device),
        generated,
    )


def _least(recipe: Recipe, extractor: Extractor) -> int:
    return max(extractor.smallest_side(layer) for layer in recipe.layers)


def _decoded(source: Source) -> Picture:
    return source if isinstance(source, Picture) else decode(source)


def _name(source: Source, otherwise: str) -> str:
    return otherwise if isinstance(source, Picture) else Path(source).name
