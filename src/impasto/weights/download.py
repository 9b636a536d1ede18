"""Download one file over HTTP: resumed where it was cut, verified before anybody uses it.

An address that breaks off is tried again, and after it the next one; `request.py` does the asking.
"""

import http.client
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO

from impasto.errors import InputError, WeightsError
from impasto.weights import cache
from impasto.weights.catalog import Item, Source
from impasto.weights.request import Cut, Unusable, check_scheme, opened, worded

MIRRORS, OFFLINE, TIMEOUT = "IMPASTO_MIRRORS", "IMPASTO_OFFLINE", "IMPASTO_TIMEOUT"
CHUNK = 1 << 18


@dataclass(frozen=True)
class Connection:
    """How patient a download is."""

    timeout: float = 30.0
    """Seconds without a byte after which a connection counts as dead."""
    attempts: int = 3
    """How often one address is tried when the connection breaks."""
    pause: float = 1.0
    """Seconds before the second attempt; doubled each time."""

    @classmethod
    def from_environment(cls) -> "Connection":
        """Take the timeout from IMPASTO_TIMEOUT, if it is set.

        Raises:
            InputError: it is no positive number.
        """
        text = os.environ.get(TIMEOUT, "").strip()
        try:
            timeout = float(text) if text else cls.timeout
        except ValueError:
            timeout = 0.0
        if not 0 < timeout < float("inf"):
            raise InputError(f"{TIMEOUT} must be a number of seconds over 0, got '{text}'")
        return cls(timeout=timeout)


@dataclass(frozen=True)
class Progress:
    """How far a download is."""

    address: str
    received: int
    size: int | None


def is_offline() -> bool:
    """Tell whether IMPASTO_OFFLINE forbids downloads."""
    return os.environ.get(OFFLINE, "").strip().lower() not in ("", "0", "false", "no", "off")


def by_hand(item: Item) -> str:
    """Say how to get an item without a network."""
    source = item.source
    if source is None:
        return f"`impasto weights import {item.name} FILE`"
    facts = [f"{source.size:,} bytes"] if source.size else []
    facts += [f"SHA-256 {source.sha256}"] if source.sha256 else []
    return (
        f"get {source.address} ({', '.join(facts) or 'size and digest unknown'}) in another way, "
        f"then `impasto weights import {item.name} FILE`"
    )


def addresses(source: Source, mirrors: Sequence[str] | None = None) -> list[str]:
    """List where to look for a file: on each mirror in order, and last where it is published.

    Args:
        source: the file.
        mirrors: addresses of folders; None takes those in IMPASTO_MIRRORS, set apart by spaces or
            commas.
    """
    if mirrors is None:
        mirrors = os.environ.get(MIRRORS, "").replace(",", " ").split()
    return [*(f"{mirror.rstrip('/')}/{source.filename}" for mirror in mirrors), source.address]


def download(
    source: Source,
    target: Path,
    *,
    sha256: str = "",
    mirrors: Sequence[str] | None = None,
    connection: Connection | None = None,
) -> Iterator[Progress]:
    """Download a file to `target`, as a generator of its progress; it is verified at the end.

    What a cut download leaves, `target` and the notes beside it, is resumed by the next call.

    Args:
        source: the file.
        target: where it goes; its folder exists.
        sha256: digits that its SHA-256 must begin with; those of the source if empty.
        mirrors: as in `addresses`.
        connection: how patient to be; by default as the environment says.

    Raises:
        WeightsError: no address gave the file.
        OSError: it cannot be written.
    """
    connection = connection or Connection.from_environment()
    problems = []
    for address in addresses(source, mirrors):
        try:
            yield from _from_address(address, source, target, sha256 or source.sha256, connection)
        except Unusable as error:
            problems.append(f"{address}: {error}")
        else:
            return
    raise WeightsError("; ".join(problems))


def forget(target: Path) -> None:
    """Remove what a download left."""
    for path in (target, _notes(target)):
        path.unlink(missing_ok=True)


