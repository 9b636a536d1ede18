"""One target at one layer, by tiles: what a tile adds to it, and what flows back into a tile.

There are three kinds of parts, as there are contracts of losses, and the engine treats them alike:

1. `gather` measures what a tile owns, and `add` adds it to what other tiles have gathered;
2. `distance` follows from all that was gathered, and `differentiate` keeps its gradient by that;
3. `pull` tells which gradient flows into what a tile gathered, this time with a graph.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any, NamedTuple, Protocol, cast

import torch
from torch import Tensor

from impasto.engine.tiled.look import Gatherer, Look
from impasto.losses.term import Cut, GlobalLoss, LocalLoss, Loss, Statistics
from impasto.numerics.moments import RawMoments
from impasto.numerics.precision import wide
from impasto.numerics.sampling import rows_of
from impasto.numerics.windows import Box

Pull = tuple[Tensor, Tensor]
"""A tensor with a graph, and the gradient that flows into it."""


class Part(Gatherer, Protocol):
    """A target at a layer, in one evaluation."""

    gathers: bool
    """Whether all tiles must be gathered before a gradient is known."""

    def distance(self) -> Tensor:
        """Return the distance, of what was added so far."""

    def differentiate(self, factor: Tensor) -> None:
        """Keep the gradient of `factor` times the distance by what was gathered."""

    def pull(self, gathered: Any) -> list[Pull]:
        """Return what flows into what a tile gathered."""

    def held(self) -> list[Tensor]:
        """Return what was added so far, as tensors that another process can `hold`."""

    def hold(self, held: Sequence[Tensor]) -> None:
        """Go on from what was added elsewhere, and forget what was added here."""


class LocalPart:
    """Positions by themselves: a distance is the sum of the tiles' shares."""

    def __init__(
        self, loss: Loss, target: Statistics, look: Look, scale: Tensor | None, *, gathers: bool
    ) -> None:
        self.loss, self.target, self.look = cast(LocalLoss, loss), target, look
        self.scale, self.gathers = scale, gathers
        self.shares: list[Tensor] = []
        self.factor = torch.zeros((), dtype=torch.float64)

    @staticmethod
    def scale_of(loss: Loss, target: Statistics) -> Tensor | None:
        """Return what a local loss needs to know of a whole target."""
        return cast(LocalLoss, loss).scale(target)

    def context(self, owned: Box) -> Box:
        """Return the positions that the loss looks at."""
        return self.loss.context(owned, self.look.grid)

    def gather(self, features: Tensor, owned: Box) -> Tensor:
        """Return a tile's share of the distance."""
        given = self.context(owned)
        cut = Cut(owned, given, self.look.grid)
        return self.loss.part(features, self.look.weight_in(given), self.target, cut, self.scale)

    def add(self, gathered: Tensor) -> None:
        """Add a share."""
        self.shares.append(gathered.detach().to("cpu", torch.float64))

    def held(self) -> list[Tensor]:
        """Return the shares."""
        return [torch.stack(self.shares)] if self.shares else []

    def hold(self, held: Sequence[Tensor]) -> None:
        """Have other shares."""
        self.shares = [share for shares in held for share in shares.cpu().unbind()]

    def distance(self) -> Tensor:
        """Return the sum of the shares, one after another."""
        total = torch.zeros((), dtype=torch.float64)
        for share in self.shares:
            total = total + share
        return total

    def differentiate(self, factor: Tensor) -> None:
        """Keep the factor: the gradient of a sum by each share."""
        self.factor = factor

    def pull(self, gathered: Tensor) -> list[Pull]:
        """Return the share with the factor."""
        # A tile in which no cell of a coarser grid begins has a share of zero, without a graph.
        flows = bool(self.factor) and gathered.requires_grad
        return [(gathered, self.factor.to(gathered))] if flows else []


