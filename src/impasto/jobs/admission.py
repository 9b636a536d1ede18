"""Admission: whether a job is taken in, and the taking in."""

import secrets
from dataclasses import dataclass, replace

import sqlalchemy as sa

from impasto.errors import InputError
from impasto.jobs import promises, records
from impasto.jobs.disk import Disk
from impasto.jobs.errors import NotFound, QueueFull, TooLarge, TooManyJobs
from impasto.jobs.home import is_id
from impasto.jobs.incoming import Incoming, printable
from impasto.jobs.limits import Limits
from impasto.jobs.priority import priority_of
from impasto.jobs.promises import Promise
from impasto.jobs.queue import Queue
from impasto.jobs.tables import Database, now, uploads
from impasto.jobs.values import JobRequest, Upload
from impasto.recipe import Recipe

RETRY = 30
"""Seconds to wait before another try."""


@dataclass(frozen=True)
class Admission:
    """Takes jobs in."""

    database: Database
    queue: Queue
    incoming: Incoming
    disk: Disk
    limits: Limits

    def admit(self, request: JobRequest, promise: Promise | None = None) -> str:
        """Record a job and put it in the queue, in one transaction; return its id.

        Args:
            request: what is asked for.
            promise: where it has made a job before, that one is returned, whatever the limits.

        Raises:
            Conflict: the promise belongs to another request.
            InputError: it cannot be run; one of its leaves tells why.
        """
        request = replace(request, client=request.client[:200])
        if promise is not None:
            with self.database.reading() as connection:
                if (made := self._made(connection, request, promise)) is not None:
                    return made
        recipe = self._checked(request)
        pictures = [self.incoming.known(id) for id in request.uploads]
        title = printable(request.title).strip()[:200] or _title(pictures, len(request.styles))
        names = " ".join(picture.name for picture in pictures)
        id, created = secrets.token_hex(10), now()
        priority = priority_of(recipe, created)
        self.disk.make_room(0)
        with self.database.writing() as connection:
            if (made := self._made(connection, request, promise)) is not None:
                return made  # by another, since we looked
            self._check_queue(connection, request.client)
            self._check_uploads(connection, request)
            records.add(
                connection,
                id,
                request,
                title=title,
                words=f"{title}\n{printable(recipe.name)} {names}",
                steps=recipe.schedule.steps,
                priority=priority,
                created=created,
            )
            if promise is not None:
                promises.keep(connection, request.client, promise, id)
            self.queue.put(connection, id, 1, priority)
        return id

    def _made(
        self, connection: sa.Connection, request: JobRequest, promise: Promise | None
    ) -> str | None:
        if promise is None:
            return None
        return promises.job_of(connection, request.client, promise)

    def _checked(self, request: JobRequest) -> Recipe:
        recipe = Recipe.from_dict(request.recipe)
        if request.parent is not None and not is_id(request.parent):
            raise InputError("expected the id of a job as the parent")
        if not request.styles:
            raise InputError("expected one or more styles, got none")
        if recipe.schedule.size**2 > self.limits.result_pixels:
            raise TooLarge(
                f"a result of {recipe.schedule.size} px may have {recipe.schedule.size**2:,} "
                f"pixels; here at most {self.limits.result_pixels:,} are allowed: make it smaller"
            )
        if recipe.schedule.steps > self.limits.steps:
            raise TooLarge(
                f"{recipe.schedule.steps} steps are asked for; here at most {self.limits.steps} "
                "are allowed"
            )
        return recipe

    def _check_uploads(self, connection: sa.Connection, request: JobRequest) -> None:
        """Look again: what no job needs may have made room for something since."""
        query = sa.select(uploads.c.id).where(uploads.c.id.in_(request.uploads))
        there = set(connection.execute(query).scalars())
        for id in request.uploads:
            if id not in there:
                raise NotFound(f"there is no upload '{id}' any more; hand the picture in again")

    def _check_queue(self, connection: sa.Connection, client: str) -> None:
        if records.active(connection) >= self.limits.queue:
            raise QueueFull(
                f"{self.limits.queue} jobs wait already, which is the limit: try again later", RETRY
            )
        if records.active(connection, client) >= self.limits.jobs_per_client:
            raise TooManyJobs(
                f"you have {self.limits.jobs_per_client} jobs that have not ended, which is the "
                "limit: wait for one, or cancel one",
                RETRY,
            )


def _title(pictures: list[Upload], styles: int) -> str:
    content, style = pictures[0].name, pictures[1].name
    more = f" and {styles - 1} more" if styles > 1 else ""
    return f"{_stem(content)} as {_stem(style)}{more}"


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name
