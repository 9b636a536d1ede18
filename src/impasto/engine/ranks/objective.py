"""The objective of a rank: its band of the image, to the losses of the whole and its gradient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from torch import Tensor

from impasto.engine.framing import Framing
from impasto.engine.losses import Losses
from impasto.engine.ranks.gathering import SharedGathering, chained
from impasto.engine.ranks.layout import blocks
from impasto.engine.ranks.ranks import Ranks
from impasto.engine.ranks.rows import moved
from impasto.engine.ranks.tally import Tally
from impasto.engine.targets import Target
from impasto.engine.tiled.objective import TiledObjective, flat, replay
from impasto.engine.tiled.parts import LocalPart
from impasto.engine.tiled.walk import Walk
from impasto.features.geometry import Size
from impasto.numerics.spans import Spans, merged
from impasto.numerics.strip import Strip
from impasto.numerics.windows import Span


@dataclass(frozen=True)
class RankedObjective:
    """What `TiledObjective` is, by several ranks, each of which computes its own tiles.

    Before an evaluation each rank gets the rows that its tiles see beyond its band; after it, what
    they add to other bands goes there. Losses and gradient have the same bytes with any number of
    ranks.
    """

    tiled: TiledObjective
    """Its targets hold what this rank's tiles need."""
    ranks: Ranks
    size: Size
    """Height and width of the whole image."""
    bands: Sequence[Span]
    """Which rows each rank holds."""
    _rows: dict[int, list[Spans]] = field(default_factory=dict, repr=False)
    """For each phase and rank, the rows that its tiles read."""

    @property
    def targets(self) -> Sequence[Target]:
        """What the image is compared with."""
        return self.tiled.targets

    @property
    def framing(self) -> Framing:
        """How the network sees the image."""
        return self.tiled.framing

    def measure(self, image: Tensor, phase: int = 0) -> Losses:
        """Measure the whole of which each rank gives its band (1, 3, h, W)."""
        walk = self._walk(image, phase)
        parts = self.tiled.parts(walk, phase)
        SharedGathering(self.ranks)(walk, flat(parts))
        return self._agreed(self.tiled.joined(parts))

    def value_and_gradient(self, image: Tensor, phase: int = 0) -> tuple[Losses, Tensor]:
        """Measure the whole, and differentiate the total by this rank's band (1, 3, h, W)."""
        walk = self._walk(image, phase)
        parts = self.tiled.parts(walk, phase)
        SharedGathering(self.ranks)(walk, [part for part in flat(parts) if part.gathers])
        pulled = self.tiled.differentiate(parts)
        tally = Tally(self.ranks, walk.image.shape, self._reads(phase), image)
        for number in blocks(walk.plan, self.ranks.world)[self.ranks.rank]:
            replay(walk, number, pulled, tally)
        gradient = tally.settled(self.bands)
        self._share([p for p in flat(parts) if isinstance(p, LocalPart) and not p.gathers])
        return self._agreed(self.tiled.joined(parts)), gradient

    def reweighted(self, weights: Mapping[str, float]) -> Self:
        """Return an objective with other weights for some of its terms.

        Raises:
            RecipeError: there is no term of that name.
        """
        return replace(self, tiled=self.tiled.reweighted(weights))

    def only(self, name: str) -> Self:
        """Return an objective of one term alone; nothing is computed for the others."""
        return replace(self, tiled=self.tiled.only(name))

    def weights(self) -> dict[str, float]:
        """Return the weight of each term."""
        return self.tiled.weights()

    def _walk(self, band: Tensor, phase: int) -> Walk:
        """Fetch the rows that this rank's tiles see."""
        own = self.bands[self.ranks.rank]
        shape = (*band.shape[:2], *self.size)
        source = Strip(shape, [(own[0], band.detach())])
        strip = moved(self.ranks, source, [(span,) for span in self.bands], self._reads(phase))
        return self.tiled.walk(strip, phase)

    def _reads(self, phase: int) -> list[Spans]:
        """Return for each rank the rows that its tiles read, and add their gradients to."""
        turn = phase % self.tiled.framing.shifts
        if turn not in self._rows:
            walk = self.tiled.walk(Strip((1, 3, *self.size), []), phase)
            parts = flat(self.tiled.parts(walk, phase))
            self._rows[turn] = [
                merged(span for number in block for span in walk.rows(number, parts))
                for block in blocks(walk.plan, self.ranks.world)
            ]
        return self._rows[turn]

    def _share(self, parts: Sequence[LocalPart]) -> None:
        """Let all know the shares of all tiles, in their order."""
        own = [list(part.shares) for part in parts]
        for part in parts:
            part.shares.clear()

        def add() -> None:
            for part, shares in zip(parts, own, strict=True):
                part.shares += shares

        chained(self.ranks, parts, add)

    def _agreed(self, losses: Losses) -> Losses:
        """Return rank 0's losses, so that all decide alike even where machines differ."""
        named = losses.named()
        found, _ = self.ranks.broadcast([value.cpu() for value in named.values()], source=0)
        return Losses.from_named(dict(zip(named, found, strict=True)))