class AdditivePart:
    """Sums over positions: the distance is differentiated by the sums, once for all tiles."""

    gathers = True

    def __init__(self, loss: Loss, target: Statistics, look: Look) -> None:
        self.loss, self.target, self.look = loss, target, look
        self.statistics: Any = None
        self.gradient: dict[str, Tensor] = {}
        self._distance = torch.zeros(())

    def context(self, owned: Box) -> Box:
        """Return the tile's own positions."""
        return owned

    def gather(self, features: Tensor, owned: Box) -> Statistics:
        """Sum a tile's positions."""
        return self.loss.summarize(features, self.look.weight_in(owned))

    def add(self, gathered: Statistics) -> None:
        """Add a tile's sums, symmetric ones exactly so: `held` keeps one half."""
        held = _changed(gathered, Tensor.detach).mirrored()
        self.statistics = held if self.statistics is None else self.statistics + held

    def held(self) -> list[Tensor]:
        """Return the sums."""
        if self.statistics is None:
            return []
        return [tensor.detach() for tensor in self.statistics.packed()]

    def hold(self, held: Sequence[Tensor]) -> None:
        """Have other sums."""
        self.statistics = RawMoments.unpacked(*held) if held else None

    def distance(self) -> Tensor:
        """Compare the sums with the target."""
        with torch.enable_grad():
            self.statistics = _changed(self.statistics, lambda t: t.detach().requires_grad_())
            self._distance = self.loss.distance(self.statistics, self.target)
        return self._distance.detach()

    def differentiate(self, factor: Tensor) -> None:
        """Keep the gradient by each of the sums."""
        leaves = {f.name: getattr(self.statistics, f.name) for f in fields(self.statistics)}
        found = torch.autograd.grad(
            self._distance, list(leaves.values()), factor.to(self._distance), allow_unused=True
        )
        pairs = zip(leaves, found, strict=True)
        self.gradient = {name: gradient for name, gradient in pairs if gradient is not None}

    def pull(self, gathered: Statistics) -> list[Pull]:
        """Return a tile's sums with the gradients of the whole's: each is added with factor 1."""
        pairs = [(getattr(gathered, name), gradient) for name, gradient in self.gradient.items()]
        return [(tensor, gradient) for tensor, gradient in pairs if tensor.requires_grad]


class Gathered(NamedTuple):
    """Which of the drawn vectors a tile has, and these."""

    numbers: Tensor
    rows: Tensor
    """(N, k, C)."""


class GlobalPart:
    """Vectors at drawn positions, the same that the whole image would give."""

    gathers = True

    def __init__(
        self, loss: Loss, target: Statistics, look: Look, chance: torch.Generator | None
    ) -> None:
        self.loss, self.target, self.look = cast(GlobalLoss, loss), target, look
        shape = (look.channels, *look.grid)
        self.draw = self.loss.draw(shape, look.weight, chance)
        # Weighted draws have a dimension for the samples of a batch, which are one here.
        self.at = self.draw.at.flatten()
        self.rows: Tensor | None = None
        self.gradient = torch.zeros(())
        self._distance = torch.zeros(())

    @property
    def statistics(self) -> Statistics:
        """What the whole image's summary would be."""
        return self.loss.gathered(self.rows, self.draw)  # type: ignore[arg-type]

    def context(self, owned: Box) -> Box:
        """Return the tile's own positions."""
        return owned

    def gather(self, features: Tensor, owned: Box) -> Gathered:
        """Pick the vectors that lie in a tile."""
        top, bottom, left, right = owned
        row, column = self.at // self.look.grid[1], self.at % self.look.grid[1]
        inside = (row >= top) & (row < bottom) & (column >= left) & (column < right)
        (numbers,) = inside.nonzero(as_tuple=True)
        at = (row[numbers] - top) * (right - left) + column[numbers] - left
        numbers, at = numbers.to(features.device), at.to(features.device)
        return Gathered(numbers, wide(rows_of(features).index_select(1, at)))

    def add(self, gathered: Gathered) -> None:
        """Put vectors to the others."""
        rows = gathered.rows.detach()
        if self.rows is None:
            self.rows = rows.new_zeros(rows.shape[0], len(self.at), rows.shape[2])
        self.rows.index_copy_(1, gathered.numbers, rows)

    def held(self) -> list[Tensor]:
        """Return the vectors, zeros among them where none was added yet."""
        return [] if self.rows is None else [self.rows.detach()]

    def hold(self, held: Sequence[Tensor]) -> None:
        """Have other vectors."""
        (self.rows,) = held or (None,)

    def distance(self) -> Tensor:
        """Compare the vectors with the target."""
        assert self.rows is not None
        with torch.enable_grad():
            self.rows.requires_grad_()
            self._distance = self.loss.distance(self.statistics, self.target)
        return self._distance.detach()

    def differentiate(self, factor: Tensor) -> None:
        """Keep the gradient by each vector."""
        assert self.rows is not None
        (self.gradient,) = torch.autograd.grad(self._distance, self.rows, factor.to(self._distance))

    def pull(self, gathered: Gathered) -> list[Pull]:
        """Return a tile's vectors with their gradients."""
        return [(gathered.rows, self.gradient.index_select(1, gathered.numbers))]


def _changed(statistics: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Apply something to each tensor of a frozen dataclass."""
    return replace(
        statistics, **{f.name: change(getattr(statistics, f.name)) for f in fields(statistics)}
    )
