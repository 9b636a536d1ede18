"""What a target sees of a layer, of the whole image and of one tile."""

from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from impasto.engine.framing import Framing
from impasto.engine.place import Place
from impasto.features.geometry import Size
from impasto.numerics.windows import Box, overlap, window, within


@dataclass(frozen=True)
class Look:
    """A box of a layer's grid, weighted or not; other boxes are counted from its corner."""

    layer: str
    box: Box
    channels: int
    weight: Tensor | None = None
    """(1, 1, h, w) of the box."""

    @classmethod
    def of(
        cls,
        place: Place | None,
        layer: str,
        grid: Size,
        channels: int,
        framing: Framing,
        phase: int,
    ) -> "Look":
        """See a layer's grid (height, width) from a place, or from everywhere alike."""
        if place is None:
            return cls(layer, (0, grid[0], 0, grid[1]), channels)
        box, weight = place.at(framing, phase, layer, grid)
        return cls(layer, box, channels, weight)

    @property
    def grid(self) -> Size:
        """Height and width of the box."""
        return self.box[1] - self.box[0], self.box[3] - self.box[2]

    def seen(self, positions: Box | None) -> Box | None:
        """Return the part of a tile's positions that is looked at; None where that is none."""
        seen = None if positions is None else overlap(positions, self.box)
        return None if seen is None else within(seen, self.box)

    def on_grid(self, box: Box) -> Box:
        """Return a box in the coordinates of the layer's grid."""
        top, left = self.box[0], self.box[2]
        return (box[0] + top, box[1] + top, box[2] + left, box[3] + left)

    def weight_in(self, box: Box) -> Tensor | None:
        """Return the weights of a box's positions."""
        return None if self.weight is None else window(self.weight, box).contiguous()


class Gatherer(Protocol):
    """What looks at a layer of a picture, tile by tile."""

    look: Look

    def context(self, owned: Box) -> Box:
        """Return the positions whose features `gather` needs for a tile's own."""

    def gather(self, features: Tensor, owned: Box) -> Any:
        """Measure a tile's own positions, given the features of their context."""

    def add(self, gathered: Any) -> None:
        """Add what a tile gathered, without its graph; in the order of the tiles."""
