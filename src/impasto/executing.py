"""From a recipe and pictures to the way in which the run is computed, within a budget of memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from impasto.engine.schedule import Stage, stages
from impasto.events import Planned, StageStarted
from impasto.execution import ExecutionPlan
from impasto.given import Source
from impasto.images.codec import size_of
from impasto.images.picture import Picture
from impasto.images.streaming import can_stream
from impasto.numerics.allocator import give_freed_memory_back, hand_back, keep_freed_memory
from impasto.numerics.storage import MEMORY, Storage, mapped_storage
from impasto.planning.budget import address_space, budget, read_size
from impasto.planning.choose import choose
from impasto.planning.network_memory import PIXEL
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


@dataclass(frozen=True)
class Part:
    """A part of a picture that is painted alone."""

    stages: Sequence[Stage]
    """At the part's sizes."""
    share: float
    """Of the picture's area."""


def planned(
    recipe: Recipe,
    pictures: PictureSizes,
    *,
    memory: Memory = None,
    device: torch.device | str = "cpu",
    compactable: bool = False,
    held: int = 0,
    part: Part | None = None,
) -> Execution:
    """Choose how to compute a run.

    Args:
        recipe: with a precision; `auto` counts as fp32.
        pictures: their sizes.
        memory: what it may take.
        device: where it runs.
        compactable: the caller can tell the allocator to give freed memory back.
        held: bytes of the pictures and the network that are in memory already.
        part: of the picture, if only that is painted.

    Raises:
        InputError: it does not fit, however it is computed.
    """
    on_gpu = torch.device(device).type != "cpu"
    room = budget(read_size(memory) if isinstance(memory, str) else memory, str(device))
    base = max(0, room.taken - held)
    guided = recipe.guides.is_used
    shown = 1.0 if part is None else part.share
    found = RunMemory(recipe, pictures, base=base, guided=guided, on_gpu=on_gpu, shown=shown)
    if part is None:
        sizes = stages(recipe.schedule, *pictures.content, found.smallest)
    else:
        sizes = tuple(part.stages)
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


def sizes_of(
    content: Source, styles: Sequence[Source], start: Source | None, pixel_limit: int | None = None
) -> PictureSizes:
    """Return the sizes of pictures; of files no more is read than tells them.

    Raises:
        PictureError: a file is missing, no picture, or too large.
    """

    def size(source: Source) -> tuple[int, int]:
        if isinstance(source, Picture):
            return source.height, source.width
        return size_of(source, pixel_limit=pixel_limit)

    streamed = not isinstance(content, Picture) and can_stream(content, pixel_limit)
    first = None if start is None else size(start)
    return PictureSizes(size(content), tuple(map(size, styles)), first, streamed)


def held_by(sources: Iterable[Source | None]) -> int:
    """Return the bytes of those sources that are decoded already."""
    return sum(PIXEL * s.height * s.width for s in sources if isinstance(s, Picture))


def tune_allocator(item: object) -> None:
    """Let this process's allocator follow a run, event by event, as the estimates have it.

    Freed memory is kept unless the plan says otherwise; what a smaller stage has left goes back
    before a larger one begins, whose blocks it would not fit.
    """
    if isinstance(item, Planned):
        (give_freed_memory_back if item.execution.compact else keep_freed_memory)()
    elif isinstance(item, StageStarted):
        hand_back()


def storage_of(plan: ExecutionPlan) -> Storage:
    """Make the storage that a plan asks for.

    Raises:
        InputError: there is no folder for files.
    """
    return mapped_storage() if plan.mapped else MEMORY
