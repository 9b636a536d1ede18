"""What the controls of color, mix and strokes cost: a step, and what is done once for each run.

python benchmarks/controls.py              # one minute, one thread

Steps of the last stage, taken in turn by all ways; the best of several, as ratios to the default.
Time is the thread's own on its processor: other work counts through caches and clock alone.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

import impasto
from impasto import recipe_files
from impasto.assemble import prepare
from impasto.engine.optimizers.optimizer import Update
from impasto.images.codec import decode
from impasto.images.coloring import after
from impasto.images.picture import Picture

SAMPLES = Path(impasto.__file__).parent / "samples"
FINE, COARSE = [1.0, 0.0], [0.0, 1.0]
WAYS: Mapping[str, Mapping[str, Any]] = {
    "one style": {},
    "two styles": {"two": True},
    "--style-mix fine=1:0,coarse=0:1": {
        "two": True,
        "style.layer_mix": {"fine": FINE, "coarse": COARSE},
    },
    "--style-scale 2": {"style.scale": 2.0},
    "--style-scale 0.5:2": {"two": True, "style.scales": [0.5, 2.0]},
    "--color content": {"color.mode": "content"},
    "--color content:covariance": {"color.mode": "content", "color.content": "covariance"},
    "--color content:histogram": {"color.mode": "content", "color.content": "histogram"},
}
Step = Callable[[], float]


def prepared(settings: Mapping[str, Any], size: int) -> tuple[float, Step, Step]:
    """Make a way ready; return the seconds that took, its step, and what comes after the last."""
    recipe = recipe_files.named("default").changed(
        {"schedule.size": size, "network.precision": "fp32"}
        | {key: value for key, value in settings.items() if key != "two"}
    )
    content = decode(SAMPLES / "harbor.jpg")
    names = ["strokes", "woodcut"] if "two" in settings else ["strokes"]
    styles = [decode(SAMPLES / f"{name}.jpg") for name in names]
    began = time.thread_time()
    job = prepare(recipe, content, styles, device="cpu").job
    objective, image = job.objective(job.stages[-1]), job.start(job.stages[-1])
    seconds = time.thread_time() - began

    def step() -> Update:
        return job.optimizer.step(image, objective.value_and_gradient)

    return seconds, lambda: timed(step), lambda: timed(lambda: after(recipe.color, image, content))


def timed(action: Callable[[], object]) -> float:
    """Seconds of this thread that something takes."""
    began = time.thread_time()
    action()
    return time.thread_time() - began


def palette(way: str, size: int) -> float:
    """Seconds of the whole job without strokes."""
    pictures: list[Picture] = [decode(SAMPLES / f"{name}.jpg") for name in ("harbor", "strokes")]
    settings = {"color.mode": "palette", "color.palette": way}
    return timed(lambda: impasto.stylize(*pictures, size=size, settings=settings, device="cpu"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    torch.set_num_threads(1)
    ways = {name: prepared(settings, options.size) for name, settings in WAYS.items()}
    best = {name: float("inf") for name in ways}
    for _ in range(options.rounds):
        for name, (_, step, _) in ways.items():
            best[name] = min(best[name], step())
    first = next(iter(ways))
    print(f"{options.size} px, fp32, one thread's own time, best of {options.rounds} rounds\n")
    print(
        "| control | ms a step | of the default's | before, s | after, s |\n|---|---|---|---|---|"
    )
    for name, (before, _, last) in ways.items():
        ends = f"{before:.2f} | {min(last() for _ in range(3)):.3f}"
        print(f"| {name} | {1000 * best[name]:.1f} | {best[name] / best[first]:.2f} | {ends} |")
    for way in ("axes", "covariance", "histogram"):
        seconds = min(palette(way, options.size) for _ in range(2))
        print(f"| --color palette:{way} | none | | {seconds:.2f} | |")


if __name__ == "__main__":
    main()
