"""Peak memory of a run: its pictures, its optimizer, its targets and one evaluation, by stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import sqrt

from impasto.engine.framing import PERIOD
from impasto.engine.schedule import Stage
from impasto.engine.tiled.plan import TilePlan
from impasto.execution import ExecutionPlan
from impasto.features.architectures import PIXELS, architecture
from impasto.numerics.bands import BAND
from impasto.planning.network_memory import FLOAT, PIXEL, Looks, NetworkMemory
from impasto.recipe import Recipe
from impasto.weights import catalog

Size = tuple[int, int]
"""Height and width."""

KEPT, KEPT_TILES, KEPT_WIDE, KEPT_WIDE_TILES = 2.35, 2.05, 2.9, 3.5
KEPT_ONCE, COMPACT, CUDA = 1.5, 1.05, 1.2
"""What is taken from the system over what is held for a moment: blocks of many sizes leave gaps,
few where an allocator gives large blocks back, more where it keeps them, fewer of what is done
once, as the measuring of a picture, and not at every step."""
LIBRARIES, SIZE, SIZE_WIDE = 55_000_000, 5_300_000, 9_500_000
"""Bytes that libraries take when they first compute; and what they keep in bf16 for each size that
they compute at, of which tiles have many."""
BESIDE = 3
"""Images that a stage holds from step to step: this one, the last good one, and the average."""
BLOCKED = 2 * 64
"""Bytes a pixel that oneDNN needs to blur: it brings 3 channels to 16, before and after."""


@dataclass(frozen=True)
class PictureSizes:
    """The pictures of a run, as they were decoded."""

    content: Size
    styles: tuple[Size, ...]
    start: Size | None = None

    streamed: bool = False
    """The content is made smaller while it is read, where images lie in files."""

    def taken(self, *, mapped: bool) -> int:
        """Return the bytes that they take as long as the run lasts."""
        shown = [] if mapped and self.streamed else [self.content]
        return PIXEL * sum(h * w for h, w in (*shown, *self.styles, *filter(None, [self.start])))


@dataclass(frozen=True)
class RunMemory:
    """Estimates the peak of a run of a recipe.

    Counted is what the code holds, tensor by tensor; `LIBRARIES`, `SIZE` and factors are fitted.
    """

    recipe: Recipe
    """With a precision: `auto` counts as fp32."""
    pictures: PictureSizes
    base: int = 0
    """Bytes that the process has without pictures and network."""
    guided: bool = False
    """Some targets look at parts of the picture."""
    shown: float = 1.0
    """Share of the picture that stages show: 1, but for a detail. Styles are measured for all."""
    on_gpu: bool = False

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
        count = sum(
            shape[0] * shape[1] * 9
            for n, shape in shapes.items()
            if len(shape) == 4 and n.split(".")[0] in names
        )
        return self.network.width * count

    @property
    def is_wide(self) -> bool:
        """Whether steps mostly multiply, so that a compact allocator slows them by little: VGG."""
        return self.network.architecture.blocks[0][0] >= 64

    def _for_sizes(self, stages: Sequence[Stage], tile: int | None) -> int:
        """Return what libraries have kept for all sizes of tiles of some stages."""
        if tile is None or self.recipe.network.precision != "bf16":
            return 0
        seen = [size for s in stages for size in (self._framed(s), *self._styles(s))]
        found = frozenset[Size]().union(*(self._sizes(size, tile) for size in seen))
        return len(found) * (SIZE_WIDE if self.is_wide else SIZE)

    def _kept(self, plan: ExecutionPlan) -> float:
        if self.is_wide:
            return KEPT_WIDE if plan.tile is None else KEPT_WIDE_TILES
        return KEPT if plan.tile is None else KEPT_TILES

    @property
    def smallest(self) -> int:
        """The smallest side in pixels of a stage that has all of the recipe's layers."""
        settings = self.recipe.network
        own = catalog.network(settings.name).padding
        padding = own if settings.padding == "own" else settings.padding
        nodes = [self.network.architecture.node(n) for n in self.recipe.layers if n != PIXELS]
        reflects = padding == "reflect"
        return max(
            (n.stride * (2 if reflects and n.kind != "pool" else 1) for n in nodes), default=1
        )

    def peak(self, stages: Sequence[Stage], plan: ExecutionPlan) -> int:
        """Return the bytes that the process takes at most; on a GPU, those taken there."""
        return max(self.at(stages[: n + 1], plan) for n in range(len(stages)))

    def at(self, stages: Sequence[Stage], plan: ExecutionPlan) -> int:
        """Return the bytes that the process takes in the last of some stages."""
        fixed = self.base + self.weights
        if not self.on_gpu:
            fixed += LIBRARIES + self._for_sizes(stages, plan.tile)
            fixed += self.pictures.taken(mapped=plan.mapped)
        even = CUDA if self.on_gpu else COMPACT
        gives_back = self.on_gpu or plan.compact
        often, once = (even, even) if gives_back else (self._kept(plan), KEPT_ONCE)
        # As a stage begins, its image is the last good one as well, and there is no average.
        fresh = (BESIDE - 1) * PIXEL * stages[-1].height * stages[-1].width
        held = 0 if plan.mapped else self.resident(stages)
        stepping = often * (held + self.stepping(stages[-1], plan))
        measuring = once * (max(0, held - fresh) + self.measuring(stages[-1], plan))
        return fixed + int(max(stepping, measuring))

    def turnover(self, stage: Stage) -> int:
        """Return the bytes that an evaluation of a stage takes and gives back in all."""
        return self.network.turnover(*self._framed(stage))

    def tiles(self, stage: Stage, plan: ExecutionPlan) -> int:
        """Return the number of tiles of a stage; 1 where it is whole."""
        return 1 if plan.tile is None else len(self._tiles(self._framed(stage), plan.tile).boxes)

    def overhead(self, stage: Stage, plan: ExecutionPlan) -> float:
        """Return how many times as long a step takes in the plan's tiles as of the whole image."""
        if plan.tile is None or (tiles := self._tiles(self._framed(stage), plan.tile)).whole:
            return 1.0
        table, seen = self.network.architecture, self.network.looks
        return tiles.overhead(table, sorted(seen.layers), sorted(seen.additive))

    def disk(self, stages: Sequence[Stage], plan: ExecutionPlan) -> int:
        """Return the bytes of temporary files: gradient and next image are there as well."""
        pixels = PIXEL * stages[-1].height * stages[-1].width
        return self.resident(stages) + 2 * pixels if plan.mapped else 0

    def resident(self, stages: Sequence[Stage]) -> int:
        """Return the bytes held from step to step in the last of some stages."""
        pixels = PIXEL * stages[-1].height * stages[-1].width
        return pixels * (BESIDE + _of_optimizer(self.recipe)) + sum(map(self.targets, stages))

    def stepping(self, stage: Stage, plan: ExecutionPlan) -> int:
        """Return the most bytes that a step of a stage needs beside what is resident."""
        pixels = PIXEL * stage.height * stage.width
        held = 0 if plan.mapped else pixels
        gradient = 0 if plan.tile is None else held  # that of a whole picture is counted with it
        return max(
            self._evaluation(self._framed(stage), plan.tile) + gradient,
            self._update(held, min(pixels, BAND * FLOAT)),
        )

    def measuring(self, stage: Stage, plan: ExecutionPlan) -> int:
        """Return the most bytes that a stage's targets need, while they are made, likewise."""
        shown = PIXEL * stage.height * stage.width / self.shown
        pictures = [(self._framed(stage), shown)]
        pictures += [(size, PIXEL * size[0] * size[1]) for size in self._styles(stage)]
        return max(
            self._measured(size, plan.tile) + (0 if plan.mapped else int(pixels))
            for size, pixels in pictures
        )

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
        bare = self._on_pixels(height * width)
        if tile is not None and (height, width) != framed:
            own = min(1.0, tile**2 / (height * width))  # what terms look at, without the halo
            return self.network.evaluation(height, width, own) + bare
        layers = self.network.looks.layers if self.guided else ()
        copied = sum(self.network.features(layer, height, width) for layer in layers)
        return self.network.evaluation(height, width) + copied + bare

    def _measured(self, size: Size, tile: int | None) -> int:
        return self.network.measurement(*self._computed(size, tile))

    def _computed(self, framed: Size, tile: int | None) -> Size:
        """Return the size of what the network sees at once: all, or a tile with its halo."""
        if tile is None:
            return framed
        sizes = self._sizes(framed, tile)
        height, width = max(sizes, key=lambda size: size[0] * size[1], default=framed)
        return min(framed[0], height + PERIOD), min(framed[1], width + PERIOD)

    def _sizes(self, framed: Size, tile: int) -> frozenset[Size]:
        """Return the sizes of what tiles see, halos included."""
        plan = self._tiles(framed, tile)
        table, layers = self.network.architecture, tuple(self.network.looks.layers)
        return frozenset({framed}) if plan.whole else plan.sizes(table, layers)

    def _tiles(self, framed: Size, tile: int) -> TilePlan:
        return TilePlan.of(self.network.architecture, self.network.looks.layers, framed, tile)

    def _on_pixels(self, pixels: int) -> int:
        """Return what terms on bare pixels hold: differences to neighbors, pooled Laplacians."""
        variation = 3 * PIXEL if self.recipe.total_variation.weight > 0 else 0
        return (variation + (PIXEL // 2 if self.recipe.laplacian.weight > 0 else 0)) * pixels

    def _update(self, pixels: int, band: int) -> int:
        """Return what an optimizer needs for itself, gradient and next image included."""
        settings = self.recipe.optimizer
        if settings.name == "adam":
            blur = band * BLOCKED // PIXEL if settings.adam.smoothing > 0 else 0
            return 2 * pixels + 4 * band + blur
        return (4 if settings.name == "lbfgs" else 3) * pixels + band

    def _styles(self, stage: Stage) -> list[Size]:
        side = sqrt(stage.height * stage.width / self.shown)
        found = []
        for index, (height, width) in enumerate(self.pictures.styles):
            ratio = side * self.recipe.style.scale_of(index) / sqrt(height * width)
            found.append((round(height * ratio), round(width * ratio)))
        return found


def looks(recipe: Recipe) -> Looks:
    """Tell what a recipe's terms look at in the network."""
    local: dict[str, int] = {}
    wanted = recipe.content.weight > 0 or recipe.content.hold == "strength"
    if wanted and recipe.content.statistics == "features":
        local = dict.fromkeys(recipe.content.layers, 1)
    style = recipe.style.layers if recipe.style.weight > 0 else {}
    histogram = recipe.histogram.layers if recipe.histogram.weight > 0 else {}
    alike = recipe.content.layers if recipe.content.statistics != "features" else {}
    wide = [layer for layer in chain(style, histogram, alike) if layer != PIXELS]
    return Looks({n: c for n, c in local.items() if n != PIXELS}, {n: wide.count(n) for n in wide})


def _of_optimizer(recipe: Recipe) -> int:
    """How many images an optimizer holds from step to step."""
    if recipe.optimizer.name == "lbfgs":
        return 2 * recipe.optimizer.lbfgs.history + 3  # pairs; gradient, direction, probe
    return 2 if recipe.optimizer.name == "adam" else 0
