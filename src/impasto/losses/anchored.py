"""A part of a picture that is judged as the whole: the rest is known, and stands still.

Sums over positions add up: the statistics of a part, by its share of the area, and those of the
rest, which were measured before, are the statistics of the whole. So a part that is optimized by
itself need not have every color and stroke of the style in it, only what the rest leaves to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from impasto.losses.additive import AdditiveLoss
from impasto.losses.term import StyleLoss
from impasto.numerics.moments import RawMoments


@dataclass(frozen=True)
class Anchor:
    """A target, and what stands still beside what is seen."""

    wanted: RawMoments
    """The target of the whole."""
    rest: RawMoments
    """Per position of the rest."""
    share: float
    """The part of the whole's area that is seen, in (0, 1]."""


@dataclass(frozen=True)
class AnchoredLoss(AdditiveLoss):
    """An additive loss on a part of a picture, with the rest held as it is."""

    loss: StyleLoss

    def distance(self, statistics: RawMoments, target: Anchor) -> Tensor:
        """Compare the whole that the part and the rest make together."""
        seen = statistics.per_position().scaled(target.share)
        return self.loss.distance(seen + target.rest.scaled(1 - target.share), target.wanted)

    def mixed(self, summaries: Sequence[RawMoments], shares: Sequence[float]) -> RawMoments:
        """Mix what is wanted, as the loss itself does."""
        found: RawMoments = self.loss.mixed(summaries, shares)
        return found
