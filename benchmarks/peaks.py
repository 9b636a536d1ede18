"""Peak memory of whole runs, estimated before the run and measured in processes of their own.

    python benchmarks/peaks.py [--only fit|test]

Each case is a run of four steps a stage over random pictures, as the command does it; measured is
the peak of the process's memory (VmHWM). Where images lie in files it is that of anonymous memory
(RssAnon), and the libraries' files as they were at the start: pages of images may go any time.
The constants of `impasto.planning.run_memory` were fitted
to the first set; the second has other sizes, networks, recipes and tiles. True on a busy machine.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import fresh
from impasto.execution import ExecutionPlan

Case = dict[str, Any]


def case(network: str, size: int, recipe: str = "default", **more: Any) -> Case:
    """Describe a run: `style__weight=2` is a setting; other words are not."""
    plain = {"aspect": 1.0, "styles": 1, "compact": False, "tile": None, "mapped": False}
    found = {name: more.pop(name, value) for name, value in plain.items()}
    settings = {name.replace("__", "."): value for name, value in more.items()}
    settings = {"network.name": network, "schedule.size": size, "network.sha256": ""} | settings
    return {"recipe": recipe, "settings": settings, **found}


SHORT = {
    "default": {"schedule.steps": 24, "schedule.least": 0.17, "schedule.decay": 1.0},
    "gatys": {"schedule.steps": 3, "optimizer.lbfgs.history": 3},
}
"""As few steps as fill the optimizer and the average, four a stage: only the peak is wanted."""
FP32, BF16 = {"network__precision": "fp32"}, {"network__precision": "bf16"}
FIT = (
    case("pocket-v1", 512, compact=True, **FP32),
    case("pocket-v1", 512, **FP32),
    case("pocket-v1", 1024, compact=True, **BF16),
    case("pocket-v1", 1024, **BF16),
    case("pocket-v1", 1536, aspect=0.667, compact=True, **FP32),
    case("pocket-v1", 2048, compact=True, **BF16),
    case("pocket-v1", 2048, **BF16),
    case("pocket-v1", 2048, tile=768, **BF16),
    case("pocket-v1", 2560, aspect=0.5625, tile=1024, compact=True, **BF16),
    case("pocket-v1", 3072, aspect=0.75, tile=768, mapped=True, compact=True, **BF16),
    case("pocket-v1", 3072, aspect=0.75, compact=True, **BF16),
    case("pocket-v1", 1280, "gatys", compact=True),
    case("pocket-v1", 1536, aspect=0.667, **FP32),
    case("pocket-v1", 2048, aspect=0.75, tile=512, **FP32),
    case("pocket-v1", 3072, aspect=0.75, tile=1024, **BF16),
    case("vgg19", 512, compact=True, **FP32),
    case("vgg19", 512, **FP32),
    case("vgg19", 768, aspect=0.75, tile=384, **BF16),
)
TEST = (
    case("pocket-v1", 2816, aspect=0.5625, tile=896, **BF16),
    case("pocket-v1", 1792, aspect=0.75, compact=True, **FP32),
    case("pocket-v1", 1920, "oil", aspect=0.6, tile=832, compact=True, **BF16),
    case("pocket-v1", 3584, aspect=0.5625, tile=1536, compact=True, **BF16),
    case("pocket-v1", 4608, aspect=0.5625, tile=1280, mapped=True, compact=True, **BF16),
    case("pocket-v1", 1600, aspect=0.75, tile=448, **FP32),
    case("pocket-v1", 1024, "photo", aspect=0.75, compact=True, **BF16),
    case("pocket-v1", 1024, "watercolor", aspect=0.75, compact=True, **BF16),
    case("pocket-v1", 1024, styles=3, aspect=0.75, compact=True, **BF16),
    case(
        "pocket-v1", 1024, style__statistics="nearest", histogram__weight=1.0, compact=True, **FP32
    ),
    case("pocket-v1", 1024, style__scale=2.0, compact=True, **BF16),
    case("vgg19", 768, aspect=0.75, tile=384, compact=True, **FP32),
    case("vgg19", 1024, aspect=0.75, tile=512, mapped=True, compact=True, **BF16),
    case("vgg19", 896, aspect=0.75, **BF16),
    case("vgg16", 768, aspect=0.75, tile=384, **FP32),
    case("vgg19", 1024, aspect=0.75, compact=True, **BF16),
    case("vgg19", 640, "gatys", compact=True),
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
    mapped: bool,
) -> Case:
    """Do the run of a case; to be called in a fresh process."""
    import torch

    from impasto.api import resolve_recipe, stylize_events
    from impasto.events import Planned
    from impasto.executing import tune_allocator
    from impasto.images.picture import Picture
    from impasto.numerics.allocator import give_freed_memory_back, keep_freed_memory
    from impasto.numerics.storage import MEMORY, mapped_storage
    from prints import Watch

    (give_freed_memory_back if compact else keep_freed_memory)()
    chosen = resolve_recipe(recipe, settings=settings | SHORT.get(recipe, SHORT["default"]))
    side = chosen.schedule.size
    before = fresh.resident()
    content = Picture(torch.rand(3, round(side * aspect), side))
    pictures = [Picture(torch.rand(3, 512, 512)) for _ in range(styles)]
    plan = ExecutionPlan(tile=tile, compact=compact, mapped=mapped)
    estimate = estimated(chosen, content, pictures, plan, before or 0)
    watch = Watch()
    watch.look()
    libraries = watch.most_files
    watch.start()
    storage = mapped_storage() if mapped else MEMORY
    for item in stylize_events(
        content, pictures, recipe=chosen, weights=weights, tile=tile, storage=storage
    ):
        if not isinstance(item, Planned):  # the way is that of the case
            tune_allocator(item)
    peak = watch.most + libraries if mapped else fresh.peak()
    return {"estimate": estimate, "peak": peak}


def estimated(
    recipe: Any, content: Any, styles: Sequence[Any], plan: ExecutionPlan, base: int
) -> int:
    """Estimate the peak as `impasto plan` does."""
    from impasto.engine.schedule import stages
    from impasto.executing import sizes_of
    from impasto.planning.run_memory import RunMemory

    memory = RunMemory(recipe, sizes_of(content, styles, None), base=base)
    return memory.peak(
        stages(recipe.schedule, content.height, content.width, memory.smallest), plan
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the cases asked for and print a table, row by row."""
    parser = argparse.ArgumentParser(description="Estimate and measure the peak memory of runs.")
    parser.add_argument("--only", choices=("fit", "test"))
    options = parser.parse_args(arguments)
    chosen = {"fit": FIT, "test": TEST}.get(options.only, (*FIT, *TEST))
    print("| run | size | computed | estimate MB | measured MB | ratio |")
    print("|---|---|---|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for item in chosen:
            found = measured(item, folder)
            print(row(item, found["estimate"], found["peak"]), flush=True)
    return 0


def row(item: Case, estimate: int, peak: int) -> str:
    """Write a row of the table."""
    settings = dict(item["settings"])
    name, side = settings.pop("network.name"), settings.pop("schedule.size")
    settings.pop("network.sha256")
    words = [item["recipe"], name, settings.pop("network.precision", "fp32")]
    words += [f"{key}={value}" for key, value in settings.items()]
    words += [f"{item['styles']} styles"] if item["styles"] > 1 else []
    how = "whole" if item["tile"] is None else f"tiles of {item['tile']} px"
    how += ", in files" if item["mapped"] else ""
    how += ", compact" if item["compact"] else ""
    size = f"{side} x {round(side * item['aspect'])}"
    ratio = estimate / peak
    return (
        f"| {' '.join(words)} | {size} | {how} "
        f"| {estimate / 1e6:.0f} | {peak / 1e6:.0f} | {ratio:.2f} |"
    )


def measured(item: Case, folder: str) -> Case:
    """Measure one case in a process of its own."""
    name, weights = item["settings"]["network.name"], None
    if name != "pocket-v1":
        weights = f"{folder}/{name}.safetensors"
        fresh.call("cases", "write_weights", name=name, path=weights)
    return dict(fresh.call("peaks", "measure", **item, weights=weights))


if __name__ == "__main__":
    sys.exit(main())
