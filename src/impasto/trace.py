"""The trace: what every loss was at every step, as plain values, written as JSON or CSV."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

from impasto.errors import InputError
from impasto.files import replacing
from impasto.sketch import log_curves
from impasto.timeline import TimelineEntry


@dataclass(frozen=True)
class TraceRow:
    """One step: its place in the run, the losses before the update, the time since the start."""

    step: int
    """Counted through all stages, from 1."""
    stage: int
    height: int
    width: int
    losses: Mapping[str, float]
    """`total`, each term (`content`, `style`, `total_variation`), each layer (`style.relu1_1`)."""
    seconds: float


@dataclass
class Trace:
    """Rows in the order of the steps, and what was done to the run between them."""

    rows: list[TraceRow] = field(default_factory=list)
    timeline: list[TimelineEntry] = field(default_factory=list)

    def column(self, name: str) -> list[float]:
        """Return one loss at every step."""
        return [row.losses[name] for row in self.rows]

    def _repr_html_(self) -> str:
        """Show the terms as curves and at their ends, in a notebook."""
        if not self.rows:
            return "<p>an empty trace: no step was done</p>"
        first, last = self.rows[0], self.rows[-1]
        terms = [name for name in last.losses if "." not in name]
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{first.losses[name]:.4g}</td>"
            f"<td>{last.losses[name]:.4g}</td></tr>"
            for name in terms
        )
        head = f"<tr><th>loss</th><th>step {first.step}</th><th>step {last.step}</th></tr>"
        curves = log_curves({name: self.column(name) for name in terms})
        return f"<div>{curves}<table>{head}{rows}</table></div>"

    def to_json(self) -> str:
        """Write an object with `timeline` and `steps`, each a list of objects."""
        entries = _lines([entry.to_dict() for entry in self.timeline])
        steps = _lines([_flat(row) for row in self.rows])
        return f'{{\n"timeline": {entries},\n"steps": {steps}\n}}\n'

    def to_csv(self) -> str:
        """Write a header and one line per step."""
        rows = [_flat(row) for row in self.rows]
        text = io.StringIO()
        names = list(dict.fromkeys(name for row in rows for name in row)) or ["step", "total"]
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def save(self, path: str | PathLike[str]) -> None:
        """Write to a `.json` or `.csv` file, atomically.

        Raises:
            InputError: the name ends otherwise, or the file cannot be written.
        """
        path = Path(path)
        check_suffix(path)
        text = self.to_json() if path.suffix == ".json" else self.to_csv()
        with replacing(path) as partial:
            partial.write_text(text, encoding="utf-8")


def check_suffix(path: Path) -> None:
    """Raise InputError unless a trace can be written under this name."""
    if path.suffix not in (".json", ".csv"):
        raise InputError(f"a trace is saved as .json or .csv, got '{path.name}'")


def _lines(values: list[dict[str, Any]]) -> str:
    """Write a list of objects in JSON, one on a line."""
    return "[" + ",".join("\n" + json.dumps(value) for value in values) + "]"


def _flat(row: TraceRow) -> dict[str, float]:
    place = {"step": row.step, "stage": row.stage, "height": row.height, "width": row.width}
    return place | dict(row.losses) | {"seconds": round(row.seconds, 4)}
