"""The walk over the tiles of a picture: each one's pixels, and the features that parts look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor

from impasto.engine.framing import Framing
from impasto.engine.place import PIXELS, Place
from impasto.engine.targets import FeatureExtractor
from impasto.engine.tiled.framed import Frame
from impasto.engine.tiled.look import Gatherer, Look
from impasto.engine.tiled.plan import TilePlan
from impasto.features import geometry
from impasto.features.architectures import Architecture
from impasto.features.geometry import Size
from impasto.numerics.strip import Pixels
from impasto.numerics.windows import Box, Span, around, overlap, window, windows, within

FRAMED = "framed"


class LayeredExtractor(FeatureExtractor, Protocol):
    """An extractor whose layers are a table, so that it is known what each of them sees."""

    architecture: Architecture

    def check_size(self, size: Size, layers: Sequence[str]) -> None:
        """Refuse a picture too small for a layer."""


class Total(Protocol):
    """A sum of gradients, (1, 3, H, W)."""

    def add(self, box: Box, part: Tensor) -> None:
        """Add to a box."""


class Gradient(NamedTuple):
    """A whole gradient, added up in place."""

    pixels: Tensor
    """(1, 3, H, W)."""

    def add(self, box: Box, part: Tensor) -> None:
        """Add to a box."""
        window(self.pixels, box).add_(part)


T = TypeVar("T", bound=Gatherer)


class Seen(NamedTuple, Generic[T]):
    """What somebody who looks sees of a tile."""

    by: T
    features: Tensor
    """Of the context of what is owned."""
    owned: Box
    """In the coordinates of the look."""


@dataclass(frozen=True)
class Visit(Generic[T]):
    """A tile: its pixels, leaves of a graph if one is wanted, and what is seen of it."""

    pixels: Mapping[str, tuple[Box, Tensor]]
    """As far as anybody looks: `FRAMED` ones that the network got, and bare ones (`PIXELS`)."""
    seen: Sequence[Seen[T]]


@dataclass(frozen=True)
class Walk:
    """A picture in its frame, its tiles, and the network that looks at them."""

    extractor: LayeredExtractor
    image: Pixels
    """(1, 3, H, W), without the frame; at least the rows that the tiles visited see."""
    frame: Frame
    plan: TilePlan

    @classmethod
    def of(
        cls,
        extractor: LayeredExtractor,
        image: Pixels,
        frame: Frame,
        tile: int,
        layers: Sequence[str],
    ) -> "Walk":
        """Plan the tiles of a picture for some layers.

        Raises:
            ShapeError: the picture is too small for a layer.
        """
        extractor.check_size(frame.size, layers)
        plan = TilePlan.of(extractor.architecture, layers, frame.size, tile)
        return cls(extractor, image, frame, plan)

    def grid(self, layer: str) -> Size:
        """Height and width of a layer's grid; of the bare image for its pixels."""
        if layer == PIXELS:
            return self.image.shape[-2], self.image.shape[-1]
        return geometry.grid(self.extractor.architecture, layer, self.plan.size)

    def look(self, place: Place | None, layer: str, framing: Framing, phase: int) -> Look:
        """Return what is seen of a layer from a place, or of all of it."""
        channels = geometry.channels(self.extractor.architecture, layer)
        return Look.of(place, layer, self.grid(layer), channels, framing, phase)

    def rows(self, number: int, lookers: Sequence[Gatherer]) -> list[Span]:
        """Return the rows of the bare image that a visit to a tile reads."""
        _, needed = self._needed(number, lookers)
        boxes = self._boxes({layer: around(found) for layer, found in needed.items()})
        bare = [(box[0], box[1]) for kind, box in boxes.items() if kind == PIXELS]
        framed = [(box[0], box[1]) for kind, box in boxes.items() if kind == FRAMED]
        return bare + [source for span in framed for source in self.frame.source_rows(span)]

    def visit(self, number: int, lookers: Sequence[T], *, graph: bool = False) -> Visit[T]:
        """Compute what some of those who look see of a tile."""
        contexts, needed = self._needed(number, lookers)
        pixels, features = self._features({k: around(v) for k, v in needed.items()}, graph=graph)
        parts = {}
        for layer, boxes in needed.items():
            corner, found = features[layer]
            parts[layer] = iter(windows(found, [within(box, corner) for box in boxes]))
        seen = [Seen(by, next(parts[by.look.layer]), box) for by, box, _ in contexts]
        return Visit(pixels, seen)

    def add(self, total: Total, part: Tensor, box: Box, *, framed: bool) -> None:
        """Add the gradient of a box, of the framed or of the bare image, to the bare image's."""
        for source, piece in self.frame.sources(part, box) if framed else [(box, part)]:
            total.add(source, piece)

    def _needed(
        self, number: int, lookers: Sequence[T]
    ) -> tuple[list[tuple[T, Box, Box]], dict[str, list[Box]]]:
        """Say what each sees of a tile, with its context on the layer's grid, and by layer."""
        owned = [(by, by.look.seen(self.positions(number, by.look.layer))) for by in lookers]
        contexts = [
            (by, box, by.look.on_grid(by.context(box))) for by, box in owned if box is not None
        ]
        needed: dict[str, list[Box]] = {}
        for by, _, context in contexts:
            needed.setdefault(by.look.layer, []).append(context)
        return contexts, needed

    def _boxes(self, needed: Mapping[str, Box]) -> dict[str, Box]:
        """Return which pixels boxes of layers are computed from: bare ones, and framed ones."""
        boxes = {PIXELS: needed[PIXELS]} if PIXELS in needed else {}
        deep = [(layer, box) for layer, box in needed.items() if layer != PIXELS]
        if deep:
            table = self.extractor.architecture
            boxes[FRAMED] = geometry.input_box(table, deep, self.plan.size)
        return boxes

    def _features(
        self, needed: Mapping[str, Box], *, graph: bool
    ) -> tuple[dict[str, tuple[Box, Tensor]], dict[str, tuple[Box, Tensor]]]:
        """Compute boxes of layers; return the pixels they came from, and features with corners."""
        pixels: dict[str, tuple[Box, Tensor]] = {}
        features: dict[str, tuple[Box, Tensor]] = {}
        boxes = self._boxes(needed)
        if PIXELS in boxes:
            bare = window(self.image.detach(), boxes[PIXELS]).clone().requires_grad_(graph)
            pixels[PIXELS] = features[PIXELS] = (boxes[PIXELS], bare)
        if FRAMED in boxes:
            box = boxes[FRAMED]
            framed = self.frame.read(self.image.detach(), box).requires_grad_(graph)
            pixels[FRAMED] = (box, framed)
            deep = [layer for layer in needed if layer != PIXELS]
            for layer, found in self.extractor(framed, deep).items():
                step = geometry.stride(self.extractor.architecture, layer)
                features[layer] = (tuple(edge // step for edge in box), found)  # type: ignore[assignment]
        return pixels, features

    def positions(self, number: int, layer: str) -> Box | None:
        """Return which positions of a layer a tile owns."""
        if layer != PIXELS:
            return self.plan.positions(self.extractor.architecture, layer, number)
        bare = overlap(self.plan.boxes[number], self.frame.bare)
        return None if bare is None else within(bare, self.frame.bare)


@torch.no_grad()
def gather(walk: Walk, gatherers: Sequence[Gatherer]) -> None:
    """Let all tiles be gathered, in the order of the plan, without a graph."""
    if gatherers:
        for number in range(len(walk.plan.boxes)):
            for by, features, owned in walk.visit(number, gatherers).seen:
                by.add(by.gather(features, owned))
