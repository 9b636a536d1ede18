"""What sharing a step among GPUs should give, on paper: the table of docs/distributed.md.

    python benchmarks/ranks_on_paper.py

A step is the paper's objective on VGG-19: three passes of the network for each tile (one gathers,
one goes forth with a graph and one back), with halos and uneven shares as the plan of tiles has
them. The bytes are those that `benchmarks/ranks.py` counts. Assumed are the constants below, enough
memory for the tile, no overlap of computing and sending, and that all but convolutions is free.
"""

from dataclasses import dataclass

from impasto.engine.ranks.layout import blocks
from impasto.engine.tiled.plan import TilePlan
from impasto.features.architectures import VGG19
from impasto.features.geometry import work

FLOPS = 50e12
"""Sustained by each GPU, of a second."""
BANDWIDTH = 25e9
"""Bytes of a second between neighbors."""
LATENCY = 20e-6
"""Seconds that each part of a message takes besides: its length, its header and its numbers."""
PARTS = 3
PASSES = 3
LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu4_2", "relu5_1")
CHANNELS = (64, 128, 256, 512, 512)
SUMS = 8 * sum(c * (c + 1) // 2 + c + 1 for c in CHANNELS)
"""Bytes of the sums of five Gram matrices: a triangle, the means and a count each, in float64."""
TILES = (128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
HALO = 116
"""Rows that a rank's tiles see beyond its band, as `benchmarks/ranks.py` counted."""

COLUMNS = (
    *("image", "GPUs", "tile", "busy", "TFLOP of the busiest"),
    *("sums, ms", "rows, MB", "step, s", "faster by"),
)


@dataclass(frozen=True)
class Estimate:
    """A step of a square picture, shared."""

    tile: int
    busy: int
    """GPUs that have tiles."""
    flop: float
    """Of the busiest."""
    sums: float
    """Seconds in which the sums go along the chain and back down a tree."""
    rows: float
    """Bytes of rows that a rank in the middle sends: pixels to two neighbors, then gradients."""

    @property
    def seconds(self) -> float:
        """Of a step."""
        return self.flop / FLOPS + self.sums + self.rows / BANDWIDTH


def estimate(side: int, tile: int, world: int) -> Estimate:
    """Estimate a step of a picture of a side, in pixels."""
    plan = TilePlan.of(VGG19, LAYERS, (side, side), tile)
    shares = [sum(_flop(plan, n) for n in block) for block in blocks(plan, world)]
    busy = sum(share > 0 for share in shares)
    hops = (world - 1) + (world - 1).bit_length()  # idle ranks pass them on as well
    sums = hops * (PARTS * LATENCY + SUMS / BANDWIDTH) if world > 1 else 0.0
    rows = 2 * 2 * HALO * side * 3 * 4 if busy > 1 else 0.0
    return Estimate(tile, busy, max(shares), sums, rows)


def _flop(plan: TilePlan, number: int) -> float:
    box = plan.input_box(VGG19, LAYERS, number)
    return 2 * PASSES * work(VGG19, LAYERS, (box[1] - box[0], box[3] - box[2])) if box else 0.0


def main() -> None:
    """Print the table, each row with the best tile."""
    print(f"| {' | '.join(COLUMNS)} |")
    print("|---" * len(COLUMNS) + "|")
    for side in (8192, 16384):
        alone = 0.0
        for world in (1, 8, 64):
            best = min((estimate(side, tile, world) for tile in TILES), key=lambda e: e.seconds)
            alone = alone or best.seconds
            faster = f"{alone / best.seconds:.1f}" if world > 1 else ""
            image = f"{side} x {side}" if world == 1 else ""
            cells = (
                *(image, world, best.tile, best.busy, f"{best.flop / 1e12:.0f}"),
                *(f"{best.sums * 1e3:.1f}", f"{best.rows / 1e6:.0f}"),
                *(f"{best.seconds:.2f}", faster),
            )
            print(f"| {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
