"""The home folder of the jobs: where everything lies.

jobs.sqlite, queue.sqlite   records and queue, unless a database is given
uploads/ID                  pictures handed in, as they came
incoming/                   uploads under way
jobs/ID/events.jsonl        what the engine said
jobs/ID/checkpoint/         the run's states, until it is over
jobs/ID/preview.jpg         the newest state, small
jobs/ID/result.png          the picture, recipe inside
jobs/ID/trace.json          losses and timeline
jobs/ID/frames/             some images of the run, small
jobs/ID/exports/            other formats and animations, made on demand
workers/                    locks of the workers on this machine
"""

import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from impasto.errors import InputError

_ID = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True)
class JobFolder:
    """The folder of one job."""

    path: Path

    @property
    def events(self) -> Path:
        """The log of events."""
        return self.path / "events.jsonl"

    @property
    def checkpoint(self) -> Path:
        """The folder of checkpoints."""
        return self.path / "checkpoint"

    @property
    def preview(self) -> Path:
        """The newest state, small."""
        return self.path / "preview.jpg"

    @property
    def result(self) -> Path:
        """The picture."""
        return self.path / "result.png"

    @property
    def trace(self) -> Path:
        """Losses and timeline."""
        return self.path / "trace.json"

    @property
    def frames(self) -> Path:
        """Some images of the run."""
        return self.path / "frames"

    @property
    def exports(self) -> Path:
        """The picture in other formats, and animations."""
        return self.path / "exports"


@dataclass(frozen=True)
class Home:
    """The home folder; names in it come from ids alone, never from a caller's words."""

    path: Path

    @property
    def uploads(self) -> Path:
        """Pictures handed in."""
        return self.path / "uploads"

    @property
    def incoming(self) -> Path:
        """Uploads under way."""
        return self.path / "incoming"

    @property
    def jobs(self) -> Path:
        """Folders of jobs."""
        return self.path / "jobs"

    @property
    def workers(self) -> Path:
        """Locks of workers."""
        return self.path / "workers"

    def create(self) -> None:
        """Make the folders; only the owner may look into them.

        Raises:
            InputError: they cannot be made.
        """
        try:
            for folder in (self.path, self.uploads, self.incoming, self.jobs, self.workers):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise InputError(
                f"cannot keep jobs in {self.path}: {reason}; choose another folder with --home"
            ) from error
        if not os.access(self.path, os.W_OK):
            raise InputError(f"cannot keep jobs in {self.path}: it is read-only; choose another")

    def upload(self, id: str) -> Path:
        """Where an upload lies."""
        return self.uploads / _checked(id)

    def job(self, id: str) -> JobFolder:
        """Where a job works."""
        return JobFolder(self.jobs / _checked(id))


def host_name() -> str:
    """Return this machine's name, fit for a file's."""
    kept = "".join(letter for letter in socket.gethostname() if letter.isalnum() or letter in "-_")
    return kept[:40] or "host"


def is_id(text: str) -> bool:
    """Tell whether a text is an id as we make them."""
    return _ID.fullmatch(text) is not None


def _checked(id: str) -> str:
    if not is_id(id):
        raise InputError(f"'{id}' is not an id")
    return id
