"""The disk: room made by what has been finished longest, and nothing left that nobody knows."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from impasto.checkpoints.lock import Lock
from impasto.jobs.counting import recorded_bytes
from impasto.jobs.errors import DiskFull
from impasto.jobs.home import Home
from impasto.jobs.limits import Limits
from impasto.jobs.tables import Database, controls, gallery, jobs, now, uploads, uses
from impasto.jobs.values import ACTIVE

UNUSED = 3600.0
"""Seconds for which an upload is kept that no job needs."""
WRITING = 600.0
"""Seconds after which nobody is writing a file any more."""
RETRY = 60
"""Seconds to wait before another try."""


@dataclass(frozen=True)
class Disk:
    """Makes room, and sweeps."""

    home: Home
    database: Database
    limits: Limits

    def make_room(self, needed: int) -> None:
        """Remove what may go until there is room: first uploads nobody needs, then old results.

        Jobs that have not ended, favorites and the gallery stay.

        Raises:
            DiskFull: there is no room even so.
        """
        with self.database.writing() as connection:
            gone = list(self._freed(connection, needed))
            left = recorded_bytes(connection) + needed
        for path in gone:
            _remove(path)
        if left > self.limits.disk_bytes:
            raise DiskFull(
                f"the disk quota of {self.limits.disk_bytes:,} bytes is used up by jobs that have "
                "not ended and by favorites: wait for some, or delete some",
                RETRY,
            )

    def sweep(self) -> None:
        """Remove what processes that were killed left behind; nothing that anybody works on."""
        self._sweep_incoming()
        with self.database.writing() as connection:
            known = set(connection.execute(sa.select(uploads.c.id)).scalars())
            strays = [path for path in self.home.uploads.iterdir() if path.name not in known]
        folders = list(self.home.jobs.iterdir())
        with self.database.reading() as connection:
            rows = connection.execute(sa.select(jobs.c.id, jobs.c.status, jobs.c.held)).all()
        ended = {row.id for row in rows if row.status not in ACTIVE and not row.held}
        strays += [path for path in folders if path.name not in {row.id for row in rows}]
        strays += [path / "checkpoint" for path in folders if path.name in ended]
        parts = (part for path in folders if path.name in ended for part in path.glob(_PARTS))
        strays += [part for part in parts if _age(part) > WRITING]
        for path in strays:
            _remove(path)

    def _sweep_incoming(self) -> None:
        """Remove the folders of processes that are gone: their locks can be had."""
        for path in self.home.incoming.glob("*.lock"):
            try:
                lock = Lock(path)
            except OSError:
                continue
            _remove(path.with_suffix(""))
            lock.release()
            _remove(path)

    def _freed(self, connection: sa.Connection, needed: int) -> Iterator[Path]:
        if recorded_bytes(connection) + needed <= self.limits.disk_bytes:
            return
        yield from self._unused(connection, now() - UNUSED)
        old = sa.select(jobs.c.id).where(
            jobs.c.status.not_in(ACTIVE), ~jobs.c.held, ~jobs.c.favorite
        )
        for id in connection.execute(old.order_by(jobs.c.finished)).scalars().all():
            if recorded_bytes(connection) + needed <= self.limits.disk_bytes:
                return
            forget(connection, id)
            yield self.home.job(id).path
            yield from self._unused(connection, now() - UNUSED)

    def _unused(self, connection: sa.Connection, before: float) -> Iterator[Path]:
        query = sa.select(uploads.c.id).where(
            uploads.c.touched < before,
            uploads.c.id.not_in(sa.select(uses.c.upload)),
            uploads.c.id.not_in(sa.select(gallery.c.upload)),
        )
        for id in connection.execute(query).scalars().all():
            connection.execute(uploads.delete().where(uploads.c.id == id))
            yield self.home.upload(id)


_PARTS = "**/.impasto-*"


def forget(connection: sa.Connection, id: str) -> None:
    """Remove everything that is recorded of a job."""
    for table in (controls, uses):
        connection.execute(table.delete().where(table.c.job == id))
    connection.execute(jobs.delete().where(jobs.c.id == id))


def _age(path: Path) -> float:
    with suppress(OSError):
        return now() - path.stat().st_mtime
    return 0.0


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
