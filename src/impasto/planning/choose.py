"""The choice: the fastest way to compute a run that fits its budget."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from impasto.engine.schedule import Stage
from impasto.errors import InputError
from impasto.execution import ExecutionPlan, bytes_text

GOOD = 768
"""Side in pixels from which tiles cost little more than their two passes."""
TILES = (4096, 3072, 2048, 1536, 1280, 1024, 896, GOOD, 640, 512, 384, 256)
"""Sides that are tried, from the largest down."""


class Estimates(Protocol):
    """Estimates the peak of a run, computed in one way or another."""

    def peak(self, stages: Sequence[Stage], plan: ExecutionPlan) -> int:
        """Return the bytes that the process takes at most."""

    def disk(self, stages: Sequence[Stage], plan: ExecutionPlan) -> int:
        """Return the bytes of temporary files."""


def choose(
    budget: int,
    stages: Sequence[Stage],
    estimates: Estimates,
    *,
    compactable: bool = False,
    mappable: bool = False,
    compact_tiles: bool = False,
) -> ExecutionPlan:
    """Choose how to compute a run: the first of `ways` that fits.

    Args:
        budget: bytes that the process may take.
        stages: of the run.
        estimates: tells what it takes.
        compactable: the allocator can be told to give freed memory back.
        mappable: images may lie in files.
        compact_tiles: tiles are computed with that at once, since it costs little.

    Raises:
        InputError: not even the smallest way fits.
    """
    last = ExecutionPlan()
    for way in ways(
        stages, compactable=compactable, mappable=mappable, compact_tiles=compact_tiles
    ):
        last = replace(way, peak=estimates.peak(stages, way), budget=budget)
        if (last.peak or 0) <= budget:
            return replace(last, disk=estimates.disk(stages, way))
    final = stages[-1]
    raise InputError(
        f"{final.width} x {final.height} px need at least {bytes_text(last.peak or 0)} of memory "
        f"({last}); there are {bytes_text(budget)}: choose a smaller --size, more --memory, or "
        "close other programs"
    )


def ways(
    stages: Sequence[Stage], *, compactable: bool, mappable: bool, compact_tiles: bool = False
) -> Iterator[ExecutionPlan]:
    """List the ways to compute a run, from the fastest to the one that takes least memory."""
    long_side = max(stages[-1].height, stages[-1].width)
    large = [side for side in TILES if GOOD <= side < long_side]
    small = [side for side in TILES if side < min(GOOD, long_side)]
    yield ExecutionPlan()
    if compactable:
        yield ExecutionPlan(compact=True)
    for sides in (large, small):
        for mapped in (False, True) if mappable else (False,):
            for side in sides:
                # Where memory is that scarce, what is taken has to be known.
                compact = compact_tiles or (mapped and compactable)
                yield ExecutionPlan(tile=side, mapped=mapped, compact=compact)
    if compactable and (small or large):
        yield ExecutionPlan(tile=(small or large)[-1], mapped=mappable, compact=True)
