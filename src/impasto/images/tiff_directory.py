"""The first directory of a TIFF: how its pixels are stored, and whether that can be true.

Source: TIFF 6.0; BigTIFF as libtiff describes it.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, NamedTuple

from impasto.errors import PictureError
from impasto.images.source import Source

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_SIZES, PLANAR = 273, 277, 278, 279, 284
PREDICTOR, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_SIZES = 317, 322, 323, 324, 325
EXTRA_SAMPLES, SAMPLE_FORMAT = 338, 339


_READ = {WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP}
_READ |= {STRIP_SIZES, PLANAR, PREDICTOR, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_SIZES}
_READ |= {EXTRA_SAMPLES, SAMPLE_FORMAT}
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}  # field type -> its code for struct
_TILE_PIXELS = 1 << 24  # a tile may be as large as this even in a small picture


class Form(NamedTuple):
    """How a TIFF writes numbers: as classic TIFF or BigTIFF, in one of two byte orders."""

    order: str
    header: str  # up to and with the place of the first directory
    length: str  # of the entries of a directory
    entry: str  # tag, type, count, value or its place
    word: str
    word_type: int

    @property
    def is_big(self) -> bool:
        """Whether this is BigTIFF."""
        return self.word == "Q"


@dataclass(frozen=True)
class Directory:
    """The first directory of a TIFF: the tags that tell how pixels are stored."""

    form: Form
    offset: int
    tags: dict[int, tuple[int, ...]]

    def first(self, tag: int, otherwise: int) -> int:
        """Return the first value of a tag."""
        return self.tags.get(tag, (otherwise,))[0]

    @property
    def planes(self) -> int:
        """How many parts channels are stored in: one, or each by itself."""
        return self.first(SAMPLES, 1) if self.first(PLANAR, 1) == 2 else 1

    @property
    def places(self) -> tuple[int, ...]:
        """Where strips or tiles begin; empty for a kind of JPEG that does not say."""
        return self.tags.get(TILE_OFFSETS) or self.tags.get(STRIP_OFFSETS, ())

    @property
    def needed(self) -> int:
        """How many strips or tiles make the picture; 1 if there is no telling."""
        if not self.places:
            return 1
        width, height = self.tags[WIDTH][0], self.tags[HEIGHT][0]
        rows = self.first(TILE_HEIGHT, self.first(ROWS_PER_STRIP, height))
        return -(-height // rows) * -(-width // self.first(TILE_WIDTH, width)) * self.planes

    @property
    def is_deep(self) -> bool:
        """Whether every channel has 16 bits."""
        return set(self.tags.get(BITS, (1,))) == {16}


def directory(source: Source) -> Directory:
    """Read the first directory of a TIFF and check what it says.

    Raises:
        PictureError: too many pixels, or numbers of a kind that is not read.
        ValueError, struct.error: it is damaged.
    """
    found = _parsed(source.file)
    source.file.seek(0)
    width, height = found.tags[WIDTH][0], found.tags[HEIGHT][0]
    source.check_size(width, height)
    bits, kind = max(found.tags.get(BITS, (1,))), max(found.tags.get(SAMPLE_FORMAT, (1,)))
    if bits > 16 or kind in (2, 3):
        word = {2: "signed ", 3: "floating-point "}.get(kind, "")
        raise PictureError(
            f"{source.path} has {word}{bits} bits per channel; expected 1, 8 or 16 bits, "
            "unsigned: convert it to 16 bits"
        )
    if found.first(TILE_WIDTH, 1) * found.first(TILE_HEIGHT, 1) > width * height + _TILE_PIXELS:
        raise ValueError("tiles far larger than the picture")
    if len(found.places or (0,)) < found.needed:
        raise ValueError("strips or tiles are missing")
    return found


def form_of(order: str, *, big: bool) -> Form:
    """Tell how classic TIFF, or BigTIFF, writes numbers in a byte order."""
    if big:
        return Form(order, order + "8xQ", order + "Q", order + "HHQ8s", "Q", 16)
    return Form(order, order + "4xI", order + "H", order + "HHI4s", "I", 4)


def _parsed(file: IO[bytes]) -> Directory:
    head = file.read(16)
    order = "<" if head[:2] == b"II" else ">"
    form = form_of(order, big=struct.unpack_from(order + "H", head, 2) == (43,))
    (offset,) = struct.unpack_from(form.header, head)
    size = file.seek(0, 2)
    file.seek(offset)
    (count,) = struct.unpack(form.length, file.read(struct.calcsize(form.length)))
    entries = file.read(min(count, 4096) * struct.calcsize(form.entry))
    tags = {}
    for tag, kind, length, value in struct.iter_unpack(form.entry, entries):
        if tag in _READ and kind in _INTEGERS and length:
            tags[tag] = _values(file, form, size, _INTEGERS[kind], length, value)
    return Directory(form, offset, tags)


def _values(
    file: IO[bytes], form: Form, size: int, code: str, length: int, value: bytes
) -> tuple[int, ...]:
    needed = struct.calcsize(code) * length
    if needed > size:
        raise ValueError("a tag that is longer than the file")
    if needed > len(value):
        (place,) = struct.unpack(form.order + form.word, value)
        file.seek(place)
        value = file.read(needed)
    return struct.unpack(f"{form.order}{length}{code}", value[:needed])


def with_directory(data: bytes, form: Form, tags: Iterable[tuple[int, tuple[int, ...]]]) -> bytes:
    """Append a directory to a TIFF of little-endian form, and make it its only one."""
    whole = bytearray(data) + bytes(-len(data) % 8)
    entries = []
    for tag, values in tags:
        packed = struct.pack(f"{form.order}{len(values)}{form.word}", *values)
        if len(values) > 1:
            place = len(whole)
            whole += packed
            packed = struct.pack(form.order + form.word, place)
        entries.append(struct.pack(form.entry, tag, form.word_type, len(values), packed))
    place = len(whole)
    whole += struct.pack(form.length, len(entries)) + b"".join(entries) + bytes(8)
    header = struct.calcsize(form.header)
    struct.pack_into(form.order + form.word, whole, header - struct.calcsize(form.word), place)
    whole[:4] = b"II+\0" if form.is_big else b"II*\0"
    if form.is_big:
        whole[4:8] = b"\x08\0\0\0"  # bytes of a place
    return bytes(whole)
