"""What to do when memory runs out in a run: the same evaluation again, in smaller tiles."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self, TypeVar, cast

import torch
from torch import Tensor

from impasto.engine.framing import Framing
from impasto.engine.losses import Losses
from impasto.engine.objective import Objective
from impasto.engine.pixel_objective import PixelObjective
from impasto.engine.targets import Target
from impasto.engine.tiled.objective import TiledObjective
from impasto.engine.tiled.walk import LayeredExtractor
from impasto.errors import MemoryShortage, is_out_of_memory

SMALLEST = 256
"""Pixels of a side under which tiles are nearly all halo."""

T = TypeVar("T")


@dataclass
class Tiles:
    """The tiles of a run under way: as its job says, until memory runs out."""

    side: int | None = None
    """In pixels; None: as the job says."""
    untold: list[int] = field(default_factory=list)
    """Sides that were taken since anybody was told."""

    def shrink(self, present: int) -> None:
        """Take tiles of half the side.

        Args:
            present: side of the tiles, or long side of the image, that were too large.

        Raises:
            MemoryShortage: they are as small as can be.
        """
        side = min(present, self.side or present) // 2 // 64 * 64
        if side < SMALLEST:
            raise MemoryShortage(
                f"not enough memory, even in tiles of {min(present, self.side or present)} px: "
                "choose a smaller --size, or close other programs"
            )
        self.side = side
        self.untold.append(side)

    def told(self) -> list[int]:
        """Return what is to be told, once."""
        found, self.untold = self.untold, []
        return found

    def trying(self, present: int, work: Callable[[int | None], T]) -> T:
        """Do some work, with ever smaller tiles as long as memory runs out.

        Args:
            present: side of the job's own tiles, or long side of the image where it is whole.
            work: is given the side of tiles, None for the job's own.

        Raises:
            MemoryShortage: the smallest tiles are too large.
        """
        while True:
            try:
                return work(self.side)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            # Behind the handler the error is gone, and with it the frames that held tensors.
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            self.shrink(present)


@dataclass(frozen=True)
class Retiling:
    """An objective that goes on in smaller tiles when memory runs out; nothing of it is lost."""

    inner: Objective | TiledObjective
    tiles: Tiles
    _made: dict[int, TiledObjective] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, objective: PixelObjective, tiles: Tiles) -> PixelObjective:
        """Wrap an objective, if it is one that tiles can be made of."""
        is_plain = isinstance(objective, Objective) and hasattr(objective.extractor, "architecture")
        if is_plain or isinstance(objective, TiledObjective):
            return cls(cast(Objective | TiledObjective, objective), tiles)
        return objective

    @property
    def targets(self) -> tuple[Target, ...]:
        """What the image is compared with."""
        return tuple(self.inner.targets)

    @property
    def framing(self) -> Framing:
        """How the network sees the image."""
        return self.inner.framing

    def measure(self, image: Tensor, phase: int = 0) -> Losses:
        """Measure an image, without a graph."""
        return self._trying(image, lambda objective: objective.measure(image, phase))

    def value_and_gradient(self, image: Tensor, phase: int = 0) -> tuple[Losses, Tensor]:
        """Measure an image and differentiate the total by its pixels; the image is not changed."""
        return self._trying(image, lambda objective: objective.value_and_gradient(image, phase))

    def reweighted(self, weights: Mapping[str, float]) -> Self:
        """Return an objective with other weights for some of its terms.

        Raises:
            RecipeError: there is no term of that name.
        """
        made = {side: objective.reweighted(weights) for side, objective in self._made.items()}
        return replace(self, inner=self.inner.reweighted(weights), _made=made)

    def weights(self) -> dict[str, float]:
        """Return the weight of each term."""
        return self.inner.weights()

    def _trying(self, image: Tensor, work: Callable[[Objective | TiledObjective], T]) -> T:
        whole = max(image.shape[-2:])
        present = min(self.inner.tile, whole) if isinstance(self.inner, TiledObjective) else whole
        return self.tiles.trying(present, lambda side: work(self._at(side, present)))

    def _at(self, side: int | None, present: int) -> Objective | TiledObjective:
        if side is None or side >= present:
            return self.inner
        if side not in self._made:
            self._made[side] = _in_tiles(self.inner, side)
        return self._made[side]


def _in_tiles(objective: Objective | TiledObjective, side: int) -> TiledObjective:
    if isinstance(objective, TiledObjective):
        return replace(objective, tile=side)
    extractor = cast(LayeredExtractor, objective.extractor)
    return TiledObjective(extractor, objective.targets, objective.framing, objective.draws, side)
