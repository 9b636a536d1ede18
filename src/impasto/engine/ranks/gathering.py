"""Gathering by several ranks: each visits its tiles, and sums go along a chain.

Sums are float64, and still the order decides their last bits: a sum of two ranks' sums, as an
all-reduce makes them, is not that of one rank. So each rank keeps what its tiles have gathered
until the sum of those before it arrives, adds its own one after another, and sends it on; the last
one tells all. Visiting, which takes the time, is done by all at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from impasto.engine.ranks.layout import blocks
from impasto.engine.ranks.ranks import Ranks
from impasto.engine.tiled.look import Gatherer
from impasto.engine.tiled.measure import PlacedSummary
from impasto.engine.tiled.walk import Walk
from impasto.numerics.windows import Span


class Passed(Gatherer, Protocol):
    """What gathers, and can be passed on."""

    def held(self) -> list[Tensor]:
        """Return what was added so far."""

    def hold(self, held: Sequence[Tensor]) -> None:
        """Go on from what was added elsewhere."""


@dataclass(frozen=True)
class SharedGathering:
    """What `gather` does, by several ranks, with the same sums."""

    ranks: Ranks

    @torch.no_grad()
    def __call__(self, walk: Walk, gatherers: Sequence[Any]) -> None:
        """Let the tiles be gathered, in the order of the plan, without a graph."""
        mine = blocks(walk.plan, self.ranks.world)[self.ranks.rank]
        placed = [g for g in gatherers if isinstance(g, PlacedSummary) and g.is_local]
        for by in placed:
            by.keep_rows(_rows(walk, mine, by), self._total)
        passed = [g for g in gatherers if g not in placed]
        gathered: list[tuple[Passed, Any]] = []
        for number in mine:
            for by, features, owned in walk.visit(number, gatherers).seen:
                if by in placed:
                    by.add(by.gather(features, owned))
                else:
                    gathered.append((by, by.gather(features, owned)))
        chained(self.ranks, passed, lambda: _add(gathered))

    def _total(self, rows: Tensor) -> Tensor:
        return self.ranks.everywhere(rows).sum(0)


def chained(ranks: Ranks, passed: Sequence[Passed], add: Callable[[], None]) -> None:
    """Let each rank in turn add to what the ones before have added; then all know all of it."""
    if not passed:
        return
    if ranks.rank > 0:
        _hold(passed, *ranks.receive(ranks.rank - 1))
    add()
    if ranks.world == 1:
        return
    held, counts = _held(passed)
    if ranks.rank < ranks.last:
        ranks.send(held, ranks.rank + 1, counts)
    found = ranks.broadcast(held, ranks.last, counts)
    if ranks.rank < ranks.last:
        _hold(passed, *found)


def _add(gathered: Sequence[tuple[Passed, Any]]) -> None:
    for by, found in gathered:
        by.add(found)


def _held(passed: Sequence[Passed]) -> tuple[list[Tensor], list[int]]:
    """Return all tensors, and how many of them each has."""
    held = [by.held() for by in passed]
    return [tensor for tensors in held for tensor in tensors], [len(tensors) for tensors in held]


def _hold(passed: Sequence[Passed], tensors: Sequence[Tensor], counts: Sequence[int]) -> None:
    left = iter(tensors)
    for by, count in zip(passed, counts, strict=True):
        by.hold([next(left) for _ in range(count)])


def _rows(walk: Walk, numbers: Sequence[int], by: Gatherer) -> Span:
    """Return the rows of a look's grid that some tiles own."""
    owned = [by.look.seen(walk.positions(number, by.look.layer)) for number in numbers]
    boxes = [box for box in owned if box is not None]
    return (min(b[0] for b in boxes), max(b[1] for b in boxes)) if boxes else (0, 0)
