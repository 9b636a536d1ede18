"""How long a run will take, from a short calibration on this machine."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from impasto.building import build_objective, build_optimizer, extractor_of
from impasto.engine.pilot import EARLY, LAST
from impasto.engine.pixel_objective import PixelObjective
from impasto.engine.schedule import Stage
from impasto.execution import ExecutionPlan
from impasto.features.architectures import Architecture, architecture
from impasto.features.networks import LoadedNetwork
from impasto.planning.run_memory import RunMemory
from impasto.recipe import Recipe
from impasto.weights import catalog

SIDES = (64, 192)
"""Pixels of the noise that is painted; the difference tells what a pixel costs."""
ROUNDS = 3
SEARCHES = 1.15
"""Evaluations in a step of L-BFGS, on the average."""
PAGES = 3.5e9
"""Bytes a second that the system hands out anew to a compact process (measured: 3.7e9)."""
LOW, HIGH = 0.75, 1.6
"""Of the estimate: where a run on an otherwise idle machine is expected to end."""


@dataclass(frozen=True)
class Speed:
    """Seconds of a step: so many in any case, and so many for each pixel that the network sees."""

    step: float
    pixel: float

    def seconds(self, stages: Sequence[Stage], plan: ExecutionPlan, run: RunMemory) -> list[float]:
        """Estimate the seconds of each stage."""
        return [self._stage(stage, plan, run, stage is stages[-1]) for stage in stages]

    def _stage(self, stage: Stage, plan: ExecutionPlan, run: RunMemory, is_last: bool) -> float:
        border = 2 * run.recipe.objective.margin
        pixels = (stage.height + border) * (stage.width + border)
        step = self.step + self.pixel * pixels * run.overhead(stage, plan)
        if plan.compact:
            step += run.turnover(stage) / PAGES
        piloted = (LAST if is_last else EARLY) if run.recipe.content.hold == "strength" else 0.0
        searched = SEARCHES if run.recipe.optimizer.name == "lbfgs" else 1.0
        return stage.steps * step * searched * (1 + piloted)


def calibrated(recipe: Recipe, device: torch.device) -> tuple[Speed, Recipe]:
    """Paint a little noise by a recipe, with random weights; it takes a second or two.

    Returns:
        The speed, and the recipe with its precision filled in.
    """
    known = catalog.network(recipe.network.name)
    loaded = LoadedNetwork(known, _random(architecture(known.architecture)), "random")
    extractor, filled = extractor_of(recipe, loaded, device)
    recipe = replace(recipe, network=replace(recipe.network, precision=filled.network.precision))
    seen = replace(recipe, objective=replace(recipe.objective, shifts=1))  # one target is enough
    objectives = []
    for side in SIDES:
        noise = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0)).to(device)
        objectives.append((noise, build_objective(seen, extractor, noise, [noise])))
    border = 2 * recipe.objective.margin
    small, large = (_seconds(recipe, noise, objective) for noise, objective in objectives)
    pixels = [(side + border) ** 2 for side in SIDES]
    slope = max(0.0, large - small) / (pixels[1] - pixels[0])
    return Speed(max(0.0, large - slope * pixels[1]), slope or large / pixels[1]), recipe


def _seconds(recipe: Recipe, noise: torch.Tensor, objective: PixelObjective) -> float:
    optimizer, best = build_optimizer(recipe.optimizer), float("inf")
    for turn in range(ROUNDS):
        began = time.perf_counter()
        noise = optimizer.step(noise, objective.value_and_gradient).image
        if noise.device.type == "cuda":
            torch.cuda.synchronize(noise.device)
        if turn > 0:  # the first one warms up
            best = min(best, time.perf_counter() - began)
    return best


def _random(table: Architecture) -> dict[str, torch.Tensor]:
    """Draw weights that keep signals at one size: tiny numbers would compute slowly."""
    generator = torch.Generator().manual_seed(0)
    found = {}
    for name, shape in table.weight_shapes().items():
        deviation = 0.05 if len(shape) == 1 else (2 / (9 * shape[1])) ** 0.5
        found[name] = torch.randn(shape, generator=generator) * deviation
    return found
