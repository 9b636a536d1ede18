"""Every error impasto raises on purpose, as one tree.

    ImpastoError
    ├── InputError          the caller can fix it: exit code 2
    │   ├── PictureError    a picture is missing, unreadable, or cannot be written there
    │   ├── RecipeError     a setting has an unknown name or an impossible value
    │   ├── LayerError      a layer name does not exist in this network
    │   ├── ShapeError      a tensor has another shape than the function needs
    │   └── WeightsError    network weights are missing, damaged, or of another network
    ├── RankError           another process of a shared run has gone or failed: exit code 1 (or 2)
    ├── MemoryShortage      memory ran out, whatever was tried: exit code 1
    └── InternalError       our failure: exit code 1

Messages have three parts: what was expected, what came, what to try.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class ImpastoError(Exception):
    """The root of the tree; catch this to catch them all."""


class InputError(ImpastoError, ValueError):
    """Something the caller gave cannot be used."""


class PictureError(InputError):
    """A picture file is missing, unreadable, not a picture, or cannot be written."""


class RecipeError(InputError):
    """A recipe, or a change to one, has an unknown name or an impossible value."""


class LayerError(InputError):
    """A layer name that the network does not have."""


class ShapeError(InputError):
    """A tensor of another shape than expected."""

    def __init__(self, expected: str, actual: tuple[int, ...], remedy: str = "") -> None:
        super().__init__(
            f"expected {expected}, got shape {actual}" + (f"; {remedy}" if remedy else "")
        )
        self.expected, self.actual = expected, actual


class WeightsError(InputError):
    """Network weights that are missing, damaged, or belong to another network."""


class MemoryShortage(ImpastoError, MemoryError):
    """Memory ran out, and computing in smaller parts did not help."""


class RankError(ImpastoError, RuntimeError):
    """Another process of a run that several share has gone, or has failed."""

    def __init__(self, message: str, *, bad_input: bool = False) -> None:
        super().__init__(message)
        self.bad_input = bad_input
        """What failed there is for the caller to fix."""


class InternalError(ImpastoError, RuntimeError):
    """An invariant of our own was broken; please report it."""


_MEMORY_PHRASES = (
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "bad_alloc",
    "could not create a primitive",  # what oneDNN says when it finds no memory
)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether Python or torch ran out of memory; torch says so by a RuntimeError's text."""
    text = str(error).lower()
    told = isinstance(error, RuntimeError) and any(phrase in text for phrase in _MEMORY_PHRASES)
    return told or isinstance(error, MemoryError)


def unknown_name(kind: str, name: str, known: Iterable[str]) -> str:
    """Word the message for an unknown name: nearest names first, else the whole list."""
    known = sorted(known)
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(known)}"
    return f"unknown {kind} '{name}': {hint}"
