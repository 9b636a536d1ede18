"""What each loss costs: its step over that of the default recipe, in one run, taking turns.

    OMP_NUM_THREADS=1 python benchmarks/losses.py [--size 512] [--rounds 9]

A step is value and gradient on the embedded network, with a sample picture as content and another
as style at full size. One thread, and the fastest of the rounds: other work on the machine makes
steps slower, never faster. Prints a table in Markdown.
"""

import argparse
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import torch

import impasto
from impasto import building
from impasto.images.codec import decode
from impasto.images.resize import resize
from impasto.recipe_files import named

SAMPLES = Path(impasto.__file__).parent / "samples"
CASES = {
    "the default: wasserstein": {},
    "style.statistics = gram": {"style.statistics": "gram"},
    "style.statistics = moments": {"style.statistics": "moments"},
    "style.statistics = sliced": {"style.statistics": "sliced"},
    "style.statistics = nearest": {"style.statistics": "nearest"},
    "histogram.weight = 1": {"histogram.weight": 1.0},
    "content.statistics = self-similarity": {"content.statistics": "self-similarity"},
    "laplacian.weight = 1": {"laplacian.weight": 1.0},
}


def step(name: str, precision: str, size: int) -> Callable[[int], object]:
    """Make a step, of a number, of the default recipe with the settings of a case."""
    recipe = named("default").changed({"network.precision": precision} | CASES[name])
    extractor, recipe = building.build_extractor(recipe, None, torch.device("cpu"))
    content, style = (
        resize(decode(SAMPLES / f"{name}.jpg").batch, size, size) for name in ("harbor", "strokes")
    )
    objective = building.build_objective(recipe, extractor, content, [style])
    return lambda number: objective.value_and_gradient(content, number)


def measured(steps: dict[str, Callable[[int], object]], rounds: int) -> dict[str, float]:
    """The fastest of the rounds, in seconds; the first one warms up."""
    fastest = dict.fromkeys(steps, float("inf"))
    for number in range(rounds + 1):
        for name, run in steps.items():
            began = time.perf_counter()
            run(number)
            if number:
                fastest[name] = min(fastest[name], time.perf_counter() - began)
    return fastest


Step = Callable[[int], object]


def compare(
    what: str,
    names: Iterable[str],
    step: Callable[[str, str, int], Step],
    measured: Callable[[dict[str, Step], int], dict[str, float]],
) -> None:
    """Read the options of the command line, measure, and print a table in Markdown.

    The `step` of a name, a precision and a size is measured over that of the first name.
    """
    parser = argparse.ArgumentParser(description=f"what {what} costs: a step over the default's")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--precisions", nargs="+", default=["bf16", "fp32"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    table = {
        precision: measured(
            {name: step(name, precision, options.size) for name in names}, options.rounds
        )
        for precision in options.precisions
    }
    print(f"| {what} |", " | ".join(f"{p}, ms | ratio" for p in table), "|")
    print("|---|" + "--:|--:|" * len(table))
    for name in names:
        cells = [
            f"{t[name] * 1e3:.0f} | {t[name] / next(iter(t.values())):.2f}" for t in table.values()
        ]
        print(f"| {name} |", " | ".join(cells), "|")


if __name__ == "__main__":
    compare("loss", CASES, step, measured)
