"""The layout of a shared run: which rank computes which tiles, and which holds which rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from impasto.engine.framing import Framing
from impasto.engine.tiled.framed import Frame
from impasto.engine.tiled.plan import TilePlan
from impasto.features.architectures import Architecture
from impasto.features.geometry import Size
from impasto.numerics.windows import Span

CHUNK = 16
"""Rows that are reduced or filtered at once: bands are whole numbers of these but for the last, so
that it is done in the same pieces however many ranks there are."""


def blocks(plan: TilePlan, world: int) -> list[range]:
    """Share whole rows of tiles among ranks; return the numbers of each rank's tiles."""
    columns = sum(box[0] == plan.boxes[0][0] for box in plan.boxes)
    rows = len(plan.boxes) // columns
    edges = [rows * rank // world * columns for rank in range(world + 1)]
    return [range(edges[rank], edges[rank + 1]) for rank in range(world)]


@dataclass(frozen=True)
class Layout:
    """How pictures of any size are shared."""

    architecture: Architecture
    layers: Sequence[str]
    framing: Framing
    tile: int
    """Side of a tile in pixels, at most."""
    world: int

    def bands(self, size: Size) -> list[Span]:
        """Return for each rank which rows of a picture it holds; none where it has no tiles.

        They lie where the rank's tiles lie in the first phase; in the others these are moved by a
        few pixels.
        """
        frame = Frame.of(self.framing, *size, 0)
        plan = TilePlan.of(self.architecture, self.layers, frame.size, self.tile)
        shared = blocks(plan, self.world)
        found: list[Span] = []
        reached = size[0]
        for block in reversed(shared):  # each band ends where the one below begins
            if not block:
                found.append((reached, reached))
                continue
            top = plan.boxes[block.start][0] - frame.bare[0] if block.start else 0
            first = min(reached, max(0, round(top / CHUNK) * CHUNK))
            found.append((first, reached))
            reached = first
        return found[::-1]
