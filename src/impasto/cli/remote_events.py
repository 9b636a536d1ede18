"""Events of a run elsewhere, as the listeners of this one know them."""

from collections.abc import Mapping
from dataclasses import fields
from math import nan
from typing import Any, cast

from impasto.events import (
    Balanced,
    Estimated,
    Estimating,
    Event,
    Fetching,
    PlannedStage,
    Prepared,
    Resumed,
    StageFinished,
    StageStarted,
    Step,
    Warned,
)
from impasto.jobs.values import StoredEvent

_KINDS: Mapping[str, type[Any]] = {
    "fetching": Fetching,
    "prepared": Prepared,
    "resumed": Resumed,
    "estimating": Estimating,
    "estimated": Estimated,
    "stage_started": StageStarted,
    "balanced": Balanced,
    "step": Step,
    "stage_finished": StageFinished,
    "warned": Warned,
}
_LEFT_THERE = {"image": None, "path": ""}
"""What no event is sent with; who listens in a terminal does not look at it."""


def event_of(stored: StoredEvent, place: str) -> Event | None:
    """Make the event that was said at the server; None for what listeners need not know.

    Args:
        stored: as it came.
        place: where it was said, for showing.
    """
    kind = _KINDS.get(stored.event)
    if kind is None:
        return None
    names = {item.name for item in fields(kind)}
    given = {**_LEFT_THERE, **stored.values}
    values = {name: _restored(name, given[name]) for name in names if name in given}
    if kind is Prepared:
        values["device"] = f"{values['device']} at {place}"
    return cast(Event, kind(**values))


def _restored(name: str, value: Any) -> Any:
    """JSON has neither tuples nor NaN."""
    if name == "stages" and isinstance(value, list):
        return tuple(PlannedStage(**stage) for stage in value)
    if name == "losses":
        return {term: nan if loss is None else loss for term, loss in value.items()}
    return tuple(value) if isinstance(value, list) else value
