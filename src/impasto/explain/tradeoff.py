"""The trade-off: the same pair with other weights, and from another start."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from impasto.trace import Trace

FACTORS = (0.2, 1.0, 5.0)
"""Of the recipe's weights, for rows and columns of the grid."""

Paint = Callable[[Mapping[str, Any]], tuple[Tensor, Trace]]
"""Runs a small version of the recipe with some settings changed; image (1, 3, H, W) and trace."""


@dataclass(frozen=True, eq=False)
class Cell:
    """One small run."""

    content_weight: float
    style_weight: float
    image: Tensor
    content: float
    """Sum of the unweighted distances of the last step."""
    style: float


@dataclass(frozen=True, eq=False)
class Start:
    """A run from one start."""

    name: str
    image: Tensor
    trace: Trace


@dataclass(frozen=True, eq=False)
class TradeOff:
    """The grid, row by row from little content weight to much, and the two starts."""

    content_weights: tuple[float, ...]
    style_weights: tuple[float, ...]
    cells: tuple[Cell, ...]
    starts: tuple[Start, ...]

    @property
    def same_ratio(self) -> tuple[Cell, ...]:
        """The diagonal, on which both weights are multiplied by the same factor."""
        return tuple(self.cell(place, place) for place in range(len(self.content_weights)))

    @property
    def ratio_decides(self) -> bool:
        """Whether the diagonal varies less than a tenth of what the whole grid does."""
        return all(
            _span([getattr(c, name) for c in self.same_ratio])
            < 0.1 * _span([getattr(c, name) for c in self.cells])
            for name in ("content", "style")
        )

    def cell(self, row: int, column: int) -> Cell:
        """Return one by its place."""
        return self.cells[row * len(self.style_weights) + column]


def explore(
    paint: Paint,
    content_weight: float,
    style_weight: float,
    factors: Sequence[float] = FACTORS,
) -> TradeOff:
    """Paint the grid and the starts.

    Args:
        paint: makes one small run.
        content_weight: of the recipe.
        style_weight: of the recipe.
        factors: of both.
    """
    contents = tuple(content_weight * factor for factor in factors)
    styles = tuple(style_weight * factor for factor in factors)
    cells = tuple(_cell(paint, content, style) for content in contents for style in styles)
    starts = tuple(Start(name, *paint({"start": name})) for name in ("content", "gaussian"))
    return TradeOff(contents, styles, cells, starts)


def _cell(paint: Paint, content: float, style: float) -> Cell:
    image, trace = paint({"content.weight": content, "style.weight": style})
    return Cell(content, style, image, distance(trace, "content"), distance(trace, "style"))


def _span(values: Sequence[float]) -> float:
    return max(values) - min(values)


def distance(trace: Trace, term: str) -> float:
    """Sum the unweighted distances of a term at the last step, so that runs can be compared."""
    losses = trace.rows[-1].losses
    return sum(value for name, value in losses.items() if name.startswith(f"{term}."))
