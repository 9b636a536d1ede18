"""How a run is computed: whole or in tiles, in memory or in files. Pixels change by rounding."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class ExecutionPlan:
    """How to compute a run, decided before it; plain data, kept in checkpoints."""

    tile: int | None = None
    """Side of tiles in pixels; None computes the whole image at once."""
    compact: bool = False
    """The allocator gives freed memory back: less is taken, and steps are slower."""
    mapped: bool = False
    """Images and optimizer lie in files that are mapped into memory."""
    peak: int | None = None
    """Bytes that the process is estimated to take; None where nothing was estimated."""
    budget: int | None = None
    """Bytes that it may take."""
    disk: int = 0
    """Bytes of temporary files, if it is mapped."""

    @property
    def is_plain(self) -> bool:
        """Whether everything is computed at once and in memory, as fast as can be."""
        return self.tile is None and not self.compact and not self.mapped

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, from which `from_dict` builds the same plan."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any] | None) -> Self:
        """Build a plan from plain values; none, as of older runs, are those of a plain one."""
        return cls(**(values or {}))

    def __str__(self) -> str:
        how = "whole" if self.tile is None else f"in tiles of {self.tile} px"
        parts = [
            how,
            *(["compact"] if self.compact else []),
            *(["in files"] if self.mapped else []),
        ]
        if self.peak is None:
            return ", ".join(parts)
        room = "" if self.budget is None else f" of {bytes_text(self.budget)}"
        return f"{', '.join(parts)}: about {bytes_text(self.peak)}{room}"


def bytes_text(size: int) -> str:
    """Write a number of bytes: 850 MB, 3.2 GB."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, round(size / 1e6))} MB"
