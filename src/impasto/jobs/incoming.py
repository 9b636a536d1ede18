"""Uploads: taken in piece by piece, known by their content, looked at before they count."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

import sqlalchemy as sa

from impasto.jobs.errors import NotFound, TooLarge
from impasto.jobs.home import Home
from impasto.jobs.limits import Limits
from impasto.jobs.looking import look
from impasto.jobs.tables import Database, now, uploads
from impasto.jobs.values import Upload

PIECE = 2**20


@dataclass(frozen=True)
class Incoming:
    """Takes uploads in."""

    home: Home
    database: Database
    limits: Limits

    def take(self, stream: IO[bytes], name: str, client: str) -> Upload:
        """Take a picture in; the same file again is the same upload.

        Raises:
            TooLarge: it has too many bytes or pixels.
            PictureError: it is no picture, or is damaged.
        """
        part = self.home.incoming / secrets.token_hex(12)
        try:
            id, size = self._receive(stream, part)
            known = self.find(id)
            if known is not None:
                return known
            seen = look(part, self.limits)
            part.replace(self.home.upload(id))
            upload = Upload(
                id=id,
                name=shown_name(name),
                kind=seen.kind,
                bytes=size,
                width=seen.width,
                height=seen.height,
                created=now(),
            )
            self._record(upload, client)
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
        found = self.find(id)
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
        return digest.hexdigest()[:40], size

    def _record(self, upload: Upload, client: str) -> None:
        values = {name: getattr(upload, name) for name in upload.__dataclass_fields__}
        with self.database.writing() as connection:
            connection.execute(uploads.delete().where(uploads.c.id == upload.id))
            connection.execute(uploads.insert().values(**values, client=client))


def upload_of(row: sa.RowMapping) -> Upload:
    """Make the value of a row."""
    return Upload(**{name: row[name] for name in Upload.__dataclass_fields__})


def shown_name(name: str) -> str:
    """Keep of a caller's name what may be shown: no folders, no control characters."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    return "".join(letter for letter in last if letter.isprintable())[:200] or "picture"


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece
