"""The line search: what it returns satisfies the strong Wolfe conditions."""

from math import cos, exp, log1p, sin, sqrt, tanh

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.engine.losses import Losses
from impasto.engine.optimizers.line_search import MAX_EVALUATIONS, Point, strong_wolfe

DECREASE, CURVATURE = 1e-4, 0.9
NOTHING = Losses(torch.zeros(()), {}, {})


def searched(value, slope, first: float) -> tuple[Point, Point, int]:
    calls = []

    def probe(length: float) -> Point:
        calls.append(length)
        return Point(length, value(length), slope(length), NOTHING, torch.zeros(1))

    start = Point(0.0, value(0.0), slope(0.0), NOTHING, torch.zeros(1))
    assert start.slope < 0
    return strong_wolfe(probe, start, first), start, len(calls)


def assert_strong_wolfe(end: Point, start: Point) -> None:
    assert end.value <= start.value + DECREASE * end.length * start.slope
    assert abs(end.slope) <= CURVATURE * abs(start.slope)


def ramp(t: float, at: float, sharpness: float) -> float:
    """A smooth step from 0 to 1."""
    return (1 + tanh(sharpness * (t - at) / 2)) / 2


def ramped(t: float, at: float, sharpness: float) -> float:
    """Its integral."""
    x = sharpness * (t - at)
    return (max(x, 0) + log1p(exp(-abs(x)))) / sharpness


# Functions of Moré and Thuente (1994), and a few of everyday shape: value, slope.
SHAPES = {
    "parabola": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "quartic": (lambda t: (t - 2) ** 4 - t, lambda t: 4 * (t - 2) ** 3 - 1),
    "rational": (lambda t: -t / (t * t + 2), lambda t: (t * t - 2) / (t * t + 2) ** 2),
    # Falls three times as steeply just before its sharp minimum at 7.
    "ravine": (
        lambda t: -t - 2 * ramped(t, 5, 5) + 8 * ramped(t, 7, 20),
        lambda t: -1 - 2 * ramp(t, 5, 5) + 8 * ramp(t, 7, 20),
    ),
    "root": (lambda t: sqrt(1 + (t - 1) ** 2), lambda t: (t - 1) / sqrt(1 + (t - 1) ** 2)),
}


@pytest.mark.parametrize("first", [1e-4, 1e-2, 0.1, 1.0, 10.0, 12.0, 15.0, 1e3])
@pytest.mark.parametrize("name", SHAPES)
def test_the_end_satisfies_the_strong_wolfe_conditions(name, first):
    end, start, calls = searched(*SHAPES[name], first)
    assert_strong_wolfe(end, start)
    assert calls <= MAX_EVALUATIONS


@given(
    st.floats(0.01, 100),
    st.floats(0.001, 1000),
    st.floats(1e-3, 1e3),
    st.floats(0, 2),
    st.floats(0, 6),
)
def test_so_does_that_of_any_waved_parabola(minimum, stiffness, first, height, phase):
    """stiffness ((t - m)^2 + h m^2 / 9 sin(2 t / m + phase)): one or several valleys."""
    wave = height * minimum**2 / 9

    def value(t):
        return stiffness * ((t - minimum) ** 2 + wave * sin(2 * t / minimum + phase))

    def slope(t):
        return stiffness * (2 * (t - minimum) + wave * 2 / minimum * cos(2 * t / minimum + phase))

    if slope(0) >= -1e-6 * stiffness * minimum:
        return
    end, start, calls = searched(value, slope, first * minimum)
    assert_strong_wolfe(end, start)
    assert calls <= MAX_EVALUATIONS


def test_a_good_first_try_is_taken():
    end, _, calls = searched(*SHAPES["parabola"], 2.5)
    assert (end.length, calls) == (2.5, 1)


def test_no_decrease_returns_the_start():
    end, start, calls = searched(lambda t: t, lambda t: -1.0, 1.0)
    assert end is start
    assert calls <= MAX_EVALUATIONS


def test_a_line_that_falls_for_ever_returns_the_lowest_point_found():
    end, _, calls = searched(lambda t: -t, lambda t: -1.0, 1.0)
    assert calls == MAX_EVALUATIONS
    assert end.length > 1e6


def test_values_that_are_no_numbers_are_stepped_back_from():
    def value(t):
        return (t - 1) ** 2 if t < 1.5 else float("nan")

    end, start, _ = searched(value, lambda t: 2 * (t - 1) if t < 1.5 else float("nan"), 1000.0)
    assert_strong_wolfe(end, start)
