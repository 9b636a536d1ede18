"""Targets measured tile by tile: the statistics that `summarize` would give of the whole picture.

What is compared place by place keeps features of all positions; those can be as large as the
network's own activations, so that large ones lie in mapped files.
"""

from collections.abc import Callable
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
from impasto.numerics.windows import Box, window

LARGE = 256 * 2**20
"""Bytes from which the features of a layer go to a file."""


class Summary(Gatherer, Protocol):
    """Gathers what a target is made of."""

    @property
    def statistics(self) -> Statistics:
        """The statistics of the whole picture."""


class PlacedSummary:
    """Keeps the features of all positions, or what a local loss makes of them."""

    def __init__(self, loss: Loss, look: Look, storage: Callable[[int], Storage]) -> None:
        self.loss, self.look, self.storage = loss, look, storage
        self.kept: Tensor | None = None

    def context(self, owned: Box) -> Box:
        """Return the tile's own positions."""
        return owned

    def gather(self, features: Tensor, owned: Box) -> tuple[Tensor, Box]:
        """Return a tile's features, or a local loss's statistics of them."""
        if self.loss.contract != "local":
            return features, owned
        return self.loss.summarize(features, self.look.weight_in(owned)), owned

    def add(self, gathered: tuple[Tensor, Box]) -> None:
        """Put features in their place."""
        features, owned = gathered
        if self.kept is None:
            # Channels lie side by side, as the network's own do: a box is read in long pieces.
            shape = (1, *self.look.grid, features.shape[1])
            storage = self.storage(prod(shape) * features.dtype.itemsize)
            kept = storage.zeros(shape, features.dtype).permute(0, 3, 1, 2)
            self.kept = kept if storage.mapped else kept.to(features.device)
        window(self.kept, owned).copy_(features)

    @property
    def statistics(self) -> Statistics:
        """The kept features, or what a global loss makes of them."""
        assert self.kept is not None
        if self.loss.contract == "local":
            return self.kept
        return self.loss.summarize(self.kept, self.look.weight)


@dataclass(frozen=True)
class TiledMeasure:
    """Measures pictures for targets, tile by tile."""

    tile: int
    """Side of a tile in pixels, at most."""
    storage: Callable[[], Storage] = mapped_storage
    """Makes the place of large targets."""

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
        gather(walk, list(summaries.values()))
        found = bare | {layer: summary.statistics for layer, summary in summaries.items()}
        return {layer: found[layer] for layer in term.layers}

    def _summary(self, loss: Loss, look: Look) -> Summary:
        if loss.contract == "additive":
            return AdditivePart(loss, None, look)
        if loss.contract == "global" and not cast(GlobalLoss, loss).placed:
            return GlobalPart(loss, None, look, None)
        return PlacedSummary(loss, look, self._stored)

    def _stored(self, size: int) -> Storage:
        return self.storage() if size >= LARGE else MEMORY
