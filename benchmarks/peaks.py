"""Peak memory of whole runs, estimated before the run and measured in processes of their own.

    python benchmarks/peaks.py [--only fit|test] [--quick]

Each case is a run of two steps a stage over random pictures, in memory, as the command does it.
Measured is the peak of the process's memory.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import fresh

Case = dict[str, Any]


def case(network: str, size: int, recipe: str = "default", **more: Any) -> Case:
    """Describe a run: `style__weight=2` is a setting; other words are not."""
    plain = {"aspect": 1.0, "styles": 1, "compact": False, "tile": None}
    found = {name: more.pop(name, value) for name, value in plain.items()}
    settings = {name.replace("__", "."): value for name, value in more.items()}
    settings = {"network.name": network, "schedule.size": size, "network.sha256": ""} | settings
    return {"recipe": recipe, "settings": settings, **found}


FP32, BF16 = {"network__precision": "fp32"}, {"network__precision": "bf16"}
FIT = (
    case("pocket-v1", 512, compact=True, **FP32),
    case("pocket-v1", 1024, compact=True, **BF16),
    case("pocket-v1", 2048, compact=True, **BF16),
    case("pocket-v1", 512, **FP32),
    case("pocket-v1", 1024, **BF16),
    case("pocket-v1", 2048, **BF16),
    case("pocket-v1", 2048, tile=768, **BF16),
    case("vgg19", 512, compact=True, **FP32),
    case("vgg19", 512, **FP32),
)
TEST = (
    case("pocket-v1", 1536, aspect=0.667, compact=True, **FP32),
    case("pocket-v1", 3072, aspect=0.75, compact=True, **BF16),
    case("pocket-v1", 1280, "gatys", compact=True),
    case("pocket-v1", 1024, "photo", aspect=0.75, compact=True, **BF16),
    case("pocket-v1", 1024, "watercolor", aspect=0.75, compact=True, **BF16),
    case("pocket-v1", 1024, styles=3, aspect=0.75, compact=True, **BF16),
    case(
        "pocket-v1", 1024, style__statistics="nearest", histogram__weight=1.0, compact=True, **FP32
    ),
    case("pocket-v1", 1024, style__scale=2.0, compact=True, **BF16),
    case("vgg19", 1024, aspect=0.75, compact=True, **BF16),
    case("vgg19", 640, "gatys", compact=True),
    case("vgg16", 896, aspect=0.75, compact=True, **FP32),
    case("pocket-v1", 3072, aspect=0.75, tile=1024, **BF16),
    case("pocket-v1", 2048, aspect=0.75, tile=512, **FP32),
    case("vgg19", 1024, aspect=0.75, tile=512, **BF16),
    case("pocket-v1", 1536, aspect=0.667, **FP32),
    case("pocket-v1", 3072, aspect=0.75, **BF16),
    case("vgg19", 1024, aspect=0.75, **BF16),
    case("vgg16", 896, aspect=0.75, **FP32),
)


def measure(
    *,
    recipe: str,
    settings: Case,
    aspect: float,
    styles: int,
    weights: str | None,
    compact: bool,
    tile: int | None,
) -> Case:
    """Do the run of a case; to be called in a fresh process."""
    import torch

    from impasto.api import resolve_recipe, stylize_events
    from impasto.cli.allocator import give_freed_memory_back, keep_freed_memory
    from impasto.events import Prepared, StageStarted, Step
    from impasto.images.picture import Picture

    (give_freed_memory_back if compact else keep_freed_memory)()
    side = settings["schedule.size"]
    chosen = resolve_recipe(recipe, settings=settings)
    long_run = {"schedule.steps": 12, "schedule.least": 0.17, "schedule.decay": 1.0}
    chosen = chosen.changed(long_run if recipe != "gatys" else {"schedule.steps": 3})
    content = Picture(torch.rand(3, round(side * aspect), side))
    pictures = [Picture(torch.rand(3, 512, 512)) for _ in range(styles)]
    found: Case = {"before": fresh.peak(), "stages": []}
    seconds = 0.0
    for event in stylize_events(
        content, pictures, recipe=chosen, weights=weights, tile=tile
    ):
        if isinstance(event, Prepared):
            found["loaded"] = fresh.resident()
        if isinstance(event, StageStarted):
            found["stages"].append([event.height, event.width, fresh.peak(), 0.0])
        if isinstance(event, Step):
            found["stages"][-1][3] = event.seconds - seconds
            seconds = event.seconds
    return found | {"peak": fresh.peak()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the cases asked for and print a table."""
    parser = argparse.ArgumentParser(description="Estimate and measure the peak memory of runs.")
    parser.add_argument("--only", choices=("fit", "test"))
    options = parser.parse_args(arguments)
    chosen = {"fit": FIT, "test": TEST}.get(options.only, (*FIT, *TEST))
    with tempfile.TemporaryDirectory() as folder:
        for item in chosen:
            print(json.dumps(item | measured(item, folder)), flush=True)
    return 0


def measured(item: Case, folder: str) -> Case:
    """Measure one case in a process of its own."""
    name, weights = item["settings"]["network.name"], None
    if name != "pocket-v1":
        weights = f"{folder}/{name}.safetensors"
        fresh.call("cases", "write_weights", name=name, path=weights)
    return dict(fresh.call("peaks", "measure", **item, weights=weights))


if __name__ == "__main__":
    sys.exit(main())
