"""`--json`: every event as one JSON object on a line of stdout."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from impasto.cli.listeners import Listener, Outcome
from impasto.events import Event, Finished

_UNPRINTED = ("image",)


class JsonLines(Listener):
    """Prints JSON lines; the key `event` tells what happened."""

    def event(self, event: Event) -> None:
        """Print an event; the end is told when everything is saved."""
        if isinstance(event, Finished):
            return
        kind = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
        self._print(kind, _values(event))

    def finished(self, outcome: Outcome) -> None:
        """Print what came of the run."""
        self._print("finished", _values(outcome))

    def _print(self, kind: str, values: Mapping[str, Any]) -> None:
        print(json.dumps({"event": kind, **values}), flush=True)


def _values(item: Any) -> dict[str, Any]:
    names = [field.name for field in fields(item) if field.name not in _UNPRINTED]
    return {name: _plain(getattr(item, name)) for name in names}


def _plain(value: Any) -> Any:
    """JSON has no infinity and no NaN."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if is_dataclass(value):
        return _values(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value
