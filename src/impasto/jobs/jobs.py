"""The front of this room: everything that can be asked of the jobs, by a service or a script."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import IO, Any

import sqlalchemy as sa

from impasto.errors import InputError
from impasto.jobs import counting, log, records, steering
from impasto.jobs.admission import Admission
from impasto.jobs.aside import Aside
from impasto.jobs.counting import used
from impasto.jobs.disk import Disk, forget
from impasto.jobs.errors import Conflict
from impasto.jobs.exports import export
from impasto.jobs.home import Home
from impasto.jobs.incoming import Incoming, printable, upload_of
from impasto.jobs.library import Library
from impasto.jobs.limits import Limits
from impasto.jobs.promises import Promise
from impasto.jobs.queue import Queue
from impasto.jobs.reports import report
from impasto.jobs.tables import Database, database_url, driver_url, uploads
from impasto.jobs.values import (
    Action,
    Counts,
    Job,
    JobRequest,
    JobStatus,
    Page,
    SavedRecipe,
    StoredEvent,
    Upload,
)

PAGE = 200
"""Jobs on one page at most."""


class Jobs:
    """Jobs in a home folder and a database; several processes may have them open at once.

    Args:
        home: the folder; made if need be.
        database: its URL; empty for SQLite in the home folder.
        limits: how much is taken in.

    Raises:
        InputError: the folder cannot be used, or the database does not answer.
    """

    def __init__(self, home: str | Path, database: str = "", limits: Limits | None = None) -> None:
        self.home = Home(Path(home).expanduser().absolute())
        self.limits = limits or Limits()
        self.home.create()
        url = database_url(self.home.path, database)
        self._database = Database(url)
        self._database.create()
        self._queue = Queue(driver_url(url))
        self._disk = Disk(self.home, self._database, self.limits)
        self._disk.sweep()
        self._decoding, self._exporting = Aside(self.limits), Aside(self.limits)
        self._explaining = Lock()
        self._incoming = Incoming(
            self.home, self._database, self._disk, self._decoding, self.limits
        )
        self._library = Library(self._database)
        self._admission = Admission(
            self._database, self._queue, self._incoming, self._disk, self.limits
        )

    def close(self) -> None:
        """Close the connections to the database; what runs, runs on."""
        self._incoming.close()
        self._decoding.close()
        self._exporting.close()
        self._queue.close()
        self._database.close()

    # --- pictures ----------------------------------------------------------------------------

    def upload(self, stream: IO[bytes], name: str, client: str = "") -> Upload:
        """Take a picture in; the same file again is the same upload.

        Args:
            stream: its bytes.
            name: what the caller calls it; only for showing.
            client: who hands it in.

        Raises:
            TooLarge: it has too many bytes or pixels.
            DiskFull: there is no room for it.
            PictureError: it is no picture, or is damaged.
        """
        return self._incoming.take(stream, name, client)

    def uploads(self, client: str | None = None) -> list[Upload]:
        """List the uploads, the newest first."""
        query = sa.select(uploads).order_by(uploads.c.created.desc())
        if client is not None:
            query = query.where(uploads.c.client == client)
        with self._database.reading() as connection:
            return [upload_of(row) for row in connection.execute(query).mappings()]

    def uploaded(self, upload: str) -> Upload:
        """Return what is known of an upload; raises NotFound."""
        return self._incoming.known(upload)

    def picture(self, upload: str) -> Path:
        """Return the file of an upload; raises NotFound."""
        return self.home.upload(self._incoming.known(upload).id)

    def recipe_in(self, path: Path, name: str) -> str | None:
        """Return the text of the recipe that made a picture, if impasto did; nothing is kept.

        Args:
            path: of the picture, which may be anything.
            name: what the user calls it, for errors.

        Raises:
            PictureError: it is no picture, or is damaged.
            TooLarge: it has too many pixels, or takes too much to decode.
        """
        return self._decoding.look(path, name).recipe

    def shrink(self, path: Path, target: Path, side: int, name: str) -> None:
        """Write a picture as PNG with a long side of at most so many pixels; raises likewise."""
        self._decoding.shrink(path, target, side, name)

    # --- jobs --------------------------------------------------------------------------------

    def submit(self, request: JobRequest, promise: Promise | None = None) -> Job:
        """Accept a job: once this returns, it will be done, whatever is killed.

        Args:
            request: what is asked for.
            promise: names the request; sent again, also later, it is the same job.

        Raises:
            Conflict: the promise belongs to another request.
            RecipeError: the recipe cannot be run.
            NotFound: an upload is not there.
            TooManyJobs, QueueFull, DiskFull: there is too much already; see `retry_after`.
            TooLarge: more pixels or steps are asked for than are allowed.
        """
        return self.job(self._admission.admit(request, promise))

    def job(self, id: str) -> Job:
        """Return a job as it stands; raises NotFound."""
        with self._database.reading() as connection:
            return records.job_of(records.row(connection, id))

    def jobs(
        self,
        *,
        search: str = "",
        status: JobStatus | Sequence[JobStatus] = (),
        favorite: bool | None = None,
        client: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> Page[Job]:
        """List jobs, the newest first.

        Args:
            search: words that must all be in the title, the recipe's or the pictures' names.
            status: one or more of them; none for all.
            favorite: only favorites, or only the others.
            client: only this one's.
            limit: how many, 200 at most.
            before: a job's id; the list goes on after it.
        """
        if not 1 <= limit <= PAGE:
            raise InputError(f"a page has 1 to {PAGE} jobs, asked for {limit}")
        wanted = (status,) if isinstance(status, JobStatus) else tuple(status)
        with self._database.reading() as connection:
            return records.page(
                connection,
                search=search,
                status=wanted,
                favorite=favorite,
                client=client,
                limit=limit,
                before=before,
            )

    def control(self, id: str, action: Action, **values: Any) -> Job:
        """Pause, resume or stop a job, or change a weight or the strength; running or not.

        Args:
            id: the job.
            action: `stop` ends it with the picture so far; `weight` needs `term` and `value`;
                `strength` needs `value` from 0 to 1.
            values: what the action needs.

        Raises:
            NotFound: there is no such job.
            Conflict: it has ended, or has not begun to be stopped.
            InputError: there is no such action, or its values are missing or impossible.
        """
        arguments = steering.checked(action, values)
        with self._database.writing() as connection:
            steering.steer(connection, self._queue, id, action, arguments)
        return self.job(id)

    def cancel(self, id: str) -> Job:
        """End a job without a picture; one that has ended is left as it is."""
        with self._database.writing() as connection:
            held = steering.cancel(connection, id)
        if not held:
            shutil.rmtree(self.home.job(id).checkpoint, ignore_errors=True)
        return self.job(id)

    def delete(self, id: str) -> None:
        """Remove a job that has ended, with everything it made.

        Raises:
            Conflict: it has not ended.
        """
        with self._database.writing() as connection:
            row = records.row(connection, id)
            if not JobStatus(row["status"]).ended:
                raise Conflict("the job has not ended: cancel it first, then delete it")
            forget(connection, id)
        shutil.rmtree(self.home.job(id).path, ignore_errors=True)

    def favorite(self, id: str, favorite: bool = True) -> Job:
        """Mark a job as a favorite, which no quota removes."""
        return self._changed(id, favorite=favorite)

    def rename(self, id: str, title: str) -> Job:
        """Give a job another title."""
        title = printable(title).strip()
        if not 0 < len(title) <= 200:
            raise InputError("expected a title of 1 to 200 letters")
        with self._database.writing() as connection:
            row = records.row(connection, id)
            names = row["words"].split("\n", 1)[-1]
            records.change(connection, id, title=title, words=f"{title.lower()}\n{names}")
        return self.job(id)

    def _changed(self, id: str, **values: Any) -> Job:
        with self._database.writing() as connection:
            records.row(connection, id)
            records.change(connection, id, **values)
        return self.job(id)

    # --- what a job makes --------------------------------------------------------------------

    def events(self, id: str, after: int = 0) -> list[StoredEvent]:
        """Return what the engine said with numbers above `after`; they count from 1."""
        self.job(id)
        return log.read(self.home.job(id).events, after)

    def tail(self, id: str, after: int = 0) -> log.Tail:
        """Follow what the engine says with numbers above `after`, at little cost for each look."""
        self.job(id)
        return log.Tail(self.home.job(id).events, after)

    def preview(self, id: str) -> Path | None:
        """Return a small JPEG of the newest state; None before there is one."""
        self.job(id)
        path = self.home.job(id).preview
        return path if path.exists() else None

    def result(self, id: str) -> Path:
        """Return the picture, a PNG with its recipe inside; raises Conflict before there is one."""
        return self._made(id, self.home.job(id).result)

    def trace(self, id: str) -> Path:
        """Return losses and timeline as JSON; raises Conflict before there is one."""
        return self._made(id, self.home.job(id).trace)

    def export(self, id: str, format: str) -> Path:
        """Return the picture in another format, or the animation of its run.

        Args:
            id: the job.
            format: jpeg, webp, avif, tiff8, tiff16, png8 or png16; gif, animated-webp or mp4;
                report, a page that explains the recipe, which takes up to a minute.
        """
        folder, result = self.home.job(id), self.result(id)
        if format == "report":
            job = self.job(id)
            names = {upload: self.uploaded(upload).name for upload in job.request.uploads}
            with self._explaining:
                made = report(job, self.home, names)
        else:
            made = export(result, folder, format, self._exporting)
        self._changed(id, bytes=used(folder.path))
        return made

    def _made(self, id: str, path: Path) -> Path:
        job = self.job(id)
        if job.result is None or not path.exists():
            raise Conflict(f"the job is {job.status} and has no picture")
        return path

    # --- the whole ---------------------------------------------------------------------------

    def counts(self) -> Counts:
        """Count everything, for metrics and readiness."""
        with self._database.reading() as connection:
            return counting.counts(connection, self.limits)

    def saved_recipes(self) -> list[SavedRecipe]:
        """List the user's own recipes, by name."""
        return self._library.saved_recipes()

    def save_recipe(self, name: str, recipe: Mapping[str, Any]) -> SavedRecipe:
        """Keep a recipe under a name; raises RecipeError if it is none."""
        return self._library.save_recipe(name, recipe)

    def delete_recipe(self, name: str) -> None:
        """Forget a recipe of the user's own; raises NotFound."""
        self._library.delete_recipe(name)

    def gallery(self) -> list[Upload]:
        """List the user's own styles, the newest first."""
        return self._library.gallery()

    def add_to_gallery(self, upload: str) -> Upload:
        """Keep an upload as a style of the user's own; raises NotFound."""
        found = self._incoming.known(upload)
        self._library.add(found)
        return found

    def remove_from_gallery(self, upload: str) -> None:
        """Take a style out of the gallery; raises NotFound."""
        self._library.remove(upload)
