"""From a recipe and pictures to the way in which the run is computed, within a budget of memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from impasto.engine.schedule import Stage, stages
from impasto.execution import ExecutionPlan
from impasto.images.picture import Picture
from impasto.numerics.storage import MEMORY, Storage, mapped_storage
from impasto.planning.budget import Budget, address_space, budget, read_size
from impasto.planning.choose import choose
from impasto.planning.run_memory import PictureSizes, RunMemory
from impasto.recipe import Recipe

Memory = str | int | None
"""Bytes; a text such as 4GB or 70% (of what is free); None: what is free less a margin."""


@dataclass(frozen=True)
class Execution:
    """A plan, and what it was made of."""

    plan: ExecutionPlan
    stages: tuple[Stage, ...]
    estimates: RunMemory


def planned(
    recipe: Recipe,
    pictures: PictureSizes,
    *,
    memory: Memory = None,
    device: torch.device | str = "cpu",
    guided: bool = False,
    compactable: bool = False,
    loaded: bool = False,
) -> Execution:
    """Choose how to compute a run.

    Args:
        recipe: with a precision; `auto` counts as fp32.
        pictures: their sizes.
        memory: what it may take.
        device: where it runs.
        guided: there are masks or regions.
        compactable: the caller can tell the allocator to give freed memory back.
        loaded: pictures and network are in memory already.

    Raises:
        InputError: it does not fit, however it is computed.
    """
    on_gpu = torch.device(device).type != "cpu"
    room = budget(read_size(memory) if isinstance(memory, str) else memory, str(device))
    found = RunMemory(recipe, pictures, guided=guided, on_gpu=on_gpu)
    base = _base(room, found) if loaded else room.taken
    found = RunMemory(recipe, pictures, base=base, guided=guided, on_gpu=on_gpu)
    height, width = pictures.content
    sizes = stages(recipe.schedule, height, width, found.smallest)
    plan = choose(
        room.size,
        sizes,
        found,
        compactable=compactable and not on_gpu,
        compact_tiles=compactable and not on_gpu and found.is_wide,
        # A limit of address space counts mapped files as well.
        mappable=not on_gpu and recipe.optimizer.name != "lbfgs" and address_space() is None,
    )
    return Execution(plan, sizes, found)


def sizes_of(content: Picture, styles: Sequence[Picture], start: Picture | None) -> PictureSizes:
    """Return the sizes of decoded pictures."""
    found = [(picture.height, picture.width) for picture in (content, *styles)]
    first = None if start is None else (start.height, start.width)
    return PictureSizes(found[0], tuple(found[1:]), first)


def storage_of(plan: ExecutionPlan) -> Storage:
    """Make the storage that a plan asks for.

    Raises:
        InputError: there is no folder for files.
    """
    return mapped_storage() if plan.mapped else MEMORY


def _base(room: Budget, found: RunMemory) -> int:
    return max(0, room.taken - found.pictures.bytes - found.weights)
