"""Uploads: taken in piece by piece, known by their content, looked at before they count."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

import sqlalchemy as sa

from impasto.checkpoints.lock import Lock
from impasto.jobs.aside import Aside
from impasto.jobs.disk import Disk
from impasto.jobs.errors import NotFound, TooLarge
from impasto.jobs.home import Home, is_id
from impasto.jobs.limits import Limits
from impasto.jobs.tables import Database, now, uploads
from impasto.jobs.values import Upload

PIECE = 2**20


class Incoming:
    """Takes uploads in, into a folder of this process's own that is known to be in use by a lock.

    Args:
        home: where to.
        database: where they are recorded.
        disk: makes room for them.
        aside: decodes them.
        limits: how large they may be.
    """

    def __init__(
        self, home: Home, database: Database, disk: Disk, aside: Aside, limits: Limits
    ) -> None:
        self.home, self.database, self.limits = home, database, limits
        self._disk, self._aside = disk, aside
        self._folder = home.incoming / secrets.token_hex(8)
        self._lock = Lock(self._folder.with_suffix(".lock"))
        self._folder.mkdir()

    def close(self) -> None:
        """Take nothing in any more."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.release()
        with suppress(OSError):
            self._folder.with_suffix(".lock").unlink(missing_ok=True)

    def take(self, stream: IO[bytes], name: str, client: str) -> Upload:
        """Take a picture in; the same file again is the same upload.

        Raises:
            TooLarge: it has too many bytes or pixels, or takes too much to decode.
            DiskFull: there is no room for it.
            PictureError: it is no picture, or is damaged.
        """
        part, name = self._folder / secrets.token_hex(12), shown_name(name)
        try:
            id, size = self._receive(stream, part)
            known = self.find(id)
            if known is not None:
                self._touch(id)
                return known
            seen = self._aside.look(part, name)
            self._disk.make_room(size)
            upload = Upload(
                id=id,
                name=name,
                kind=seen.kind,
                bytes=size,
                width=seen.width,
                height=seen.height,
                created=now(),
            )
            self._record(upload, client, part)
            return upload
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def find(self, id: str) -> Upload | None:
        """Return an upload that is there."""
        with self.database.reading() as connection:
            row = (
                connection.execute(sa.select(uploads).where(uploads.c.id == id)).mappings().first()
            )
        return None if row is None or not self.home.upload(id).exists() else upload_of(row)

    def known(self, id: str) -> Upload:
        """Return an upload.

        Raises:
            NotFound: there is none.
        """
        found = self.find(id) if is_id(id) else None
        if found is None:
            raise NotFound(f"there is no upload '{id}'; hand the picture in again")
        return found

    def _receive(self, stream: IO[bytes], part: Path) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        with part.open("xb") as file:
            for piece in _pieces(stream):
                size += len(piece)
                if size > self.limits.upload_bytes:
                    raise TooLarge(
                        f"the upload has more than {self.limits.upload_bytes:,} bytes, which are "
                        "allowed here; make the picture smaller"
                    )
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())  # before a job may count on it
        return digest.hexdigest()[:40], size

    def _touch(self, id: str) -> None:
        with self.database.writing() as connection:
            query = uploads.update().where(uploads.c.id == id)
            connection.execute(query.values(touched=now()))

    def _record(self, upload: Upload, client: str, part: Path) -> None:
        """Record an upload and put its file in place; whoever sweeps sees both or neither."""
        values = {name: getattr(upload, name) for name in upload.__dataclass_fields__}
        with self.database.writing() as connection:
            connection.execute(uploads.delete().where(uploads.c.id == upload.id))
            connection.execute(
                uploads.insert().values(**values, touched=upload.created, client=client[:200])
            )
            part.replace(self.home.upload(upload.id))


def upload_of(row: sa.RowMapping) -> Upload:
    """Make the value of a row."""
    return Upload(**{name: row[name] for name in Upload.__dataclass_fields__})


def shown_name(name: str) -> str:
    """Keep of a caller's name what may be shown: no folders, no control characters."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    return printable(last).strip(" .")[:200] or "picture"


def file_name(name: str) -> str:
    """Return a user's name for a picture as far as that can be a file's on any system."""
    return "".join(letter if letter.isalnum() or letter in " -_." else "_" for letter in name)


def printable(text: str) -> str:
    """Leave out what no database keeps and nobody can see: control characters, surrogates."""
    return "".join(letter for letter in text if letter.isprintable())


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece
