"""Plain JSON: what Python's reader lets in and no database or answer can hold is refused."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

DEEPEST = 32
LARGEST = 2**53
"""Beyond it, numbers of JSON are no longer whole ones."""


def checked_text(text: str) -> str:
    """Return a text without NUL; raises ValueError."""
    if "\0" in text:
        raise ValueError("expected text without the character NUL; leave it out")
    return text


def checked_mapping(values: dict[str, Any]) -> dict[str, Any]:
    """Return settings if every value in them is plain; raises ValueError."""
    _check(values, DEEPEST)
    return values


def _check(value: Any, depth: int) -> None:
    if depth == 0:
        raise ValueError(f"expected settings at most {DEEPEST} levels deep; flatten them")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, float) and not isfinite(value):
        raise ValueError("expected finite numbers, got NaN or an infinity; JSON has neither")
    elif isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError(f"expected whole numbers of at most {LARGEST}, got a larger one")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            _check_text(name)
            _check(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth - 1)


def _check_text(text: str) -> None:
    checked_text(text)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("expected text, got half of a surrogate pair; leave it out") from None
