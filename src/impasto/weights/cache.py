"""The user's cache of weights: what is there, how it is put there, and how it is verified.

A small record, `vgg19.json`, names the file that holds the weights. Replacing the record is what
puts a new file in place, so that a reader sees the old one or the new one and nothing between. No
torch here: the command line looks into the cache before it loads anything heavy.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from impasto.errors import InputError, WeightsError
from impasto.files import replacing

CACHE = "IMPASTO_CACHE"
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclass(frozen=True)
class Record:
    """What the cache knows of one file."""

    name: str
    file: str
    """Its name in the folder."""
    size: int
    sha256: str
    origin: str
    """The address or the path that it came from."""
    origin_sha256: str
    """Of the file before it was converted: the identity that recipes carry."""
    published: bool
    """Whether that file was the one in the catalog, by its digest."""
    preprocessing: str = ""

    @property
    def path(self) -> Path:
        """Where the file is."""
        return folder() / self.file


def root() -> Path:
    """Return the cache folder of impasto, which need not exist."""
    chosen = os.environ.get(CACHE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(platformdirs.user_cache_dir("impasto", appauthor=False))


def folder() -> Path:
    """Return the folder for weights in the cache, which need not exist."""
    return root() / "weights"


def usable_folder() -> Path:
    """Return the folder for weights, made if need be.

    Raises:
        WeightsError: it cannot be made.
    """
    try:
        if not folder().is_absolute():  # no home folder is known
            raise NotADirectoryError(errno.ENOTDIR, "there is no home folder")
        folder().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(error) from error
    return folder()


def cannot_write(error: OSError) -> WeightsError:
    """Word the error for a cache that cannot be written to, or is full."""
    if error.errno in _FULL:
        problem = f"there is no space left in {folder()}: free some"
    else:
        problem = f"cannot write to the cache {folder()}: {(error.strerror or str(error)).lower()}"
        problem += "; make it writable"
    return WeightsError(f"{problem}, or set {CACHE} to another folder")


def need_space(needed: int) -> None:
    """Raise WeightsError where the disk of the cache has fewer bytes free."""
    free = shutil.disk_usage(usable_folder()).free
    if free < needed:
        raise WeightsError(
            f"not enough space in {folder()}: {megabytes(needed)} needed, {megabytes(free)} free; "
            f"free some, or set {CACHE} to another folder"
        )


def megabytes(size: int) -> str:
    """Write a size in MB (10^6 bytes), or kB below one."""
    return f"{size / 1e6:,.0f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB"


def find(name: str) -> Record | None:
    """Look for a file in the cache; None where there is none, or its record is unreadable."""
    try:
        values = json.loads((folder() / f"{name}.json").read_text(encoding="utf-8"))
        record = Record(**values)
        return record if record.name == name and record.path.is_file() else None
    except (OSError, ValueError, TypeError):
        return None


def is_intact(record: Record) -> bool:
    """Tell whether the file has its size and digest."""
    try:
        return record.path.stat().st_size == record.size and digest(record.path) == record.sha256
    except OSError:
        return False


def content(record: Record) -> bytes:
    """Read a file, verified.

    Raises:
        WeightsError: it is damaged or cannot be read.
    """
    try:
        found = record.path.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot read {record.path}: {error.strerror or error}") from error
    if hashlib.sha256(found).hexdigest() != record.sha256:
        raise damaged(record)
    return found


def damaged(record: Record) -> WeightsError:
    """Word the error for a file that has changed since it was put there."""
    return WeightsError(
        f"{record.path} is damaged: its SHA-256 is no longer {record.sha256[:12]}...; get it again "
        f"with `impasto weights fetch {record.name}` or `impasto weights import {record.name} FILE`"
    )


@dataclass(frozen=True)
class Origin:
    """Where a file came from, as its record will say."""

    place: str
    sha256: str
    published: bool
    preprocessing: str = ""


def put(name: str, suffix: str, write: Callable[[Path], None], origin: Origin) -> Record:
    """Put a file into the cache in place of an older one, whole or not at all.

    Args:
        name: of the item.
        suffix: of the file, such as `.safetensors`.
        write: writes the content to the path that it is given.
        origin: where it came from.

    Raises:
        WeightsError: the cache cannot be written to, or is full.
    """
    older = find(name)
    part = usable_folder() / f".{name}.new{suffix}"
    try:
        write(part)
        sha256 = digest(part)
        record = Record(
            name=name,
            file=f"{name}-{sha256[:12]}{suffix}",
            size=part.stat().st_size,
            sha256=sha256,
            origin=origin.place,
            origin_sha256=origin.sha256,
            published=origin.published,
            preprocessing=origin.preprocessing,
        )
        with replacing(record.path) as target:
            part.replace(target)
        with replacing(folder() / f"{name}.json") as target:
            target.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise cannot_write(error) from error
    except InputError as error:
        raise WeightsError(f"{error}; or set {CACHE} to another folder") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    if older is not None and older.file != record.file:
        with suppress(OSError):  # somebody may be reading it: Windows then keeps it
            older.path.unlink(missing_ok=True)
    return record


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the lock of one item, so that no two processes fetch or import it at once.

    Raises:
        WeightsError: the cache cannot be written to.
    """
    from filelock import FileLock

    lock = FileLock(usable_folder() / f"{name}.lock")
    try:
        lock.acquire()
    except OSError as error:
        raise cannot_write(error) from error
    try:
        yield
    finally:
        lock.release()
