"""Records of jobs in the database: rows to values, and the questions that are asked of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from impasto.jobs.errors import NotFound
from impasto.jobs.home import is_id
from impasto.jobs.tables import jobs, uses
from impasto.jobs.values import ACTIVE, Job, JobRequest, JobStatus, Page


def job_of(row: sa.RowMapping) -> Job:
    """Make the value of a row."""
    size = (row["width"], row["height"])
    return Job(
        id=row["id"],
        status=JobStatus(row["status"]),
        request=JobRequest.from_dict(json.loads(row["request"])),
        title=row["title"],
        created=row["created"],
        started=row["started"],
        finished=row["finished"],
        step=row["step"],
        steps=row["steps"],
        losses=json.loads(row["losses"]),
        seconds_left=row["seconds_left"],
        error=row["error"],
        warnings=tuple(json.loads(row["warnings"])),
        favorite=row["favorite"],
        result=None if None in size else size,
    )


def add(
    connection: sa.Connection,
    id: str,
    request: JobRequest,
    *,
    title: str,
    words: str,
    steps: int,
    priority: int,
    created: float,
) -> None:
    """Record a new job, and which uploads it needs."""
    connection.execute(
        jobs.insert().values(
            id=id,
            status=JobStatus.QUEUED,
            client=request.client,
            title=title,
            words=words.lower(),
            request=json.dumps(request.to_dict()),
            created=created,
            step=0,
            steps=steps,
            losses="{}",
            error="",
            warnings="[]",
            favorite=False,
            priority=priority,
            round=1,
            held=False,
            bytes=0,
            deaths=0,
        )
    )
    rows = [{"job": id, "upload": upload} for upload in dict.fromkeys(request.uploads)]
    connection.execute(uses.insert(), rows)


def row(connection: sa.Connection, id: str) -> sa.RowMapping:
    """Return the row of a job.

    Raises:
        NotFound: there is none.
    """
    query = sa.select(jobs).where(jobs.c.id == id)
    found = connection.execute(query).mappings().first() if is_id(id) else None
    if found is None:
        raise NotFound(f"there is no job '{id}'; it may have been deleted")
    return found


def change(connection: sa.Connection, id: str, **values: Any) -> None:
    """Change what is recorded of a job."""
    encoded = {
        name: json.dumps(value)
        if isinstance(value, Mapping | Sequence) and name in _JSON
        else value
        for name, value in values.items()
    }
    connection.execute(jobs.update().where(jobs.c.id == id).values(**encoded))


_JSON = ("losses", "warnings", "request")


def active(connection: sa.Connection, client: str | None = None) -> int:
    """Count the jobs that have not ended, of a client or of all."""
    query = sa.select(sa.func.count()).where(jobs.c.status.in_(ACTIVE))
    if client is not None:
        query = query.where(jobs.c.client == client)
    return connection.execute(query).scalar_one()


def page(
    connection: sa.Connection,
    *,
    search: str,
    status: Sequence[JobStatus],
    favorite: bool | None,
    client: str | None,
    limit: int,
    before: str | None,
) -> Page[Job]:
    """List jobs, the newest first.

    Raises:
        NotFound: there is no job `before`.
    """
    query = _matching(search, status, favorite, client)
    total = connection.execute(sa.select(sa.func.count()).select_from(query.subquery()))
    if before is not None:
        query = query.where(jobs.c.number < row(connection, before)["number"])
    ordered = query.order_by(jobs.c.number.desc()).limit(limit + 1)
    rows = connection.execute(ordered).mappings().all()
    items = tuple(map(job_of, rows[:limit]))
    more = items[-1].id if len(rows) > limit else None
    return Page(items, more, total.scalar_one())


def _matching(
    search: str, status: Sequence[JobStatus], favorite: bool | None, client: str | None
) -> "sa.Select[Any]":
    query = sa.select(jobs)
    for word in "".join(filter(str.isprintable, search)).lower().split():
        query = query.where(jobs.c.words.contains(word, autoescape=True))
    if status:
        query = query.where(jobs.c.status.in_(status))
    if favorite is not None:
        query = query.where(jobs.c.favorite == favorite)
    if client is not None:
        query = query.where(jobs.c.client == client)
    return query
