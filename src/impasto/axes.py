"""Axes of a sweep: a setting of the recipe and the values it takes, read from a short text.

0.2..1:5        five values from 0.2 to 1, evenly apart
0.5,1,2         these values
0:1..1:0        shares of several styles, five from all of the second to all of the first
0:1..1:0:9      nine of them
gram,moments    words, for settings that take them
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from impasto.errors import InputError
from impasto.recipe_files import assignment

COUNT = 5
"""Values of a range that does not say how many."""
MOST = 100
"""Values of an axis, and pictures of a sweep, at most."""


@dataclass(frozen=True)
class Axis:
    """A setting and the values it takes."""

    setting: str
    """Dotted path into the recipe."""
    values: tuple[Any, ...]
    labels: tuple[str, ...]
    """How each value is written on a sheet."""
    also: Mapping[str, Any]
    """Settings that come with each value, such as the one that makes a strength count."""


@dataclass(frozen=True)
class Cell:
    """One picture of a sweep."""

    indices: tuple[int, ...]
    """Place on each axis, from 0."""
    labels: tuple[str, ...]
    """The value on each axis, as it is written."""
    changes: Mapping[str, Any]
    """What it changes in the recipe."""


def axis(setting: str, text: str, *, name: str = "", also: Mapping[str, Any] | None = None) -> Axis:
    """Read an axis.

    Args:
        setting: dotted path into the recipe.
        text: its values; see above.
        name: what to call it on a sheet; the last part of the path if empty.
        also: settings that come with each value.

    Raises:
        InputError: the text is no list and no range.
    """
    values = _values(text.strip(), setting)
    if len(values) > MOST:
        raise InputError(f"{setting} would take {len(values)} values, more than {MOST}")
    name = name or setting.rpartition(".")[2]
    return Axis(setting, values, tuple(f"{name} {_label(v)}" for v in values), also or {})


def cells(axes: Sequence[Axis]) -> list[Cell]:
    """List every combination of the axes' values; the last axis changes fastest.

    Raises:
        InputError: two axes vary one setting, or there would be too many pictures.
    """
    settings = [axis.setting for axis in axes]
    for setting in settings:
        if settings.count(setting) > 1:
            raise InputError(f"{setting} is varied twice; give all its values at once")
    found = [_cell(axes, indices) for indices in product(*(range(len(a.values)) for a in axes))]
    if len(found) > MOST:
        raise InputError(f"the sweep would have {len(found)} pictures, more than {MOST}")
    return found


def _cell(axes: Sequence[Axis], indices: tuple[int, ...]) -> Cell:
    changes: dict[str, Any] = {}
    for one, index in zip(axes, indices, strict=True):
        changes |= {**one.also, one.setting: one.values[index]}
    labels = tuple(one.labels[index] for one, index in zip(axes, indices, strict=True))
    return Cell(indices, labels, changes)


def _values(text: str, setting: str) -> tuple[Any, ...]:
    if ".." in text:
        return tuple(_range(text, setting))
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise _unreadable(setting, text)
    return tuple(_shares(part) if ":" in part else _plain(part) for part in parts)


def _range(text: str, setting: str) -> list[Any]:
    first, _, rest = text.partition("..")
    start = first.split(":")
    end = rest.split(":")
    count = COUNT
    if len(end) == len(start) + 1:
        *end, last = end
        count = _count(last, setting, text)
    if len(end) != len(start):
        raise _unreadable(setting, text)
    try:
        low, high = [float(x) for x in start], [float(x) for x in end]
    except ValueError:
        raise _unreadable(setting, text) from None
    rows = [
        [_between(a, b, n, count) for a, b in zip(low, high, strict=True)] for n in range(count)
    ]
    return [row if len(row) > 1 else row[0] for row in rows]


def _between(low: float, high: float, index: int, count: int) -> float:
    """Return the value at an index, exact at both ends and without the dust of binary fractions."""
    if index in (0, count - 1):
        return high if index else low
    return float(f"{low + (high - low) * index / (count - 1):.12g}")


def _count(text: str, setting: str, whole: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= MOST:
        raise InputError(
            f"the range '{whole}' of {setting} must have from 2 to {MOST} values, got '{text}'"
        )
    return int(text)


def _shares(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(":")]
    except ValueError:
        raise _unreadable("a mix", text) from None


def _plain(text: str) -> Any:
    return assignment(f"value={text}")[1]


def _label(value: Any) -> str:
    if isinstance(value, list):
        return ":".join(map(_label, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _unreadable(setting: str, text: str) -> InputError:
    return InputError(
        f"cannot read the values '{text}' of {setting}; "
        "try 0.2..1:5 (five from 0.2 to 1) or 0.5,1,2"
    )
