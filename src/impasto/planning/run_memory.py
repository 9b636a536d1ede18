"""Peak memory of a run: its pictures, its optimizer, its targets and one evaluation, by stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import sqrt
from typing import Literal

from impasto.engine.framing import PERIOD
from impasto.engine.schedule import Stage
from impasto.engine.tiled.plan import TilePlan
from impasto.features import geometry
from impasto.features.architectures import PIXELS, architecture
from impasto.planning.network_memory import PIXEL, Looks, NetworkMemory
from impasto.recipe import Recipe
from impasto.weights import catalog

Size = tuple[int, int]
"""Height and width."""
Allocation = Literal["kept", "compact", "cuda"]
"""kept: freed blocks stay with the process, for speed; compact: they go back to the system."""

SLACK: dict[Allocation, float] = {"kept": 2.35, "compact": 1.04, "cuda": 1.15}
"""What is taken from the system over what is held at once: blocks of many sizes leave gaps."""
LIBRARIES = 20_000_000
"""Bytes that libraries take when they first compute."""
BLOCKED = 2 * 64
"""Bytes a pixel that oneDNN needs to blur: it brings 3 channels to 16, before and after."""


@dataclass(frozen=True)
class PictureSizes:
    """The pictures of a run, as they were decoded."""

    content: Size
    styles: tuple[Size, ...]
    start: Size | None = None

    @property
    def bytes(self) -> int:
        """What they take as long as the run lasts."""
        return PIXEL * sum(h * w for h, w in (self.content, *self.styles, *filter(None, [self.start])))


@dataclass(frozen=True)
class RunMemory:
    """Estimates the peak of a run of a recipe.

    Counted is what the code holds, tensor by tensor; `SLACK` and `LIBRARIES` alone are fitted.
    """

    recipe: Recipe
    """With a precision: `auto` counts as fp32."""
    pictures: PictureSizes
    guided: bool = False
    """Some targets look at parts of the picture."""

    @cached_property
    def network(self) -> NetworkMemory:
        """What the recipe's network holds."""
        settings = self.recipe.network
        known = catalog.network(settings.name)
        padding = known.padding if settings.padding == "own" else settings.padding
        pooling = known.pooling if settings.pooling == "own" else settings.pooling
        return NetworkMemory(
            architecture(known.architecture),
            looks(self.recipe),
            width=2 if settings.precision == "bf16" else 4,
            pads=padding != "zeros",
            max_pools=pooling == "max",
        )

    @property
    def weights(self) -> int:
        """Bytes of the network's weights, as far as the deepest layer, in a copy of its own."""
        deepest = self.network.architecture.deepest(tuple(self.network.looks.layers))
        names = [node.convolution for node in self.network.architecture.nodes[: deepest + 1]]
        shapes = self.network.architecture.weight_shapes()
        count = sum(shape[0] * shape[1] * 9 for n, shape in shapes.items() if len(shape) == 4 and n.split(".")[0] in names)
        return self.network.width * count

    @property
    def halo(self) -> int:
        """Pixels that a tile is computed beyond its own, on each side."""
        table = self.network.architecture
        return max((geometry.halo(table, layer) for layer in self.network.looks.layers), default=0)

    def stage(self, stages: Sequence[Stage], tile: int | None, mapped: bool = False) -> int:
        """Return the bytes held at once in the last of some stages, beside what was there before.

        Args:
            stages: the first ones, up to the one that is asked for.
            tile: side of a tile in pixels; None for the whole image.
            mapped: pictures, gradient, optimizer and targets lie in files.
        """
        last = stages[-1]
        pixels = PIXEL * last.height * last.width
        state = pixels * (_held(self.recipe) + (tile is not None))
        targets = sum(map(self.targets, stages))
        framed = self._framed(last)
        moment = max(
            self._evaluation(framed, tile),
            self._update(pixels),
            pixels + self._measured(framed, tile),
            *(PIXEL * h * w + self._measured((h, w), tile) for h, w in self._styles(last)),
        )
        resident = 0 if mapped else state + targets + self.pictures.bytes
        return self.weights + resident + moment

    def mapped(self, stages: Sequence[Stage]) -> int:
        """Return the bytes of files that the last of some stages needs if it is mapped."""
        pixels = PIXEL * stages[-1].height * stages[-1].width
        return pixels * (_held(self.recipe) + 1) + sum(map(self.targets, stages))

    def targets(self, stage: Stage) -> int:
        """Return the bytes of what a stage compares with; it stays until the run ends."""
        content = self.recipe.content
        if content.weight == 0 and content.hold == "weight":
            return 0
        shifts = 1 if self.recipe.optimizer.name == "lbfgs" else self.recipe.objective.shifts
        framed, copies = self._framed(stage), 2 if self.guided else 1
        return shifts * copies * sum(self.network.features(n, *framed) for n in content.layers)

    def _framed(self, stage: Stage) -> Size:
        border = 2 * self.recipe.objective.margin
        return stage.height + border, stage.width + border

    def _evaluation(self, framed: Size, tile: int | None) -> int:
        height, width = self._computed(framed, tile)
        parts = self.guided or (height, width) != framed
        copied = sum(self.network.features(n, height, width) for n in self.network.looks.layers)
        bare = self._on_pixels(height * width)
        return self.network.evaluation(height, width) + (copied if parts else 0) + bare

    def _measured(self, size: Size, tile: int | None) -> int:
        return self.network.measurement(*self._computed(size, tile))

    def _computed(self, framed: Size, tile: int | None) -> Size:
        """Return the size of what the network sees at once: all, or a tile with its halo."""
        if tile is None or (plan := TilePlan.of(framed, tile)).whole:
            return framed
        extra = 2 * self.halo + PERIOD
        sides = [max(b[i + 1] - b[i] for b in plan.boxes) + extra for i in (0, 2)]
        return min(framed[0], sides[0]), min(framed[1], sides[1])

    def _on_pixels(self, pixels: int) -> int:
        """Return what terms on bare pixels hold: differences to neighbors, pooled Laplacians."""
        variation = 3 * PIXEL if self.recipe.total_variation.weight > 0 else 0
        return (variation + (PIXEL // 2 if self.recipe.laplacian.weight > 0 else 0)) * pixels

    def _update(self, pixels: int) -> int:
        """Return what an optimizer needs for itself, gradient and next image included."""
        settings = self.recipe.optimizer
        if settings.name == "adam" and settings.adam.smoothing > 0:
            return 3 * pixels + pixels * BLOCKED // PIXEL
        return 4 * pixels

    def _styles(self, stage: Stage) -> list[Size]:
        side = sqrt(stage.height * stage.width)
        found = []
        for index, (height, width) in enumerate(self.pictures.styles):
            ratio = side * self.recipe.style.scale_of(index) / sqrt(height * width)
            found.append((round(height * ratio), round(width * ratio)))
        return found


def looks(recipe: Recipe) -> Looks:
    """Tell what a recipe's terms look at in the network."""
    local: dict[str, int] = {}
    if recipe.content.weight > 0 or recipe.content.hold == "strength":
        if recipe.content.statistics == "features":
            local = dict.fromkeys(recipe.content.layers, 1)
    style = recipe.style.layers if recipe.style.weight > 0 else {}
    histogram = recipe.histogram.layers if recipe.histogram.weight > 0 else {}
    alike = recipe.content.layers if recipe.content.statistics != "features" else {}
    wide = [layer for layer in chain(style, histogram, alike) if layer != PIXELS]
    return Looks(
        {n: c for n, c in local.items() if n != PIXELS}, {n: wide.count(n) for n in wide}
    )


def _held(recipe: Recipe) -> int:
    """Return how many images an optimizer and a stage hold from step to step."""
    images = 4  # the image, the last good one, that of the stage's start, and the average
    if recipe.optimizer.name == "lbfgs":
        return images + 2 * recipe.optimizer.lbfgs.history + 3  # pairs; gradient, direction, probe
    return images + (2 if recipe.optimizer.name == "adam" else 0)
