"""Counting: how much there is of everything."""

import os
from pathlib import Path

import sqlalchemy as sa

from impasto.jobs.limits import Limits
from impasto.jobs.tables import clock, jobs, now, uploads, workers
from impasto.jobs.values import Counts, JobStatus, WorkerSeen

ALIVE = 15.0
"""Seconds after which a worker that says nothing is not counted."""


def counts(connection: sa.Connection, limits: Limits) -> Counts:
    """Count jobs, uploads, workers and bytes."""
    grouped = connection.execute(
        sa.select(jobs.c.status, sa.func.count()).group_by(jobs.c.status)
    ).all()
    by_status = dict.fromkeys(JobStatus, 0) | {JobStatus(name): count for name, count in grouped}
    first = connection.execute(
        sa.select(sa.func.min(jobs.c.created)).where(jobs.c.status == JobStatus.QUEUED)
    ).scalar()
    seen = connection.execute(
        sa.select(workers).where(workers.c.seen > clock(connection) - ALIVE).order_by(workers.c.id)
    ).mappings()
    return Counts(
        jobs=by_status,
        uploads=connection.execute(sa.select(sa.func.count()).select_from(uploads)).scalar_one(),
        workers=tuple(WorkerSeen(**row) for row in seen),
        disk_bytes=recorded_bytes(connection),
        disk_quota=limits.disk_bytes,
        seconds_waiting=0.0 if first is None else max(0.0, now() - first),
    )


def recorded_bytes(connection: sa.Connection) -> int:
    """Add up what is recorded of jobs and uploads."""
    sums = (sa.select(sa.func.coalesce(sa.func.sum(t.c.bytes), 0)) for t in (jobs, uploads))
    return sum(int(connection.execute(query).scalar_one()) for query in sums)


def used(folder: Path) -> int:
    """Add up the bytes of the files below a folder; those that vanish count for nothing."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(where) / name).lstat().st_size
            except OSError:
                continue
    return total
