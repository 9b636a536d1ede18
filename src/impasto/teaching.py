"""The sections of a report, made one after the other from a run that is over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from statistics import median
from typing import Any

import torch
from torch import Tensor

from impasto import recipe_files
from impasto.assemble import Prepared, prepare
from impasto.engine.control import Control
from impasto.engine.objective import Objective
from impasto.engine.run import run
from impasto.errors import InternalError
from impasto.events import Finished
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
from impasto.explain.recording import Recording, objective_at
from impasto.explain.report import GramLesson, Report
from impasto.explain.sections import SECTIONS, SectionStarted
from impasto.explain.subject import Subject, at_area, at_most, long_side, smallest_side
from impasto.features.extractor import Extractor
from impasto.images.picture import Picture
from impasto.images.resize import resize
from impasto.recipe import Recipe
from impasto.trace import Trace, TraceRow


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

LONG = ("layers", "content", "style", "tradeoff")
"""Sections that are left out when the run was stopped."""


@dataclass
class Teaching:
    """Everything that sections are made from, and what was found so far."""

    prepared: Prepared
    pictures: tuple[Picture, Picture]
    """Content and style, as decoded."""
    names: tuple[str, str]
    weights: str | PathLike[str] | None
    depth: Depth
    recording: Recording
    subject: Subject
    command: str
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def recipe(self) -> Recipe:
        """As run."""
        return self.prepared.recipe

    def events(
        self, sections: Sequence[str], control: Control
    ) -> Iterator[SectionStarted | Report]:
        """Work through the sections in the order of the report."""
        asked = [name for name in SECTIONS if name in sections]
        done: list[str] = []
        for number, name in enumerate(asked, start=1):
            if control.stopped is not None and name in LONG:
                continue
            yield SectionStarted(name, number, len(asked))
            getattr(self, f"_{name}")()
            done.append(name)
        yield self._report(tuple(done))

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
        self.found["iteration"] = iteration.follow(
            self._objective(self._kept_row()), self.recording.kept
        )

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
        image = at_most(self.subject.content, side, smallest_side(self.subject.extractor))
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
        image = at_most(self.subject.style, side, smallest_side(self.subject.extractor))
        layers = first_of_blocks(self.subject.architecture)
        self.found["style"] = tuple(
            reconstruction.rebuild_style(self.subject.extractor, image, layers[:count], steps)
            for count in range(1, len(layers) + 1)
        )

    def _losses(self) -> None:
        self.found["losses"] = loss_story.tell(
            self.recording, self._objective(self.recording.trace.rows[-1])
        )

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

    def _objective(self, row: TraceRow) -> Objective:
        return objective_at(self.prepared.job, row)

    def _kept_row(self) -> TraceRow:
        return self.recording.trace.rows[self.recording.kept.step - 1]

    def _paint(self, settings: Mapping[str, Any]) -> tuple[Tensor, Trace]:
        side, steps = self.depth.grid
        height, width = self.subject.content.shape[-2:]
        side = long_side(height, width, side, smallest_side(self.subject.extractor))
        small = {"schedule.size": side, "schedule.first": side, "schedule.steps": steps}
        job = prepare(
            self.recipe.changed(small | dict(settings)),
            self.pictures[0],
            [self.pictures[1]],
            weights=self.weights,
            device=str(self.prepared.device),
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


def look_at(
    prepared: Prepared,
    pictures: tuple[Picture, Picture],
    extractor: Extractor,
    recording: Recording,
) -> Subject:
    """Bring the pictures to the size of the last stage, whether the run came there or not."""
    recipe, device = prepared.recipe, prepared.device
    last = prepared.job.stages[-1]
    height, width = last.height, last.width
    generated = resize(recording.last.image, height, width).to(device)
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
