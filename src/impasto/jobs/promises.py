"""Promises: a request that is sent twice, because its answer was lost, makes one job.

A promise is kept in the transaction that records its job, so it holds after any kill and for every
server of the same database.
"""

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from impasto.errors import InputError
from impasto.jobs.errors import Conflict
from impasto.jobs.tables import now, promises

KEPT = 7 * 24 * 3600.0
"""Seconds for which a promise is kept."""
LONGEST = 200
"""Letters of a key."""


@dataclass(frozen=True)
class Promise:
    """A caller's own name for a request."""

    key: str
    body: str
    """What was asked for; the same key with another one is a mistake."""

    def __post_init__(self) -> None:
        if not (1 <= len(self.key) <= LONGEST and self.key.isprintable()):
            raise InputError(f"expected an Idempotency-Key of 1 to {LONGEST} printable letters")

    @property
    def digest(self) -> str:
        """SHA-256 of the body."""
        return hashlib.sha256(self.body.encode()).hexdigest()


def job_of(connection: sa.Connection, client: str, promise: Promise) -> str | None:
    """Return the id of the job that a client's promise has made; None if it has made none.

    Raises:
        Conflict: the key was used for another request.
    """
    query = sa.select(promises.c.digest, promises.c.job).where(
        promises.c.client == client, promises.c.key == promise.key, promises.c.made > now() - KEPT
    )
    found = connection.execute(query).first()
    if found is None:
        return None
    if found.digest != promise.digest:
        raise Conflict("this Idempotency-Key belongs to another request; use a new one")
    return str(found.job)


def keep(connection: sa.Connection, client: str, promise: Promise, job: str) -> None:
    """Record that a promise has made a job, and forget those that are too old."""
    moment = now()
    connection.execute(promises.delete().where(promises.c.made <= moment - KEPT))
    values = {"client": client, "key": promise.key, "digest": promise.digest, "job": job}
    connection.execute(promises.insert().values(made=moment, **values))
