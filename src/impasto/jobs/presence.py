"""Presence: workers say that they live, and take over from those that have been silent too long."""

from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from impasto.jobs.tables import Database, clock, workers


class Presence:
    """One worker's presence in the database, by the database's own clock.

    Args:
        database: where it is shown.
        name: the worker's.
        device: what it computes on.
        dead_after: seconds of silence after which another is taken to be dead.
    """

    EVERY: ClassVar[float] = 2.0
    """Seconds between two signs of life."""

    def __init__(self, database: Database, name: str, device: str, dead_after: float) -> None:
        self._database, self._name, self._device = database, name, device
        self._dead_after = dead_after
        self._job: str | None = None

    def works_on(self, job: str | None) -> None:
        """Show what is worked on."""
        self._job = job
        with suppress(DBAPIError):
            self._show()

    def show(self, take_over: Callable[[list[str]], None]) -> None:
        """Give a sign of life; call `take_over` with the names of those that are dead."""
        try:
            self._show()
            if dead := self._dead():
                take_over(dead)
                with self._database.writing() as connection:
                    connection.execute(workers.delete().where(workers.c.id.in_(dead)))
        except DBAPIError:  # the database does not answer: nobody can be called dead by it
            return

    def end(self) -> None:
        """Say goodbye."""
        with suppress(DBAPIError), self._database.writing() as connection:
            connection.execute(workers.delete().where(workers.c.id == self._name))

    def _show(self) -> None:
        with self._database.writing() as connection:
            mine = workers.c.id == self._name
            seen = {"device": self._device, "seen": clock(connection), "job": self._job}
            if not connection.execute(workers.update().where(mine).values(seen)).rowcount:
                connection.execute(workers.insert().values(id=self._name, **seen))

    def _dead(self) -> list[str]:
        with self._database.reading() as connection:
            before = clock(connection) - self._dead_after
            query = sa.select(workers.c.id).where(
                workers.c.seen < before, workers.c.id != self._name
            )
            return list(connection.execute(query).scalars())
