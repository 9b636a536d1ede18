"""A line search for the strong Wolfe conditions (Nocedal and Wright 2006, alg. 3.5 and 3.6)."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, sqrt

from torch import Tensor

from impasto.engine.losses import Losses

DECREASE = 1e-4
"""c1: the least share of the decrease that the slope promises."""
CURVATURE = 0.9
"""c2: the largest share of the first slope that may be left."""
MAX_EVALUATIONS = 20


@dataclass(frozen=True)
class Point:
    """The objective along the line: at `length` times the direction from where the search began."""

    length: float
    value: float
    slope: float
    """Of the value by the length."""
    losses: Losses
    gradient: Tensor

    @property
    def is_finite(self) -> bool:
        """Whether value and slope are numbers."""
        return isfinite(self.value) and isfinite(self.slope)


Probe = Callable[[float], Point]


def strong_wolfe(probe: Probe, start: Point, length: float) -> Point:
    """Search along a descent direction.

    Args:
        probe: evaluates the objective at a length.
        start: the point at length 0, with negative slope.
        length: the first to try.

    Returns:
        A point that satisfies both conditions; where the budget of evaluations ends first, the
        lowest one found that decreases enough; `start` itself if there is none.
    """
    search = _Search(probe, start)
    return search.run(length)


class _Search:
    def __init__(self, probe: Probe, start: Point) -> None:
        self.probe, self.start, self.best = probe, start, start
        self.left = MAX_EVALUATIONS

    def run(self, length: float) -> Point:
        """Lengthen the step until a minimum is bracketed, then zoom in (algorithm 3.5)."""
        previous = self.start
        while self.left > 0:
            point = self._evaluate(length)
            if not point.is_finite:
                return self._zoom(previous, point)
            if not self._decreases(point) or (
                point.value >= previous.value and previous.length > 0
            ):
                return self._zoom(previous, point)
            if self._is_flat(point):
                return point
            if point.slope >= 0:
                return self._zoom(point, previous)
            longest = 10 * length
            guess = _cubic_minimum(previous, point)
            previous, length = point, min(max(guess or longest, 1.5 * length), longest)
        return self.best

    def _zoom(self, low: Point, high: Point) -> Point:
        """Shrink the bracket around a minimum; `low` is its better end (algorithm 3.6)."""
        while self.left > 0:
            width = abs(high.length - low.length)
            if width * abs(low.slope) < 1e-12 * max(1.0, abs(low.value)) and low.length > 0:
                break
            point = self._evaluate(_inside(low, high))
            if not point.is_finite or not self._decreases(point) or point.value >= low.value:
                high = point
                continue
            if self._is_flat(point):
                return point
            if point.slope * (high.length - low.length) >= 0:
                high = low
            low = point
        return self.best

    def _evaluate(self, length: float) -> Point:
        self.left -= 1
        point = self.probe(length)
        if point.is_finite and self._decreases(point) and point.value < self.best.value:
            self.best = point
        return point

    def _decreases(self, point: Point) -> bool:
        return point.value <= self.start.value + DECREASE * point.length * self.start.slope

    def _is_flat(self, point: Point) -> bool:
        return abs(point.slope) <= CURVATURE * abs(self.start.slope)


def _inside(low: Point, high: Point) -> float:
    """A length inside the bracket: the cubic's minimum, kept a tenth away from both ends."""
    left, right = sorted((low.length, high.length))
    guess = _cubic_minimum(low, high) if high.is_finite else None
    if guess is None:
        return (left + right) / 2
    tenth = 0.1 * (right - left)
    return min(max(guess, left + tenth), right - tenth)


def _cubic_minimum(a: Point, b: Point) -> float | None:
    """The minimum of the cubic through two values and slopes, eq. 3.59; None if it has none."""
    if a.length == b.length:
        return None
    d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.length - b.length)
    square = d1 * d1 - a.slope * b.slope
    if square < 0:
        return None
    d2 = sqrt(square) if b.length > a.length else -sqrt(square)
    scale = b.slope - a.slope + 2 * d2
    if scale == 0:
        return None
    return b.length - (b.length - a.length) * (b.slope + d2 - d1) / scale
