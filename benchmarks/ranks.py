"""What sharing costs and gains: seconds of a step, and bytes that each rank sends for it.

    OMP_NUM_THREADS=1 torchrun --standalone --nproc-per-node 2 benchmarks/ranks.py \
        [--network vgg19] [--size 1024] [--tile 256] [--rounds 3]

Run it with 1 and with 2 processes. A step is value and gradient of the paper's objective
(`cases.py`) in fp32; the slowest rank counts, the least of the rounds. Rank 0 prints JSON.
"""

import argparse
import json
import os
import tempfile
import time
from typing import Any

import torch

from cases import pictures
from impasto.engine.ranks.group import Group
from impasto.engine.ranks.layout import Layout
from impasto.engine.ranks.objective import RankedObjective
from impasto.engine.ranks.ranks import Ranks
from steps import weights_file
from tiling import objective


def measure(
    ranks: Ranks, *, name: str, weights: str, size: int, tile: int, rounds: int
) -> dict[str, Any]:
    """Seconds of a step and bytes sent; targets are measured by each rank for itself."""
    tiled, image = objective(name, weights, size, tile), pictures(size)[2]
    table = tiled.extractor.architecture
    bands = Layout(table, tiled.layers, tiled.framing, tile, ranks.world).bands((size, size))
    shared = RankedObjective(tiled, ranks, (size, size), bands)
    first, last = bands[ranks.rank]
    band = image[..., first:last, :].contiguous()
    shared.value_and_gradient(band)  # warms up, and asks once for the scales of targets
    seconds, sent = [], 0
    for _ in range(rounds):
        ranks.barrier()
        before, began = ranks.sent, time.perf_counter()
        shared.value_and_gradient(band)
        sent = ranks.sent - before
        seconds.append(max(ranks.values(time.perf_counter() - began)))
    return {
        "processes": ranks.world,
        "threads": torch.get_num_threads(),
        "network": name,
        "size": size,
        "tile": tile,
        "seconds": min(seconds),
        "sent": ranks.values(sent),
        "band_rows": [last - first for first, last in bands],
    }


def main() -> None:
    """Measure as one of torchrun's processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="vgg19")
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--tile", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    group = Group.of(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(
            group.ranks,
            name=given.network,
            weights=weights_file(given.network, folder),
            size=given.size,
            tile=given.tile,
            rounds=given.rounds,
        )
    if group.ranks.leads:
        print(json.dumps(found))
    group.ranks.barrier()
    group.close()


if __name__ == "__main__":
    main()
