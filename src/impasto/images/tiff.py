"""TIFF with 16 bits per channel, which Pillow cuts to 8, and what else needs a look at the tags.

A directory of our own, appended to a copy of the file in memory, calls every row of pixels a row of
bytes. So libtiff, inside Pillow, unpacks strips and tiles of any compression within bounds, and the
bytes are put together here. Source: TIFF 6.0; BigTIFF as libtiff describes it.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from PIL import Image, TiffImagePlugin

from impasto.errors import PictureError
from impasto.images import metadata
from impasto.images.samples import Levels, Model, Samples
from impasto.images.source import Source

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_SIZES, PLANAR = 273, 277, 278, 279, 284
PREDICTOR, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_SIZES = 317, 322, 323, 324, 325
EXTRA_SAMPLES, SAMPLE_FORMAT, USER_COMMENT = 338, 339, 37510

_KEPT = (HEIGHT, COMPRESSION, ROWS_PER_STRIP, TILE_HEIGHT)
_PER_PLANE = (STRIP_OFFSETS, STRIP_SIZES, TILE_OFFSETS, TILE_SIZES)
_READ = {WIDTH, BITS, PHOTOMETRIC, SAMPLES, PLANAR, PREDICTOR, TILE_WIDTH} | {
    EXTRA_SAMPLES,
    SAMPLE_FORMAT,
    *_KEPT,
    *_PER_PLANE,
}
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}  # field type -> its code for struct
_MODELS: dict[int, Model] = {0: "L", 1: "L", 2: "RGB", 5: "CMYK"}  # by photometric interpretation
_CHANNELS = {"L": 1, "RGB": 3, "CMYK": 4}
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


class TiffFile(TiffImagePlugin.TiffImageFile):
    """A TIFF that Pillow unpacks whatever its limit for the whole process says; ours is checked."""

    def load_prepare(self) -> None:
        """Make room for the pixels, so that Pillow need not, and does not count them."""
        if self._im is None:
            self.im = Image.new(self.mode, self._tile_size).im
        super().load_prepare()


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


# --- the tags --------------------------------------------------------------------------------


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
    bits, form = max(found.tags.get(BITS, (1,))), max(found.tags.get(SAMPLE_FORMAT, (1,)))
    if bits > 16 or form in (2, 3):
        kind = {2: "signed ", 3: "floating-point "}.get(form, "")
        raise PictureError(
            f"{source.path} has {kind}{bits} bits per channel; expected 1, 8 or 16 bits: "
            "convert it to 16 bits"
        )
    if found.first(TILE_WIDTH, 1) * found.first(TILE_HEIGHT, 1) > width * height + _TILE_PIXELS:
        raise ValueError("tiles far larger than the picture")
    if len(found.places or (0,)) < found.needed:
        raise ValueError("strips or tiles are missing")
    return found


def _form(order: str, *, big: bool) -> Form:
    if big:
        return Form(order, order + "8xQ", order + "Q", order + "HHQ8s", "Q", 16)
    return Form(order, order + "4xI", order + "H", order + "HHI4s", "I", 4)


def _parsed(file: IO[bytes]) -> Directory:
    head = file.read(16)
    order = "<" if head[:2] == b"II" else ">"
    form = _form(order, big=struct.unpack_from(order + "H", head, 2) == (43,))
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


# --- reading ---------------------------------------------------------------------------------


def read(source: Source, layout: Directory) -> Samples:
    """Read a TIFF of 16 bits per channel, exactly: gray, RGB or CMYK, with or without alpha.

    Raises:
        PictureError: its colors are of another kind.
        ValueError, OSError, and others: it is damaged.
    """
    photometric = layout.first(PHOTOMETRIC, 1)
    if photometric not in _MODELS:
        raise PictureError(
            f"{source.path} has unusual colors in 16 bits per channel (TIFF photometric "
            f"{photometric}); expected gray, RGB or CMYK: convert it to RGB"
        )
    model = _MODELS[photometric]
    beside = _metadata(source.file, layout)
    source.file.seek(0)
    levels = _levels(source.file.read(), layout)
    color, alpha = levels[..., : _CHANNELS[model]], None
    extra = layout.first(EXTRA_SAMPLES, 0)
    if levels.shape[2] > _CHANNELS[model] and extra in (1, 2):
        alpha = levels[..., _CHANNELS[model]]
        color = _unmultiplied(color, alpha) if extra == 1 else color
    return Samples(model, 65535 - color if photometric == 0 else color, alpha, beside)


def _metadata(file: IO[bytes], layout: Directory) -> metadata.Metadata:
    exif = Image.Exif()
    exif.endian, exif.bigtiff = layout.form.order, layout.form.is_big
    try:
        exif.load_from_fp(file, layout.offset)
        return metadata.of_exif(exif)
    except Exception:  # parsers fail in any way; this must not cost the picture
        return metadata.Metadata()


def _levels(data: bytes, layout: Directory) -> Levels:
    """Unpack all channels: uint16, shape (height, width, channels)."""
    channels = layout.first(SAMPLES, 1)
    if not 1 <= channels <= 16:
        raise ValueError("an odd number of channels")
    together = channels // layout.planes
    parts = [_plane(data, layout, n, together) for n in range(layout.planes)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)


def _plane(data: bytes, layout: Directory, number: int, channels: int) -> Levels:
    """Unpack the channels that are stored together."""
    width, height = layout.tags[WIDTH][0], layout.tags[HEIGHT][0]
    _check_extent(data, layout, 2 * channels)
    image = TiffFile(BytesIO(_as_bytes(data, layout, number, 2 * channels)))
    if image.mode != "L" or image.size != (2 * channels * width, height):
        raise ValueError("the rows of bytes were not understood")
    image.load()
    values = np.array(image).view(layout.form.order + "u2").astype(np.uint16)
    values = values.reshape(height, width, channels)
    if layout.first(PREDICTOR, 1) == 2:
        across = layout.first(TILE_WIDTH, width)
        for left in range(0, width, across):
            tile = values[:, left : left + across]
            np.cumsum(tile, axis=1, dtype=np.uint16, out=tile)
    return values


def _check_extent(data: bytes, layout: Directory, pixel: int) -> None:
    """Refuse strips and tiles past the end of the file, where our own directory will stand."""
    width, height = layout.tags[WIDTH][0], layout.tags[HEIGHT][0]
    rows = min(layout.first(ROWS_PER_STRIP, height), height)
    places = layout.places
    sizes = layout.tags.get(TILE_SIZES) or layout.tags.get(STRIP_SIZES, ())
    if layout.first(COMPRESSION, 1) == 1 and TILE_WIDTH in layout.tags:
        sizes = (layout.tags[TILE_WIDTH][0] * layout.tags[TILE_HEIGHT][0] * pixel,) * len(places)
    elif layout.first(COMPRESSION, 1) == 1:
        tops = [n * rows % (-(-height // rows) * rows) for n in range(len(places))]
        sizes = tuple(min(rows, height - top) * width * pixel for top in tops)
    if any(place + size > len(data) for place, size in zip(places, sizes, strict=True)):
        raise ValueError("pixels past the end of the file")


def _as_bytes(data: bytes, layout: Directory, number: int, pixel: int) -> bytes:
    """Append a directory that calls each row of pixels a row of gray bytes."""
    tags = {tag: layout.tags[tag] for tag in _KEPT if tag in layout.tags}
    tags |= {WIDTH: (pixel * layout.tags[WIDTH][0],), BITS: (8,), PHOTOMETRIC: (1,), SAMPLES: (1,)}
    if TILE_WIDTH in layout.tags:
        tags[TILE_WIDTH] = (pixel * layout.tags[TILE_WIDTH][0],)
    for tag in _PER_PLANE:
        if tag in layout.tags:
            each = len(layout.tags[tag]) // layout.planes
            tags[tag] = layout.tags[tag][number * each : (number + 1) * each]
    little = _form("<", big=layout.form.is_big)  # Pillow reads a BigTIFF in this order only
    return _with_directory(data, little, sorted(tags.items()))


def _with_directory(data: bytes, form: Form, tags: Iterable[tuple[int, tuple[int, ...]]]) -> bytes:
    """Append a directory to a TIFF, and make it its first and only one."""
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


def _unmultiplied(color: Levels, alpha: Levels) -> Levels:
    """Undo the multiplication of colors by alpha; what is fully clear stays black."""
    share = np.maximum(alpha, 1).astype(np.float64)[..., None] / 65535
    return np.rint(color / share).clip(0, 65535).astype(np.uint16)


# --- writing ---------------------------------------------------------------------------------


def write(
    path: Path, levels: Levels, *, profile: bytes, dpi: float | None, recipe: str | None
) -> None:
    """Write a TIFF, compressed without loss.

    Args:
        path: the file.
        levels: uint8 or uint16, shape (height, width, 3 or 4).
        profile: the ICC profile.
        dpi: dots per inch.
        recipe: goes into a user comment as EXIF knows it.
    """
    import tifffile  # takes a tenth of a second, and is needed for writing alone

    comment = b"" if recipe is None else metadata.comment_of(recipe)
    tifffile.imwrite(
        path,
        levels,
        photometric="rgb",
        compression="zlib",
        predictor=True,
        extrasamples=["unassalpha"] if levels.shape[2] == 4 else None,
        resolution=(dpi, dpi) if dpi else None,
        resolutionunit="INCH" if dpi else None,
        iccprofile=profile,
        extratags=[(USER_COMMENT, 7, len(comment), comment, True)] if comment else None,
        software="impasto",
        metadata=None,
    )
