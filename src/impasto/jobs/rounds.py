"""Rounds: how a worker takes a job, reports on it, and lets it go; the record decides.

Whoever works changes a record only where the job is still theirs and has not ended meanwhile. A
database that does not answer is asked again for some minutes, so that its restart ends no job.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from impasto.jobs import records
from impasto.jobs.errors import NotFound
from impasto.jobs.queue import Queue
from impasto.jobs.steering import SOON, requeue
from impasto.jobs.tables import Database, controls, jobs, now, uploads
from impasto.jobs.values import ACTIVE, Job, JobStatus

T = TypeVar("T")
DEATHS = 3
"""Workers that a job may kill without coming any further."""


@dataclass(frozen=True)
class Told:
    """Something that was said to a job."""

    number: int
    action: str
    arguments: str
    step: int | None
    """Steps that were done as the run was told; None if it has not been."""


@dataclass(frozen=True)
class Round:
    """One worker's hold on one job."""

    database: Database
    queue: Queue
    id: str
    number: int

    def take(self) -> Job | None:
        """Take the job; None if it is not to be done, or not by this round.

        A job that is held already has killed the worker that held it.
        """
        return self.database.patiently(self._take)

    def report(self, **values: Any) -> None:
        """Record how far the job is."""
        self.database.patiently(lambda connection: self._change_active(connection, values))

    def told(self, after: int, *, patient: bool = False) -> list[Told]:
        """Return what was said to the job with numbers above `after`."""
        query = (
            sa.select(controls)
            .where(controls.c.job == self.id, controls.c.number > after)
            .order_by(controls.c.number)
        )
        rows = self._read(lambda connection: connection.execute(query).mappings().all(), patient)
        return [Told(r["number"], r["action"], r["arguments"], r["step"]) for r in rows]

    def heard(self, number: int, step: int) -> None:
        """Record after how many steps the run was told."""
        query = controls.update().where(controls.c.number == number).values(step=step)
        self.database.patiently(lambda connection: connection.execute(query))

    def status(self, *, patient: bool = False) -> JobStatus | None:
        """Return the job's status; None if it has ended, is in another round, or is gone."""
        row = self._read(self._row, patient)
        return JobStatus(row["status"]) if row is not None and self._goes_on(row) else None

    def is_over(self) -> bool:
        """Tell whether the job has ended, or is gone."""
        row = self._read(self._row, patient=True)
        return row is None or JobStatus(row["status"]).ended

    def drop(self) -> None:
        """Record that nobody works on the job any more, if it has ended."""
        mine = (jobs.c.id == self.id, jobs.c.round == self.number, jobs.c.status.not_in(ACTIVE))
        query = jobs.update().where(*mine).values(held=False)
        self.database.patiently(lambda connection: connection.execute(query))

    def names(self, job: Job) -> dict[str, str]:
        """Return what the user calls the pictures of the job, by their ids."""
        query = sa.select(uploads.c.id, uploads.c.name).where(uploads.c.id.in_(job.request.uploads))
        rows = self._read(lambda connection: connection.execute(query).all(), patient=True)
        return {row.id: row.name for row in rows}

    def is_gone(self) -> bool:
        """Tell whether the job was deleted."""
        return self._read(self._row, patient=True) is None

    def let_go(self) -> None:
        """Let the job go before it is done: a paused one rests, another is gone on with soon."""
        self.database.patiently(self._let_go)

    def end(self, status: JobStatus, **values: Any) -> bool:
        """Record how the job ended; False if it was ended otherwise before."""
        ending = {"status": status, "finished": now(), "seconds_left": None, **values}

        def change(connection: sa.Connection) -> bool:
            ended = self._change_active(connection, ending)
            mine = jobs.update().where(jobs.c.id == self.id, jobs.c.round == self.number)
            connection.execute(mine.values(held=False))
            return ended

        return self.database.patiently(change)

    def _read(self, question: Callable[[sa.Connection], T], patient: bool) -> T:
        if patient:
            return self.database.patiently(question)
        with self.database.reading() as connection:
            return question(connection)

    def _take(self, connection: sa.Connection) -> Job | None:
        row = self._row(connection)
        if row is None or row["round"] != self.number:
            return None
        status, deaths = JobStatus(row["status"]), row["deaths"] + bool(row["held"])
        if status.ended or status is JobStatus.PAUSED:
            records.change(connection, self.id, held=False, deaths=deaths)
            return None
        if deaths >= DEATHS:
            self._poisoned(connection, deaths)
            return None
        running = {"status": JobStatus.RUNNING, "started": row["started"] or now()}
        records.change(connection, self.id, held=True, deaths=deaths, **running)
        return records.job_of(records.row(connection, self.id))

    def _let_go(self, connection: sa.Connection) -> None:
        row = self._row(connection)
        if row is None or row["round"] != self.number:
            return
        if row["status"] in (JobStatus.RUNNING, JobStatus.QUEUED):
            requeue(connection, self.queue, row, SOON)
        records.change(connection, self.id, held=False, deaths=0, seconds_left=None)

    def _row(self, connection: sa.Connection) -> sa.RowMapping | None:
        try:
            return records.row(connection, self.id)
        except NotFound:
            return None

    def _goes_on(self, row: sa.RowMapping) -> bool:
        return row["round"] == self.number and not JobStatus(row["status"]).ended

    def _change_active(self, connection: sa.Connection, values: Mapping[str, Any]) -> bool:
        row = self._row(connection)
        if row is None or not self._goes_on(row):
            return False
        records.change(connection, self.id, **values)
        return True

    def _poisoned(self, connection: sa.Connection, deaths: int) -> None:
        records.change(
            connection,
            self.id,
            status=JobStatus.FAILED,
            finished=now(),
            held=False,
            deaths=deaths,
            error=f"the worker died {deaths} times while it did this job, most likely for want of "
            "memory: try a smaller size",
        )
