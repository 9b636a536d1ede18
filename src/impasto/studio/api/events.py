"""Events of a job as they happen (server-sent events), resumed by Last-Event-ID."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse

from impasto.jobs.errors import LimitError, NotFound
from impasto.jobs.log import Tail
from impasto.jobs.tables import Unanswered
from impasto.jobs.values import Job, StoredEvent
from impasto.studio.models import Id, JobState
from impasto.studio.problems import documented
from impasto.studio.service import FOLLOWING, Service, TheService

router = APIRouter(tags=["events"])

LOOK = 0.25
"""Seconds between two looks at a job."""
HEARTBEAT = 15.0

_LastEvent = Annotated[
    int | None,
    Header(alias="Last-Event-ID", ge=0, le=2**31, description="Number of the last event seen."),
]


@router.get(
    "/jobs/{id}/events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}},
        204: {"description": "The job has ended, and every event was seen"},
        **documented(404, 429),
    },
)
async def events(id: Id, service: TheService, last: _LastEvent = None) -> Response:
    """Follow a job to its end.

    What the engine says comes numbered, from the first. `job` events, without a number, tell how
    the job stands as that changes; after the last of them the stream ends. Comments keep the
    connection alive.
    """
    job = await to_thread.run_sync(service.jobs.job, id)
    tail = await to_thread.run_sync(service.jobs.tail, id, last or 0)
    if last is not None and job.status.ended and not await to_thread.run_sync(tail.read):
        return Response(status_code=204)
    if service.following >= FOLLOWING:
        raise LimitError(f"{FOLLOWING} events streams are open, which is the limit; try again", 15)
    tail = await to_thread.run_sync(service.jobs.tail, id, last or 0)
    return StreamingResponse(
        _counted(service, id, tail),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _counted(service: Service, id: str, tail: Tail) -> AsyncIterator[str]:
    service.following += 1
    try:
        async for text in _follow(service, id, tail):
            yield text
    finally:
        service.following -= 1


async def _follow(service: Service, id: str, tail: Tail) -> AsyncIterator[str]:
    shown, spoke = None, time.monotonic()
    yield "retry: 1000\n\n"
    while not service.closing.is_set():
        try:
            job, new = await to_thread.run_sync(_look, service, id, tail)
        except (NotFound, Unanswered):  # deleted; or ask again, from the last event
            return
        text = "".join(_texts(job, new, changed=(job.status, job.warnings) != shown))
        shown = (job.status, job.warnings)
        if not text and time.monotonic() - spoke > HEARTBEAT:
            text = ": alive\n\n"
        if text:
            spoke = time.monotonic()
            yield text
        if job.status.ended:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(service.closing.wait(), LOOK)


def _look(service: Service, id: str, tail: Tail) -> tuple[Job, list[StoredEvent]]:
    """The job first: once it has ended, nothing is added to its log."""
    job = service.jobs.job(id)
    return job, tail.read()


def _texts(job: Job, new: list[StoredEvent], *, changed: bool) -> Iterator[str]:
    state = f"event: job\ndata: {JobState.of(job).model_dump_json()}\n\n"
    if changed and not job.status.ended:
        yield state
    for event in new:
        yield f"id: {event.number}\nevent: {event.event}\ndata: {_data(event)}\n\n"
    if job.status.ended:
        yield state


def _data(event: StoredEvent) -> str:
    return json.dumps({"time": event.time, **event.values})
