"""The log of a job's events: numbered lines, only ever added to.

A process that dies while it writes leaves a torn last line, which is dropped. A run that goes on
from a checkpoint says some steps again; those are not written twice.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from impasto.events import Event, kind_of, plain_values
from impasto.jobs.values import StoredEvent

_UNWRITTEN = ("image", "trace", "path")
_REPEATED = ("resumed", "fetching")


def plain_event(event: Event) -> tuple[str, dict[str, Any]]:
    """Name an event and give its fields as plain values, without images, traces and paths."""
    return kind_of(event), plain_values(event, _UNWRITTEN)


def read(path: Path, after: int = 0) -> list[StoredEvent]:
    """Read the events of a log with numbers above `after`; a torn last line is none."""
    return [event for event in _lines(path) if event.number > after]


class Tail:
    """Reads a log as it grows, each line once.

    Args:
        path: of the log, which need not be there yet.
        after: events up to this number are left out.
    """

    def __init__(self, path: Path, after: int = 0) -> None:
        self._path, self._after, self._offset = path, after, 0

    def read(self) -> list[StoredEvent]:
        """Return the events that have come since the last call."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                text = file.read()
        except FileNotFoundError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [event for event in _parsed(whole) if event.number > self._after]


class EventLog:
    """The writing side of a log; there must be only one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()
        _mend(path)
        self.last_number, self.last_step, self._before = 0, 0, set[str]()
        for event in _lines(path):
            self._remember(event.number, event.event, event.values)

    def add(self, kind: str, values: Mapping[str, Any]) -> None:
        """Add an event, unless the log has it from before the run was interrupted."""
        if kind == "step" and values["step"] <= self.last_step:
            return
        if kind not in _REPEATED and _mark(kind, values) in self._before:
            return
        number = self.last_number + 1
        line = {"number": number, "time": time.time(), "event": kind, **values}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self._remember(number, kind, values)

    def _remember(self, number: int, kind: str, values: Mapping[str, Any]) -> None:
        self.last_number = number
        if kind == "step":
            self.last_step = values["step"]
        else:
            self._before.add(_mark(kind, values))


def _mark(kind: str, values: Mapping[str, Any]) -> str:
    return json.dumps([kind, values], sort_keys=True)


def _lines(path: Path) -> Iterator[StoredEvent]:
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return
    yield from _parsed(text[: text.rfind(b"\n") + 1])


def _parsed(text: bytes) -> Iterator[StoredEvent]:
    for line in text.splitlines():
        values = json.loads(line)
        number, when, kind = values.pop("number"), values.pop("time"), values.pop("event")
        yield StoredEvent(number, kind, values, when)


def _mend(path: Path) -> None:
    """Cut off a torn last line, so that the next one begins at a line's start."""
    text = path.read_bytes()
    whole = text.rfind(b"\n") + 1
    if whole < len(text):
        os.truncate(path, whole)
