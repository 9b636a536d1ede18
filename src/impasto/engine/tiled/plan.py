"""The plan of tiles: how a framed picture is divided, as plain data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from impasto.features import geometry
from impasto.features.architectures import Architecture
from impasto.features.geometry import Size
from impasto.numerics.windows import Box, Span

ALIGNED = 16
"""Tiles begin at multiples of so many pixels, or of the deepest layer's stride if that is more."""
FIRST_PASS = 0.45
"""A pass forth, as a share of a step. By operations it is half, as the way back through frozen
convolutions multiplies as often as the way forth; the clock says .38 (VGG-19) to .41 (pocket-v1),
since the way back touches more memory. What small tiles lose otherwise makes up for the rest."""


@dataclass(frozen=True)
class TilePlan:
    """A picture's tiles, in the order in which they are computed and their sums added up."""

    size: Size
    """Height and width of the picture as the network sees it, framed, in pixels."""
    tile: int
    """Side of a tile in pixels at most, but for the last ones of a row or column, which may be up
    to a stride longer."""
    boxes: tuple[Box, ...]
    """What each tile owns, in pixels of the framed picture; row by row, disjoint, without gaps."""

    @classmethod
    def of(
        cls, architecture: Architecture, layers: Iterable[str], size: Size, tile: int
    ) -> "TilePlan":
        """Divide a picture into tiles of nearly equal size.

        Args:
            architecture: of the network.
            layers: that are looked at.
            size: height and width of the framed picture.
            tile: side of a tile in pixels; it is rounded down to whole strides of the deepest
                layer, but not to none.
        """
        step = max([ALIGNED, *(geometry.stride(architecture, layer) for layer in layers)])
        side = max(1, tile // step) * step
        rows, columns = (_divided(length, side, step) for length in size)
        return cls(size, side, tuple((*row, *column) for row in rows for column in columns))

    @property
    def whole(self) -> bool:
        """Whether one tile covers everything."""
        return len(self.boxes) == 1

    def positions(self, architecture: Architecture, layer: str, number: int) -> Box | None:
        """Return which positions of a layer a tile owns; None where that is none."""
        step = geometry.stride(architecture, layer)
        grid = geometry.grid(architecture, layer, self.size)
        box = self.boxes[number]
        rows, columns = (
            _owned((box[2 * side], box[2 * side + 1]), step, self.size[side], grid[side])
            for side in (0, 1)
        )
        return (*rows, *columns) if rows[0] < rows[1] and columns[0] < columns[1] else None

    def input_box(
        self, architecture: Architecture, layers: Iterable[str], number: int
    ) -> Box | None:
        """Return the framed pixels that a tile's own positions of some layers are computed from."""
        owned = [(layer, self.positions(architecture, layer, number)) for layer in layers]
        boxes = [(layer, box) for layer, box in owned if box is not None]
        return geometry.input_box(architecture, boxes, self.size) if boxes else None

    def sizes(self, architecture: Architecture, layers: Sequence[str]) -> frozenset[Size]:
        """Return the different sizes of what tiles are computed from, in framed pixels.

        What rows need does not depend on the column, so a row and a column of tiles tell.
        """
        top, left = self.boxes[0][:2], self.boxes[0][2:]
        column = [n for n, box in enumerate(self.boxes) if box[2:] == left]
        row = [n for n, box in enumerate(self.boxes) if box[:2] == top]
        high = [self.input_box(architecture, layers, n) for n in column]
        wide = [self.input_box(architecture, layers, n) for n in row]
        heights = {box[1] - box[0] for box in high if box is not None}
        widths = {box[3] - box[2] for box in wide if box is not None}
        return frozenset((height, width) for height in heights for width in widths)

    def overhead(
        self, architecture: Architecture, layers: Sequence[str], gathered: Sequence[str] = ()
    ) -> float:
        """Predict how many times as long a step takes in tiles as of the whole picture.

        Gathering adds a pass forth, and halos are computed by each tile that sees them.

        Args:
            architecture: of the network.
            layers: that are looked at.
            gathered: those that a first pass goes through, none where a loss needs no such pass.
        """
        whole = geometry.work(architecture, layers, self.size)
        first = FIRST_PASS * self._work(architecture, gathered)
        tiles = first + self._work(architecture, layers)
        return tiles / whole if whole else 1.0

    def _work(self, architecture: Architecture, layers: Sequence[str]) -> float:
        boxes = (self.input_box(architecture, layers, n) for n in range(len(self.boxes)))
        sizes = [(b[1] - b[0], b[3] - b[2]) for b in boxes if b is not None]
        return sum(geometry.work(architecture, layers, size) for size in sizes)


def _owned(span: Span, step: int, size: int, positions: int) -> Span:
    """The positions that begin in a span of pixels; what is left over at the end has none."""
    return min(span[0] // step, positions), positions if span[1] == size else span[1] // step


def _divided(length: int, side: int, step: int) -> list[Span]:
    count = -(-length // side)
    edges = [length * n // count // step * step for n in range(count)] + [length]
    return list(pairwise(edges))
