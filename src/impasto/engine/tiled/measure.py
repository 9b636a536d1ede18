"""Targets measured tile by tile: the statistics that `summarize` would give of the whole picture.

What is compared place by place keeps features of all positions; those can be as large as the
network's own activations, so that large ones lie in mapped files.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Protocol, cast

import torch
from torch import Tensor

from impasto.engine.framing import Framing
from impasto.engine.place import PIXELS, Place
from impasto.engine.targets import FeatureExtractor
from impasto.engine.tiled.framed import Frame
from impasto.engine.tiled.look import Gatherer, Look
from impasto.engine.tiled.parts import AdditivePart, GlobalPart
from impasto.engine.tiled.walk import LayeredExtractor, Walk, gather
from impasto.losses.term import GlobalLoss, Loss, Statistics, Term
from impasto.numerics.storage import MEMORY, Storage, mapped_storage
from impasto.numerics.strip import Strip
from impasto.numerics.windows import Box, Span, window, within

LARGE, LARGE_BESIDE_FILES = 256 * 2**20, 8 * 2**20
"""Bytes from which the features of a layer go to a file; and where images do as well."""


class Summary(Gatherer, Protocol):
    """Gathers what a target is made of."""

    @property
    def statistics(self) -> Statistics:
        """The statistics of the whole picture."""


class PlacedSummary:
    """Keeps the features of all positions, or what a local loss makes of them."""

    def __init__(self, loss: Loss, look: Look, storage: Callable[[int], Storage]) -> None:
        self.loss, self.look, self.storage = loss, look, storage
        self.rows: Span = (0, look.grid[0])
        self.kept: Tensor | None = None
        self._total: Callable[[Tensor], Tensor] | None = None

    @property
    def is_local(self) -> bool:
        """Whether each position is compared by itself."""
        return self.loss.contract == "local"

    def keep_rows(self, rows: Span, total: Callable[[Tensor], Tensor]) -> None:
        """Keep some rows alone; of a local loss, which is not asked for others.

        Args:
            rows: of the look's grid.
            total: adds up a number for each row of the whole grid, given those of these.
        """
        self.rows, self._total = rows, total

    def context(self, owned: Box) -> Box:
        """Return the tile's own positions."""
        return owned

    def gather(self, features: Tensor, owned: Box) -> tuple[Tensor, Box]:
        """Return a tile's features, or a local loss's statistics of them."""
        if not self.is_local:
            return features, owned
        return self.loss.summarize(features, self.look.weight_in(owned)), owned

    def add(self, gathered: tuple[Tensor, Box]) -> None:
        """Put features in their place."""
        features, owned = gathered
        if self.kept is None:
            # Channels lie side by side, as the network's own do: a box is read in long pieces.
            shape = (1, self.rows[1] - self.rows[0], self.look.grid[1], features.shape[1])
            storage = self.storage(prod(shape) * features.dtype.itemsize)
            kept = storage.zeros(shape, features.dtype).permute(0, 3, 1, 2)
            self.kept = kept if storage.mapped else kept.to(features.device)
        top = self.rows[0]
        window(self.kept, within(owned, (top, 0, 0, 0))).copy_(features)

    def held(self) -> list[Tensor]:
        """Return the features kept so far, zeros among them where none came yet."""
        return [] if self.kept is None else [self.kept.permute(0, 2, 3, 1)]

    def hold(self, held: Sequence[Tensor]) -> None:
        """Have other features."""
        self.kept = held[0].permute(0, 3, 1, 2) if held else None

    @property
    def statistics(self) -> Statistics:
        """The kept features, or what a global loss makes of them."""
        if self._total is not None:
            return self._strip(self._total)
        assert self.kept is not None
        if self.is_local:
            return self.kept
        return self.loss.summarize(self.kept, self.look.weight)

    def _strip(self, total: Callable[[Tensor], Tensor]) -> Strip:
        shape = (1, self.look.channels, *self.look.grid)
        parts = [] if self.kept is None else [(self.rows[0], self.kept)]
        return Strip(shape, parts, total)


@dataclass(frozen=True)
class TiledMeasure:
    """Measures pictures for targets, tile by tile."""

    tile: int
    """Side of a tile in pixels, at most."""
    storage: Callable[[], Storage] = mapped_storage
    """Makes the place of large targets."""
    large: int = LARGE
    """Bytes of a target from which it goes there."""
    gathering: Callable[[Walk, Sequence[Gatherer]], None] = gather
    """Visits the tiles."""

    @torch.no_grad()
    def __call__(
        self,
        extractor: FeatureExtractor,
        term: Term,
        image: Tensor,
        place: Place | None,
        framing: Framing,
        phase: int,
    ) -> dict[str, Statistics]:
        """Return the statistics of an image (1, 3, H, W) at each of the term's layers.

        Raises:
            ShapeError: the image is too small for a layer.
            InputError: the storage has no room.
        """
        layered = cast(LayeredExtractor, extractor)
        frame = Frame.of(framing, image.shape[-2], image.shape[-1], phase)
        walk = Walk.of(layered, image, frame, self.tile, list(term.layers))
        looks = {layer: walk.look(place, layer, framing, phase) for layer in term.layers}
        # The bare pixels are there as a whole, and losses on them make little of them.
        bare = {
            layer: term.loss.summarize(window(image, look.box), look.weight)
            for layer, look in looks.items()
            if layer == PIXELS and term.loss.contract == "local"
        }
        summaries = {
            layer: self._summary(term.loss, look)
            for layer, look in looks.items()
            if layer not in bare
        }
        self.gathering(walk, list(summaries.values()))
        found = bare | {layer: summary.statistics for layer, summary in summaries.items()}
        return {layer: found[layer] for layer in term.layers}

    def _summary(self, loss: Loss, look: Look) -> Summary:
        if loss.contract == "additive":
            return AdditivePart(loss, None, look)
        if loss.contract == "global" and not cast(GlobalLoss, loss).placed:
            return GlobalPart(loss, None, look, None)
        return PlacedSummary(loss, look, self._stored)

    def _stored(self, size: int) -> Storage:
        return self.storage() if size >= self.large else MEMORY
