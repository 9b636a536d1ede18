"""The everyday jobs, as a user runs them: `impasto stylize` on the packaged samples.

Wall time from the command to its end, start-up and probing included; peak memory of its process.
"""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import fresh

RECIPES = {"default": ("--size", "512"), "draft": ()}
"""Each with its options; the draft keeps its own size."""
CONTENT, STYLE = "harbor.jpg", "strokes.jpg"
ROUNDS = 3

Row = dict[str, Any]


def run(
    say: Callable[[str], None],
    *,
    recipes: Mapping[str, Sequence[str]] = RECIPES,
    rounds: int = ROUNDS,
) -> list[Row]:
    """Measure each recipe with its options, taking turns."""
    taken: dict[str, list[Row]] = {recipe: [] for recipe in recipes}
    for turn in range(1, rounds + 1):
        for recipe, options in recipes.items():
            found = fresh.call("default_job", "measure", recipe=recipe, options=list(options))
            taken[recipe].append(found)
            say(f"{recipe}, round {turn} of {rounds}: {found['seconds']:.2f} s")
    return [_row(recipe, found) for recipe, found in taken.items()]


def _row(recipe: str, rounds: list[Row]) -> Row:
    peaks = [found["peak"] for found in rounds if found["peak"] is not None]
    return {
        "recipe": recipe,
        "command": rounds[0]["command"],
        "size": rounds[0]["size"],
        "seconds": median(found["seconds"] for found in rounds),
        "rounds": [found["seconds"] for found in rounds],
        "peak": max(peaks) if peaks else None,
    }


def measure(*, recipe: str, options: list[str]) -> Row:
    """Run the command once; to be called in a fresh process, whose only child it is."""
    samples = _samples()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.png"
        command = [_impasto(), "stylize", str(samples / CONTENT), str(samples / STYLE)]
        command += ["-o", str(out), "--recipe", recipe, "--quiet", *options]
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
        if done.returncode != 0:
            sys.exit(f"impasto stylize failed: {done.stderr.strip() or done.stdout.strip()}")
        peak, size = fresh.peak_of_children(), _size(out)
    shown = ["impasto", "stylize", CONTENT, STYLE, "-o", "out.png", *command[6:]]
    return {"seconds": seconds, "peak": peak, "size": size, "command": " ".join(shown)}


def _impasto() -> str:
    """The command of the environment that this Python belongs to."""
    found = shutil.which("impasto", path=sysconfig.get_path("scripts"))
    if found is None:
        sys.exit("impasto is not installed beside this Python: run `make bench`")
    return found


def _samples() -> Path:
    from importlib.util import find_spec

    found = find_spec("impasto")
    if found is None or found.origin is None:
        sys.exit("impasto is not installed for this Python: run `make bench`")
    return Path(found.origin).parent / "samples"


def _size(path: Path) -> list[int]:
    from PIL import Image

    with Image.open(path) as image:
        return list(image.size)