def _from_address(
    address: str, source: Source, target: Path, sha256: str, connection: Connection
) -> Iterator[Progress]:
    """Try one address several times, then check what it gave."""
    check_scheme(address)
    for attempt in range(1, connection.attempts + 1):
        if attempt > 1:
            time.sleep(connection.pause * 2 ** (attempt - 2))
        try:
            resumed = _resumable(target, address) > 0
            yield from _attempt(address, source, target, connection.timeout)
            if cache.digest(target).startswith(sha256):
                return
        except Cut as error:
            problem = str(error)
            continue
        problem = f"the file is not the one expected: its SHA-256 is not {sha256[:12]}..."
        forget(target)
        if not resumed:
            raise Unusable(problem)
    raise Unusable(problem)


def _attempt(address: str, source: Source, target: Path, timeout: float) -> Iterator[Progress]:
    """Open a connection and write what comes; go on where an earlier attempt was cut."""
    start = _resumable(target, address)
    if start and start == _noted(target).get("size"):
        yield Progress(address, start, start)  # all of it is here, only not yet verified
        return
    with opened(address, _range(target, start), timeout) as response:
        start = start if _continues(response, target, start) else 0
        size = _size(response, start)
        _check_size(size, source)
        validator = _validator(response.headers)
        notes = {"address": address, "size": size, "validator": validator}
        with target.open("r+b" if start else "wb") as file:
            file.truncate(start)
            file.seek(start)
            _notes(target).write_text(json.dumps(notes), encoding="utf-8")
            limit = size or source.size
            yield Progress(address, start, limit)
            yield from _received(response, file, address, start, limit)


def _received(
    response: http.client.HTTPResponse,
    file: IO[bytes],
    address: str,
    start: int,
    size: int | None,
) -> Iterator[Progress]:
    received = start
    while chunk := _read(response):
        file.write(chunk)
        received += len(chunk)
        if size is not None and received > size:
            raise Unusable(f"it sends more than the {size:,} bytes expected")
        yield Progress(address, received, size)
    if size is not None and received < size:
        raise Cut(f"the connection was cut at {received:,} of {size:,} bytes")


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise Cut(worded(error)) from error


# --- resuming --------------------------------------------------------------------------------


def _notes(target: Path) -> Path:
    return target.with_name(target.name + ".notes")


def _noted(target: Path) -> dict[str, object]:
    with suppress(OSError, ValueError):
        notes = json.loads(_notes(target).read_text(encoding="utf-8"))
        if isinstance(notes, dict):
            return notes
    return {}


def _resumable(target: Path, address: str) -> int:
    """How many bytes an earlier attempt at the same address left."""
    if _noted(target).get("address") != address or not target.is_file():
        return 0
    return target.stat().st_size


def _range(target: Path, start: int) -> dict[str, str]:
    if not start:
        return {}
    validator = _noted(target).get("validator")
    return {"Range": f"bytes={start}-"} | ({"If-Range": str(validator)} if validator else {})


def _continues(response: http.client.HTTPResponse, target: Path, start: int) -> bool:
    """Tell whether a response goes on with the same file where the earlier one was cut."""
    if response.status != 206:
        return False  # the file has changed, or the server knows no ranges: it sends everything
    first, total = _content_range(response.headers)
    noted = _noted(target)
    if first != start or total != noted.get("size"):
        forget(target)
        raise Cut("the file has changed on the server since the download was cut")
    return True


def _content_range(headers: Message) -> tuple[int | None, int | None]:
    """Read `bytes 100-199/200` as (100, 200)."""
    span, _, total = headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
    first = span.partition("-")[0]
    return (int(first) if first.isdigit() else None, int(total) if total.isdigit() else None)


def _size(response: http.client.HTTPResponse, start: int) -> int | None:
    """The size of the whole file, as the server tells it."""
    if response.status == 206:
        return _content_range(response.headers)[1]
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None


def _check_size(size: int | None, source: Source) -> None:
    if size is not None and source.size is not None and size != source.size:
        raise Unusable(f"it offers {size:,} bytes instead of {source.size:,}")


def _validator(headers: Message) -> str:
    """What If-Range can compare: a strong ETag, else the date of the last change."""
    tag = headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else headers.get("Last-Modified", "")
