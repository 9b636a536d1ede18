"""`--json`: every event as one JSON object on a line of stdout."""

import json
from collections.abc import Mapping
from typing import Any

from impasto.cli.listeners import Listener, Outcome
from impasto.events import Event, Finished, kind_of, plain_values


class JsonLines(Listener):
    """Prints JSON lines; the key `event` tells what happened."""

    def event(self, event: Event) -> None:
        """Print an event; the end is told when everything is saved."""
        if isinstance(event, Finished):
            return
        self._print(kind_of(event), plain_values(event))

    def finished(self, outcome: Outcome) -> None:
        """Print what came of the run."""
        self._print("finished", plain_values(outcome))

    def _print(self, kind: str, values: Mapping[str, Any]) -> None:
        print(json.dumps({"event": kind, **values}), flush=True)
