"""The tables of the records, and the way to the database."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, String, Table, Text

from impasto.errors import InputError

Unanswered = sa.exc.OperationalError
"""What is raised while the database does not answer."""

metadata = sa.MetaData()
_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up in SQLite

jobs = Table(
    "impasto_jobs",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", String(64), unique=True, nullable=False),
    Column("status", String(16), nullable=False, index=True),
    Column("client", String(200), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("words", Text, nullable=False),  # what a search looks through, in small letters
    Column("request", Text, nullable=False),
    Column("created", Float(53), nullable=False),
    Column("started", Float(53)),
    Column("finished", Float(53)),
    Column("step", Integer, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("losses", Text, nullable=False),
    Column("seconds_left", Float(53)),
    Column("error", Text, nullable=False),
    Column("warnings", Text, nullable=False),
    Column("favorite", Boolean, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("priority", Integer, nullable=False),
    Column("round", Integer, nullable=False),  # how often it was put in the queue
    Column("held", Boolean, nullable=False),  # a worker has it, or died with it
    Column("bytes", BigInteger, nullable=False),  # on the disk
    Column("deaths", Integer, nullable=False),  # workers that died on it since its last progress
)
uploads = Table(
    "impasto_uploads",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("created", Float(53), nullable=False),
    Column("touched", Float(53), nullable=False),  # as it was last handed in
    Column("client", String(200), nullable=False),
)
uses = Table(
    "impasto_uses",  # which job needs which upload
    metadata,
    Column("job", String(64), primary_key=True),
    Column("upload", String(64), primary_key=True, index=True),
)
controls = Table(
    "impasto_controls",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("job", String(64), nullable=False, index=True),
    Column("action", String(16), nullable=False),
    Column("arguments", Text, nullable=False),
    Column("step", Integer),  # steps that were done as the run was told; null until then
)
promises = Table(
    "impasto_promises",  # which request of a client has made which job
    metadata,
    Column("client", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("job", String(64), nullable=False),
    Column("made", Float(53), nullable=False, index=True),
)
recipes = Table(
    "impasto_recipes",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("recipe", Text, nullable=False),
    Column("created", Float(53), nullable=False),
)
gallery = Table(
    "impasto_gallery",
    metadata,
    Column("upload", String(64), primary_key=True),
    Column("created", Float(53), nullable=False),
)
workers = Table(
    "impasto_workers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("device", String(32), nullable=False),
    Column("seen", Float(53), nullable=False),
    Column("job", String(64)),
)

format_ = Table("impasto_format", metadata, Column("number", Integer, primary_key=True))

T = TypeVar("T")
FORMAT = 1
"""Of these tables; raised when older and newer ones could be misread."""
PATIENCE = 300.0
"""Seconds for which a database that does not answer is asked again."""


class Database:
    """Connections to the database of the records.

    Args:
        url: as SQLAlchemy spells it: `sqlite:////path`, `postgresql://user@host/name`.
    """

    def __init__(self, url: str) -> None:
        try:
            self.engine = sa.create_engine(driver_url(url), pool_pre_ping=True)
        except (sa.exc.ArgumentError, ImportError) as error:
            raise InputError(
                f"'{hidden(url)}' is no database: {error}; try postgresql://user@host/name"
            ) from error
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    def create(self) -> None:
        """Make the tables that are not there.

        Raises:
            InputError: the database does not answer, or holds tables of another format.
        """
        try:
            with self.writing() as connection:
                metadata.create_all(connection)
                self._check_format(connection)
        except sa.exc.OperationalError as error:
            raise InputError(
                f"the database {hidden(str(self.engine.url))} does not answer: {error.orig}"
            ) from error

    def _check_format(self, connection: sa.Connection) -> None:
        found = connection.execute(sa.select(format_.c.number)).scalar()
        if found is None:
            connection.execute(format_.insert().values(number=FORMAT))
        elif found != FORMAT:
            raise InputError(
                f"the jobs in {hidden(str(self.engine.url))} are of format {found}, this impasto "
                f"has format {FORMAT}: use the version that made them, or another folder"
            )

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection to read with."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection inside a transaction that no other writer is in beside it."""
        with self.engine.connect() as connection:
            connection = connection.execution_options(impasto_writes=True)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7073796)")
                yield connection

    def patiently(self, change: Callable[[sa.Connection], T]) -> T:
        """Do a change in a transaction; where the database does not answer, again and again."""
        deadline, pause = time.monotonic() + PATIENCE, 0.1
        while True:
            try:
                with self.writing() as connection:
                    return change(connection)
            except (sa.exc.OperationalError, sa.exc.InterfaceError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(pause)
                pause = min(5.0, 2 * pause)

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def driver_url(url: str) -> str:
    """Name the driver that we bring along, and how long to wait, where the URL names none."""
    for short in ("postgresql://", "postgres://"):
        if url.startswith(short):
            url = "postgresql+psycopg://" + url.removeprefix(short)
    if url.startswith("postgresql") and "connect_timeout" not in url:
        url += f"{'&' if '?' in url else '?'}connect_timeout=10"
    return url


def database_url(home: Path, given: str) -> str:
    """Return the URL given, or that of SQLite in the home folder."""
    return given or f"sqlite:///{home.absolute() / 'jobs.sqlite'}"


def hidden(url: str) -> str:
    """Show a URL without its password."""
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        return url.split("@")[-1]


def clock(connection: sa.Connection) -> float:
    """Seconds since 1970 by the database's clock, which all machines share."""
    if connection.dialect.name == "postgresql":
        return float(connection.exec_driver_sql("SELECT extract(epoch FROM now())").scalar_one())
    return now()


def now() -> float:
    """Seconds since 1970, UTC."""
    return time.time()


def _prepare_sqlite(connection: object, record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]


def _begin_sqlite(connection: sa.Connection) -> None:
    """A writer asks for the lock at once: one that began by reading could never get it."""
    writes = connection.get_execution_options().get("impasto_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
