"""How numbers are written in the page."""

from collections.abc import Callable, Sequence
from typing import Any

UNITS = ("B", "KB", "MB", "GB", "TB")


def shape(values: Sequence[int]) -> str:
    """Write (1, 64, 224, 224) as 1 × 64 × 224 × 224."""
    return " × ".join(map(str, values))


def whole(value: float) -> str:
    """Write a whole number with commas."""
    return f"{round(value):,}"


def number(value: float) -> str:
    """Write any number with four significant digits."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e6 or size < 1e-4:
        mantissa, _, exponent = f"{value:.2e}".partition("e")
        return f"{mantissa} × 10{_raised(int(exponent))}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def large(value: float) -> str:
    """Write a count in millions or billions."""
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if value >= size:
            return f"{value / size:.2f} {name}"
    return whole(value)


def size(count: float) -> str:
    """Write bytes in powers of 1024."""
    power = 0
    while count >= 1024 and power < len(UNITS) - 1:
        count, power = count / 1024, power + 1
    return f"{count:.0f} {UNITS[power]}" if power == 0 else f"{count:.1f} {UNITS[power]}"


def milliseconds(value: float) -> str:
    """Write a time."""
    return f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms"


def share(value: float) -> str:
    """Write a share in percent."""
    return f"{value:.0%}" if value >= 0.01 or value == 0 else "under 1%"


def _raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


NAMES = {"adam": "Adam", "lbfgs": "L-BFGS", "total_variation": "total variation"}


def words(name: str) -> str:
    """Write a name out of a recipe as people do."""
    return NAMES.get(name, name.replace("_", " "))


FILTERS: dict[str, Callable[..., Any]] = {
    "shape": shape,
    "whole": whole,
    "number": number,
    "large": large,
    "size": size,
    "ms": milliseconds,
    "share": share,
    "words": words,
}
"""By the names that templates use."""
