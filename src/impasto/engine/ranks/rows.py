"""Rows on the move: from the ranks that hold them to those that want them."""

from collections.abc import Sequence

import torch
from torch import Tensor

from impasto.engine.ranks.ranks import Ranks
from impasto.numerics.spans import Spans, common
from impasto.numerics.strip import Strip
from impasto.numerics.windows import Span

Sets = Sequence[Sequence[Span]]
"""Rows of each rank."""


def moved(ranks: Ranks, source: Strip, holders: Sets, wants: Sets) -> Strip:
    """Bring to each rank the rows that it wants; those that nobody holds are zeros.

    Args:
        ranks: all of which call this.
        source: holds at least this rank's rows of `holders`.
        holders: for each rank rows that it gives; no row twice.
        wants: for each rank rows that it gets; sorted, disjoint spans.
    """
    me, others = ranks.rank, [rank for rank in range(ranks.world) if rank != ranks.rank]
    given = {to: common(holders[me], wants[to]) for to in others}
    taken = {rank: common(holders[rank], wants[me]) for rank in others}
    outgoing = {to: joined(source, spans) for to, spans in given.items() if spans}
    found = ranks.exchange(outgoing, [rank for rank, spans in taken.items() if spans])
    made = Strip.zeros(source.shape, tuple(wants[me]), source.like)
    put(made, common(holders[me], wants[me]), joined(source, common(holders[me], wants[me])))
    for rank, rows in found.items():
        put(made, taken[rank], rows)
    return made


def joined(strip: Strip, spans: Spans) -> Tensor:
    """Copy some rows of a strip into one tensor (N, C, rows, W)."""
    parts = [strip[..., slice(*span), slice(None)] for span in spans]
    return torch.cat(parts, 2) if parts else strip.empty_rows()


def put(strip: Strip, spans: Spans, rows: Tensor) -> None:
    """Write into a strip what `joined` would copy from it."""
    at = 0
    for first, last in spans:
        part = rows[..., at : at + last - first, :]
        strip[..., slice(first, last), slice(None)].copy_(part)
        at += last - first
