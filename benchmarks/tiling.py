"""What tiles cost: a step in tiles over a step of the whole picture, and the peak memory of both.

    OMP_NUM_THREADS=1 python benchmarks/tiling.py [--network pocket] [--size 1536] [--tile 768]

A step is value and gradient of the paper's objective (`cases.py`) in fp32. Times are of one process
in which both take turns, and the least of each counts; memory is measured in a process for each, as
the peak over what the process held before the first step. `predicted` is what
`TiledObjective.overhead` says beforehand, from the plan of tiles and the table of the network.
Freed memory is kept, as the command keeps it: given back after each step, the larger blocks of the
whole picture cost it more than those of tiles cost them, and the ratio would flatter the tiles.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import fresh
from steps import weights_file

Row = dict[str, Any]


def measure(*, name: str, weights: str, size: int, tile: int, rounds: int) -> Row:
    """Seconds of a step, whole and tiled, and the ratio that was predicted."""
    import cases
    from impasto.numerics.allocator import keep_freed_memory

    keep_freed_memory()
    whole, tiled = (objective(name, weights, size, choice) for choice in (None, tile))
    image = cases.pictures(size)[2]
    seconds: dict[str, float] = {}
    for turn in range(rounds + 1):
        for kind, chosen in (("whole", whole), ("tiled", tiled)):
            began = time.perf_counter()
            chosen.value_and_gradient(image)
            taken = time.perf_counter() - began
            if turn:  # the first one warms up
                seconds[kind] = min(seconds.get(kind, taken), taken)
    ratio = seconds["tiled"] / seconds["whole"]
    return seconds | {"ratio": ratio, "predicted": tiled.overhead((size, size))}


def peak(*, name: str, weights: str, size: int, tile: int | None) -> int | None:
    """The bytes that a step adds, at most, to what the process holds before."""
    import cases

    chosen, image = objective(name, weights, size, tile), cases.pictures(size)[2]
    chosen.value_and_gradient(image)  # what libraries keep for good is there before
    before = fresh.resident()
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    chosen.value_and_gradient(image)
    after = fresh.peak()
    return None if before is None or after is None else after - before


def objective(name: str, weights: str, size: int, tile: int | None) -> Any:
    """Make the objective of one size, whole or tiled."""
    import torch

    import cases
    from impasto import building

    recipe = cases.impasto_recipe(name, "fp32")
    extractor, recipe = building.build_extractor(recipe, weights, torch.device("cpu"))
    content, style, _ = cases.pictures(size)
    return building.build_objective(recipe, extractor, content, [style], tile=tile)


def main() -> None:
    """Measure what is asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", default="pocket", choices=("pocket", "vgg19"))
    parser.add_argument("--size", type=int, default=1536)
    parser.add_argument("--tile", type=int, default=768)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        weights = weights_file(options.network, folder)
        case = {"name": options.network, "weights": weights, "size": options.size}
        times = fresh.call("tiling", "measure", **case, tile=options.tile, rounds=options.rounds)
        peaks = [fresh.call("tiling", "peak", **case, tile=t) for t in (None, options.tile)]
    print(f"{options.network}, {options.size} px, tiles of {options.tile} px")
    print(f"whole {times['whole']:.2f} s, tiled {times['tiled']:.2f} s a step")
    print(f"ratio {times['ratio']:.3f}, predicted {times['predicted']:.3f}")
    print("peak over the start: " + ", ".join(f"{p / 1e6:.0f} MB" for p in peaks if p is not None))


if __name__ == "__main__":
    main()
