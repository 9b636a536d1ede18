"""From a published or a user's file to weights in the cache: fetched, verified, converted, kept."""

import re
import time
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path

from impasto.errors import WeightsError
from impasto.events import Fetching
from impasto.features import networks
from impasto.features.architectures import architecture
from impasto.features.extractor import check_weights
from impasto.weights import cache, catalog, download, store
from impasto.weights.catalog import Item, KeptFile, Preprocessing, Source

CONVERTED = 90_000_000
"""Bytes that the convolutions of a VGG take at most, kept beside the download for a moment."""
EVERY = 0.25
"""Seconds between two events."""


def missing(name: str) -> Item | None:
    """Return a network or file that must be fetched before use; None if it is here, or cannot be.

    Raises:
        WeightsError: there is none of that name.
    """
    item = catalog.item(name)
    return None if item.source is None or cache.find(name) is not None else item


def fetch(
    item: Item,
    *,
    offline: bool = False,
    again: bool = False,
    mirrors: Sequence[str] | None = None,
    connection: download.Connection | None = None,
) -> Iterator[Fetching]:
    """Fetch an item into the cache, as a generator of its progress.

    Several processes may do so at once: one fetches, the others wait and find the file there.

    Args:
        item: from the catalog.
        offline: refuse to use the network (as does IMPASTO_OFFLINE).
        again: also where an intact file is there.
        mirrors: addresses of folders to try first; None takes those in IMPASTO_MIRRORS.
        connection: how patient to be.

    Raises:
        WeightsError: offline, nowhere to be had, not as published, no space.
    """
    source = item.source
    if source is None:
        raise WeightsError(
            f"{item.name} is published at no fixed address: get its file and use "
            f"`impasto weights import {item.name} FILE`"
        )
    if not again and _is_here(item):
        return
    if offline or download.is_offline():
        raise WeightsError(
            f"{item.name} is not here, and fetching is off; {download.by_hand(item)}"
        )
    with cache.locked(item.name):
        if not again and _is_here(item):
            return
        yield from _fetch(item, source, mirrors, connection)


def bring(
    item: Item, path: str | PathLike[str], preprocessing: Preprocessing | None = None
) -> cache.Record:
    """Import a file that the user has into the cache.

    Args:
        item: what it is.
        path: of the file.
        preprocessing: that the weights of a VGG expect; None lets them tell.

    Raises:
        WeightsError: it is missing, damaged, or something else.
    """
    path = Path(path).expanduser()
    try:
        sha256 = cache.digest(path)
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror or error}") from error
    _check_promise(path, sha256)
    expected = item.source.sha256 if item.source else ""
    published = bool(expected) and sha256.startswith(expected)
    if isinstance(item, KeptFile) and expected and not published:
        raise WeightsError(
            f"{path} is not {item.name}: expected SHA-256 {expected[:12]}..., got "
            f"{sha256[:12]}...; get {item.source.address}"
        )
    with cache.locked(item.name):
        return _keep(item, path, cache.Origin(str(path), sha256, published), preprocessing)


def _is_here(item: Item) -> bool:
    record = cache.find(item.name)
    return record is not None and cache.is_intact(record)


def _fetch(
    item: Item,
    source: Source,
    mirrors: Sequence[str] | None,
    connection: download.Connection | None,
) -> Iterator[Fetching]:
    target = cache.usable_folder() / f"part-{source.filename}"
    here = target.stat().st_size if target.is_file() else 0
    extra = 0 if isinstance(item, KeptFile) else min(CONVERTED, source.size or CONVERTED)
    cache.need_space(max(0, (source.size or 0) - here) + extra)
    expected = _expected(item, source)
    try:
        yield from _reported(
            item,
            download.download(
                source, target, sha256=expected, mirrors=mirrors, connection=connection
            ),
        )
    except OSError as error:
        download.forget(target)
        raise cache.cannot_write(error) from error
    except WeightsError as error:
        raise WeightsError(
            f"cannot fetch {item.name}: {error}; {download.by_hand(item)}"
        ) from error
    origin = cache.Origin(source.address, cache.digest(target), True)
    _keep(item, target, origin, source.preprocessing)
    download.forget(target)


def _expected(item: Item, source: Source) -> str:
    """The digest published; where that is not all of it, the one stored at the first fetch."""
    older = cache.find(item.name)
    if older is not None and older.published and older.origin_sha256.startswith(source.sha256):
        return older.origin_sha256
    return source.sha256


def _reported(item: Item, progress: Iterator[download.Progress]) -> Iterator[Fetching]:
    """Turn progress into events, a few in a second."""
    told, last = 0.0, None
    for state in progress:
        last = Fetching(item.name, state.address, state.received, state.size)
        is_first = told == 0.0
        if is_first or state.received == state.size or time.monotonic() - told >= EVERY:
            told = time.monotonic()
            yield last


def _keep(
    item: Item, path: Path, origin: cache.Origin, preprocessing: Preprocessing | None
) -> cache.Record:
    """Put a file into the cache: as it is, or the convolutions alone as safetensors."""
    if isinstance(item, KeptFile):
        suffix = Path(item.source.filename).suffix
        return cache.put(item.name, suffix, lambda part: _copy(path, part), origin)
    tensors, kind = networks.prepared(item, store.read(path, sha256=origin.sha256), preprocessing)
    check_weights(architecture(item.architecture), tensors)
    origin = cache.Origin(origin.place, origin.sha256, origin.published, kind)
    return cache.put(item.name, ".safetensors", lambda part: store.write(tensors, part), origin)


def _copy(path: Path, part: Path) -> None:
    part.write_bytes(path.read_bytes())


def _check_promise(path: Path, sha256: str) -> None:
    """PyTorch's files carry the first digits of their SHA-256: `vgg19-dcbb9e9d.pth`."""
    promise = re.search(r"-([0-9a-f]{8,64})\.(?:pth|pt)$", path.name)
    if promise and not sha256.startswith(promise[1]):
        raise WeightsError(
            f"{path} is damaged or renamed: by its name its SHA-256 begins with {promise[1]}, "
            f"got {sha256[:12]}...; get it again, or give it another name if it is your own"
        )
