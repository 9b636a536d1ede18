"""Steering: what is done to a job from outside, as told to its worker or to the queue.

Pauses and cancellations are in the record's status, which its worker looks at; the rest is told.
"""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, get_args

import sqlalchemy as sa

from impasto.errors import InputError, unknown_name
from impasto.jobs import records
from impasto.jobs.errors import Conflict
from impasto.jobs.queue import Queue
from impasto.jobs.tables import controls, now
from impasto.jobs.values import Action, JobStatus

_NEEDED: Mapping[str, tuple[str, ...]] = {"weight": ("term", "value"), "strength": ("value",)}
SOON = 1
"""Priority of jobs that had been begun: they go on before anything new is begun."""


def checked(action: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that an action needs.

    Raises:
        InputError: there is no such action, or its values are missing or impossible.
    """
    if action not in get_args(Action):
        raise InputError(unknown_name("action", action, get_args(Action)))
    needed = _NEEDED.get(action, ())
    if set(needed) != set(values):
        wanted = " and ".join(needed) or "nothing"
        raise InputError(f"{action} needs {wanted}, got {' and '.join(values) or 'nothing'}")
    if "term" in values and not isinstance(values["term"], str):
        raise InputError(f"a term must be a name, got {values['term']!r}")
    if "value" in values:
        _check_number(action, values["value"])
    return dict(values)


def _check_number(action: str, value: Any) -> None:
    number = type(value) in (int, float) and isfinite(value)
    if action == "weight" and not (number and value >= 0):
        raise InputError(f"a weight must be a number of at least 0, got {value!r}")
    if action == "strength" and not (number and 0 <= value <= 1):
        raise InputError(f"a strength must be a number from 0 to 1, got {value!r}")


def steer(
    connection: sa.Connection, queue: Queue, id: str, action: Action, arguments: Mapping[str, Any]
) -> None:
    """Do an action to a job that has not ended.

    Raises:
        Conflict: it has ended, or cannot be stopped since it has not begun.
    """
    row = records.row(connection, id)
    status = JobStatus(row["status"])
    if status.ended:
        raise Conflict(f"the job is {status}: nothing can be changed any more")
    if action == "pause":
        _pause(connection, row)
    elif action == "resume":
        _resume(connection, queue, row)
    elif action == "stop":
        _stop(connection, queue, row)
    else:
        tell(connection, id, action, arguments)


def cancel(connection: sa.Connection, id: str) -> bool:
    """End a job without a picture.

    Returns:
        Whether a worker has it still, which will see the record and let go.
    """
    row = records.row(connection, id)
    if not JobStatus(row["status"]).ended:
        ending = {"status": JobStatus.CANCELLED, "finished": now(), "seconds_left": None}
        records.change(connection, id, **ending)
    return bool(row["held"])


def tell(connection: sa.Connection, id: str, action: str, arguments: Mapping[str, Any]) -> None:
    """Leave a word for the worker that has the job, or will have it."""
    values = {"job": id, "action": action, "arguments": json.dumps(dict(arguments))}
    connection.execute(controls.insert().values(values))


def requeue(connection: sa.Connection, queue: Queue, row: sa.RowMapping, priority: int) -> None:
    """Put a job in the queue for another round; what is left of the last one counts no more."""
    round = row["round"] + 1
    records.change(connection, row["id"], status=JobStatus.QUEUED, round=round, held=False)
    queue.put(connection, row["id"], round, priority)


def _pause(connection: sa.Connection, row: sa.RowMapping) -> None:
    if row["status"] == JobStatus.PAUSED:
        return
    records.change(connection, row["id"], status=JobStatus.PAUSED, seconds_left=None)


def _resume(connection: sa.Connection, queue: Queue, row: sa.RowMapping) -> None:
    if row["status"] != JobStatus.PAUSED:
        return
    if row["held"]:
        records.change(connection, row["id"], status=JobStatus.RUNNING)
    else:
        requeue(connection, queue, row, SOON if row["step"] else row["priority"])


def _stop(connection: sa.Connection, queue: Queue, row: sa.RowMapping) -> None:
    if not row["step"]:
        raise Conflict("the job has not begun, so there is no picture to keep: cancel it")
    tell(connection, row["id"], "stop", {})
    if not row["held"] and row["status"] == JobStatus.PAUSED:
        requeue(connection, queue, row, SOON)
