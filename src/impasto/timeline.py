"""The timeline: what was done to a run from outside or by its guards, and at which step."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from math import isfinite
from os import PathLike
from pathlib import Path
from typing import Any, Self

from impasto.errors import InputError


class Kind(StrEnum):
    """What was done."""

    PAUSED = "paused"
    RESUMED = "resumed"
    WEIGHT = "weight"
    """A term got another weight."""
    STOPPED = "stopped"
    ROLLED_BACK = "rolled_back"
    DIVERGED = "diverged"
    TILED = "tiled"
    """Memory ran out: from here on it was computed in smaller tiles."""


STEERING = (Kind.WEIGHT, Kind.STOPPED)
"""What decides the pixels and comes from outside: a replay does it again."""


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that was done, between two steps."""

    step: int
    """Steps that were done by then."""
    kind: Kind
    term: str = ""
    """Whose weight changed."""
    value: float | None = None
    """The new weight, or side of tiles in pixels."""
    text: str = ""
    """Why the run stopped, or what went wrong."""
    retries: int = 0
    """Roll-backs by then: with the step, the exact place in the run."""

    def __str__(self) -> str:
        if self.kind is Kind.WEIGHT:
            return f"weight of {self.term} set to {self.value:g}"
        if self.kind is Kind.TILED:
            return f"not enough memory: tiles of {self.value:g} px"
        name = self.kind.replace("_", " ")
        return f"{name}: {self.text}" if self.text else name

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, from which `from_dict` builds the same entry."""
        return asdict(self) | {"kind": str(self.kind)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build an entry from plain values.

        Raises:
            InputError: they are not those of an entry.
        """
        try:
            entry = cls(**(dict(values) | {"kind": Kind(values["kind"])}))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"this is no entry of a timeline: {values!r}") from error
        if not entry._is_sound():
            raise InputError(f"this is no entry of a timeline: {values!r}")
        return entry

    def _is_sound(self) -> bool:
        counts = type(self.step) is int and type(self.retries) is int
        texts = isinstance(self.term, str) and isinstance(self.text, str)
        if self.kind not in (Kind.WEIGHT, Kind.TILED):
            return counts and texts and self.value is None
        number = type(self.value) in (int, float) and isfinite(self.value or 0)
        return counts and texts and number and (self.value or 0) >= 0


Timeline = tuple[TimelineEntry, ...]


def from_plain(values: object) -> Timeline:
    """Build a timeline from a list of plain values.

    Raises:
        InputError: they are something else.
    """
    names = {field.name for field in fields(TimelineEntry)}
    if not isinstance(values, list) or not all(
        isinstance(value, dict) and value.keys() <= names for value in values
    ):
        raise InputError(f"a timeline must be a list of entries with {', '.join(sorted(names))}")
    return tuple(map(TimelineEntry.from_dict, values))


def read(path: str | PathLike[str]) -> Timeline:
    """Read the timeline in a trace that was saved as JSON.

    Raises:
        InputError: there is no such file, or it holds no timeline.
    """
    try:
        values = json.loads(Path(path).expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot read the timeline in {path}: {error}; give a .json file from --trace"
        ) from error
    if not isinstance(values, dict) or "timeline" not in values:
        raise InputError(f"{path} holds no timeline; give a .json file from --trace")
    return from_plain(values["timeline"])
