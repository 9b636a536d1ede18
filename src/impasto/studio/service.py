"""What the parts of the service share, kept in the state of the application."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends, Request

from impasto.errors import InputError
from impasto.jobs.errors import Conflict
from impasto.jobs.jobs import Jobs
from impasto.jobs.values import Job
from impasto.studio.access import Access
from impasto.studio.metrics import Metrics

DECODING, EXPORTING, UPLOADING, FOLLOWING = 4, 2, 256, 256
"""Threads that wait for pictures to be decoded and written; uploads and followers at once."""


class Promises:
    """Jobs by the keys of the requests that made them, so that a request sent twice makes one.

    They live as long as the process; the oldest of very many are forgotten.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most, self._lock = most, Lock()
        self._made: OrderedDict[tuple[str, str], tuple[str, str]] = OrderedDict()

    def once(self, client: str, key: str, body: str, make: Callable[[], Job]) -> str | Job:
        """Make a job, or return the id of the one that the key has made before.

        Raises:
            Conflict: the key was used for another request.
        """
        with self._lock:
            known = self._made.get((client, key))
            if known is None:
                job = make()
                self._made[(client, key)] = (body, job.id)
                if len(self._made) > self._most:
                    self._made.popitem(last=False)
                return job
        if known[0] != body:
            raise Conflict("this Idempotency-Key belongs to another request; use a new one")
        return known[1]


@dataclass
class Service:
    """Everything that an answer may need."""

    jobs: Jobs
    access: Access
    metrics: Metrics = field(default_factory=Metrics)
    promises: Promises = field(default_factory=Promises)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set as the server ends, so that those who follow events are let go."""
    decoding: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(DECODING))
    exporting: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(EXPORTING))
    uploading: int = 0
    following: int = 0


def service_of(request: Request) -> Service:
    """Return the service that a request is for."""
    return cast(Service, request.app.state.service)


def client_of(request: Request) -> str:
    """Name who asks, by address; limits count by it."""
    return "" if request.client is None else request.client.host


def checked_key(key: str) -> str:
    """Return an Idempotency-Key that can be kept."""
    if not 1 <= len(key) <= 200:
        raise InputError("expected an Idempotency-Key of 1 to 200 letters")
    return key


TheService = Annotated[Service, Depends(service_of)]
Client = Annotated[str, Depends(client_of)]
