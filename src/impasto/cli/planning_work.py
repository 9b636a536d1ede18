"""The work behind `impasto plan`. This module loads torch; import it inside a command."""

from pathlib import Path
from typing import Any

import torch

from impasto.cli import native_stderr
from impasto.engine.devices import choose_device
from impasto.executing import Execution, planned, sizes_of
from impasto.numerics.allocator import keep_freed_memory
from impasto.recipe import Recipe
from impasto.timing import HIGH, LOW, Speed, calibrated


def outlook(
    content: Path,
    styles: list[Path],
    recipe: Recipe,
    memory: str | None,
    device: str,
    threads: int | None,
    pixel_limit: int | None,
) -> dict[str, Any]:
    """Return what a run would take, as plain values."""
    keep_freed_memory()
    if threads is not None:
        torch.set_num_threads(threads)
    with native_stderr.silenced():
        pictures = sizes_of(content, styles or [content], None, pixel_limit)
    where = choose_device(device)
    speed, recipe = calibrated(recipe, where)
    execution = planned(recipe, pictures, memory=memory, device=where, compactable=True)
    return _told(execution, speed, recipe, where)


def _told(
    execution: Execution, speed: Speed, recipe: Recipe, device: torch.device
) -> dict[str, Any]:
    plan, stages, estimates = execution.plan, execution.stages, execution.estimates
    seconds = speed.seconds(stages, plan, estimates)
    return {
        "network": recipe.network.name,
        "device": str(device),
        "precision": recipe.network.precision,
        "how": str(plan),
        "execution": plan.to_dict(),
        "stages": [
            {
                "height": stage.height,
                "width": stage.width,
                "steps": stage.steps,
                "tiles": estimates.tiles(stage, plan),
                "bytes": estimates.at(stages[: number + 1], plan),
                "seconds": _range(seconds[number]),
            }
            for number, stage in enumerate(stages)
        ],
        "bytes": plan.peak,
        "disk": plan.disk,
        "seconds": _range(sum(seconds)),
    }


def _range(seconds: float) -> list[float]:
    return [round(LOW * seconds, 2), round(HIGH * seconds, 2)]
