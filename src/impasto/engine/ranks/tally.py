"""A gradient that several ranks add to: the same sums, bit by bit, as one rank's.

In float32 the order of a sum decides its last bits, and a sum of two ranks' sums has another order
than that of one rank. So rows to which several ranks add are summed along a chain: what a rank's
tiles add to rows of an earlier rank waits until the sum so far has come from there.
"""

from collections.abc import Sequence

from torch import Tensor

from impasto.engine.ranks.ranks import Ranks
from impasto.engine.ranks.rows import Sets, joined, moved, put
from impasto.numerics.spans import Spans, common, merged, without
from impasto.numerics.strip import Strip
from impasto.numerics.windows import Box, window


class Tally:
    """The gradient of one evaluation.

    Args:
        ranks: all of which add to it.
        shape: of the whole, (1, 3, H, W).
        touched: for each rank the rows that its tiles add to.
        like: of the type and device that the gradient has.
    """

    def __init__(self, ranks: Ranks, shape: Sequence[int], touched: Sets, like: Tensor) -> None:
        self.ranks, self.touched = ranks, touched
        self.sums = Strip.zeros(shape, tuple(touched[ranks.rank]), like)
        self._earlier = merged(span for spans in touched[: ranks.rank] for span in spans)
        self._waiting: list[tuple[Box, Tensor]] = []

    def add(self, box: Box, part: Tensor) -> None:
        """Add to a box; in the order of tiles."""
        top, _, left, right = box
        rows = ((box[0], box[1]),)
        waits = common(rows, self._earlier)
        for first, last in without(rows, waits):
            piece = part[..., first - top : last - top, :]
            window(self.sums, (first, last, left, right)).add_(piece)
        for first, last in waits:
            piece = part[..., first - top : last - top, :].clone()
            self._waiting.append(((first, last, left, right), piece))

    def settled(self, bands: Sequence[tuple[int, int]]) -> Tensor:
        """Finish the sums; return this rank's band of the whole (1, 3, h, W)."""
        me, world = self.ranks.rank, self.ranks.world
        for source in range(me):
            if spans := self._handed(source, me):
                put(self.sums, spans, self.ranks.receive(source)[0][0])
        for box, part in self._waiting:
            window(self.sums, box).add_(part)
        self._waiting.clear()
        for to in range(me + 1, world):
            if spans := self._handed(me, to):
                self.ranks.send([joined(self.sums, spans)], to)
        done = [without(spans, self._after(rank)) for rank, spans in enumerate(self.touched)]
        wants = [(span,) if span[0] < span[1] else () for span in bands]
        made = moved(self.ranks, self.sums, done, wants)
        return made.parts[0][1] if made.parts else made.empty_rows()

    def _handed(self, source: int, to: int) -> Spans:
        """Return the rows whose sum goes from one rank to another: none between adds to them."""
        between = merged(span for spans in self.touched[source + 1 : to] for span in spans)
        return without(common(self.touched[source], self.touched[to]), between)

    def _after(self, rank: int) -> Spans:
        return merged(span for spans in self.touched[rank + 1 :] for span in spans)
