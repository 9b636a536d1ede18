"""Server-sent events, as lines become messages."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Message:
    """One message of a stream."""

    kind: str
    number: int | None
    """None for those that do not count."""
    data: dict[str, Any]


def messages(lines: Iterable[str]) -> Iterator[Message]:
    """Put lines together to messages; one that the stream breaks off is none.

    Args:
        lines: of a text/event-stream, without their ends.
    """
    kind, number, data = "message", None, list[str]()
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield Message(kind, number, json.loads("\n".join(data)))
            kind, number, data = "message", None, []
        elif name == "event":
            kind = value
        elif name == "id" and value.isdecimal():
            number = int(value)
        elif name == "data":
            data.append(value)
