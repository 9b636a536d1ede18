"""A place: which pixels of the image count, and how much, brought to the grid of any layer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from torch import Tensor

from impasto.engine.framing import Framing
from impasto.numerics.masks import shares
from impasto.numerics.windows import Box, box_of, window, windows

PIXELS = "pixels"


class View(NamedTuple):
    """What a target sees of a layer."""

    features: Tensor
    weight: Tensor | None


@dataclass(frozen=True, eq=False)
class Place:
    """A mask of the image; it is framed as the image is, and averaged over each layer's cells.

    Outside of the box in which the mask is above zero nothing is looked at.
    """

    mask: Tensor
    """(1, 1, H, W), at least zero, at the size of the image."""
    _known: dict[tuple[int, ...], tuple[Box, Tensor]] = field(default_factory=dict, repr=False)

    def at(
        self, framing: Framing, phase: int, layer: str, grid: tuple[int, ...]
    ) -> tuple[Box, Tensor]:
        """Return the box of a layer's grid (height, width), and the weights (1, 1, h, w) in it."""
        key = (layer == PIXELS, phase % framing.shifts, *grid)
        if key not in self._known:
            bare = layer == PIXELS
            weight = self.mask if bare else shares(framing.frame(self.mask, phase), *grid)
            box = box_of(weight)
            self._known[key] = box, window(weight, box).contiguous()
        return self._known[key]


def views(
    places: Sequence[Place | None],
    layers: Sequence[Iterable[str]],
    features: Mapping[str, Tensor],
    framing: Framing,
    phase: int,
) -> list[dict[str, View]]:
    """Return what is seen from several places, by layer; None sees everything, unweighted.

    Args:
        places: in any number.
        layers: that each of them looks at.
        features: of the framed image, by layer.
        framing: how the image was framed.
        phase: of the framing.
    """
    found: list[dict[str, View]] = [{} for _ in places]
    for layer, maps in features.items():
        grid = tuple(maps.shape[-2:])
        looking = [n for n, names in enumerate(layers) if layer in names]
        seen = [
            ((0, grid[0], 0, grid[1]), None)
            if (p := places[n]) is None
            else p.at(framing, phase, layer, grid)
            for n in looking
        ]
        parts = windows(maps, [box for box, _ in seen])
        for n, part, (_, weight) in zip(looking, parts, seen, strict=True):
            found[n][layer] = View(part, weight)
    return found
