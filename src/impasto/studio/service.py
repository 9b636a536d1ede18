"""What the parts of the service share, kept in the state of the application."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends, Request

from impasto.jobs.jobs import Jobs
from impasto.studio.access import Access
from impasto.studio.metrics import Metrics

DECODING, EXPORTING, UPLOADING, FOLLOWING = 4, 2, 256, 256
"""Threads that wait for pictures to be decoded and written; uploads and followers at once."""


@dataclass
class Service:
    """Everything that an answer may need."""

    jobs: Jobs
    access: Access
    metrics: Metrics = field(default_factory=Metrics)
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


TheService = Annotated[Service, Depends(service_of)]
Client = Annotated[str, Depends(client_of)]
