"""What guides cost: a step with masks over a step of the default recipe, in one run, taking turns.

    OMP_NUM_THREADS=1 python benchmarks/masks.py [--size 512] [--rounds 9]

A step is value and gradient on the embedded network at full size, as in `benchmarks/losses.py`,
with masks made here: a disc, halves and quarters. One thread; the least processor time of the
rounds, which other work on the machine disturbs less than it does the clock.
"""

import time
from collections.abc import Callable

import torch

from impasto import building
from impasto.guides.guides import Guides, Region
from impasto.images.codec import decode
from impasto.images.resize import resize
from impasto.recipe_files import named
from losses import SAMPLES, compare

FEATHER = 0.02
WARM_UP = 4


def disc() -> torch.Tensor:
    """White inside a disc that covers a fifth of the picture."""
    at = torch.linspace(-1, 1, 256)
    inside = at[:, None].square() + at[None].square() < 0.25
    return inside.float()[None, None]


def parts(rows: int, columns: int) -> list[torch.Tensor]:
    """Masks of a picture cut into rows and columns."""
    found = []
    for row in range(rows):
        for column in range(columns):
            mask = torch.zeros(1, 1, 256, 256)
            high, wide = 256 // rows, 256 // columns
            mask[..., row * high : (row + 1) * high, column * wide : (column + 1) * wide] = 1
            found.append(mask)
    return found


def paired(masks: list[torch.Tensor]) -> tuple[Region, ...]:
    """Each part of the content with the same part of the style."""
    return tuple(Region(str(number), mask, {0: mask}) for number, mask in enumerate(masks))


CASES = {
    "the default": Guides(),
    "protect a disc": Guides(disc(), (), FEATHER),
    "2 regions": Guides(None, paired(parts(1, 2)), FEATHER),
    "4 regions": Guides(None, paired(parts(2, 2)), FEATHER),
    "4 regions and a disc": Guides(disc(), paired(parts(2, 2)), FEATHER),
}


def step(name: str, precision: str, size: int) -> Callable[[int], object]:
    """Make a step, of a number, of the default recipe with the guides of a case."""
    recipe = named("default").changed({"network.precision": precision})
    extractor, recipe = building.build_extractor(recipe, None, torch.device("cpu"))
    content, style = (
        resize(decode(SAMPLES / f"{name}.jpg").batch, size, size) for name in ("harbor", "strokes")
    )
    objective = building.build_objective(recipe, extractor, content, [style], CASES[name])
    return lambda number: objective.value_and_gradient(content, number)


def measured(steps: dict[str, Callable[[int], object]], rounds: int) -> dict[str, float]:
    """The least of the rounds, in seconds of the processor; the first ones meet each phase once."""
    least = dict.fromkeys(steps, float("inf"))
    for number in range(-WARM_UP, rounds):
        for name, run in steps.items():
            began = time.process_time()
            run(number)
            if number >= 0:
                least[name] = min(least[name], time.process_time() - began)
    return least


if __name__ == "__main__":
    compare("guides", CASES, step, measured)
