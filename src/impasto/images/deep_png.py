"""PNG with 16 bits per channel, which Pillow cuts to 8.

PNG filters work on bytes, each with the byte one pixel to the left and those above. The two bytes
of a sample are thus filtered independently, and a 16-bit picture can be split into one or two 8-bit
ones that keep its filters: Pillow undoes them at full speed, and the bytes are put together again.
Source: PNG, 3rd edition (W3C), sections 5, 7, 8, 9 and 11.
"""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from PIL import PngImagePlugin

from impasto.images import metadata, png_chunks
from impasto.images.png_chunks import SIGNATURE
from impasto.images.samples import Levels, Samples
from impasto.images.source import Source

_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # of a color type
_COLOR_TYPES = {2: 4, 3: 2, 4: 6}  # with so many channels of 8 bits
_PARTS = {2: (2,), 4: (4,), 6: (3, 3), 8: (4, 4)}  # bytes of a pixel -> of its parts
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))
_PASSES = ((*_ADAM7, (0, 1, 1, 2)), ((0, 0, 1, 1),))  # interlaced, plain: left, top, steps
_LEFT_OUT = {b"IHDR", b"IDAT", b"IEND", b"tRNS", b"PLTE", b"acTL", b"fcTL", b"fdAT"}
_ROWS = 64  # filtered together when writing
_INCH = 0.0254


class Header(NamedTuple):
    """What the first chunk says."""

    width: int
    height: int
    depth: int
    color_type: int
    compression: int
    filter_method: int
    interlace: int

    @property
    def pixel(self) -> int:
        """Bytes of a pixel."""
        return 2 * _CHANNELS[self.color_type]

    def passes(self) -> Iterator[tuple[int, int]]:
        """Give rows and columns of each part of an interlaced picture, or of the whole."""
        for left, top, across, down in _PASSES[0 if self.interlace else 1]:
            rows, columns = -(-(self.height - top) // down), -(-(self.width - left) // across)
            if rows > 0 and columns > 0:
                yield rows, columns


def is_deep(head: bytes) -> bool:
    """Tell a PNG of 16 bits per channel by its first 26 bytes."""
    return head[12:16] == b"IHDR" and head[24:25] == b"\x10"


# --- reading ---------------------------------------------------------------------------------


def read(source: Source) -> Samples:
    """Read a PNG of 16 bits per channel, exactly.

    Raises:
        PictureError: it is too large.
        ValueError, zlib.error, and others: it is damaged.
    """
    chunks = list(_chunks(source.file))
    header = Header._make(struct.unpack(">IIBBBBB", chunks[0][1]))
    source.check_size(header.width, header.height)
    packed = b"".join(data for name, data in chunks if name == b"IDAT")
    beside = [(name, data) for name, data in chunks if name not in _LEFT_OUT]
    parts = _parts(header, _inflated(packed, header), beside)
    whole = np.concatenate([np.array(part) for part in parts], axis=2)
    levels = whole.view(">u2").astype(np.uint16)
    key = dict(chunks).get(b"tRNS")
    return _samples(header, levels, key, metadata.of_image(parts[0]))


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for name, length in png_chunks.walk(file):
        data = file.read(length)
        (crc,) = struct.unpack(">I", file.read(4))
        if crc != zlib.crc32(data, zlib.crc32(name)):
            raise ValueError("a chunk was altered")
        yield name, data


def _inflated(packed: bytes, header: Header) -> bytes:
    """Unpack as many bytes as the header asks for; more are a bomb and never made."""
    size = sum(rows * (1 + columns * header.pixel) for rows, columns in header.passes())
    stream = zlib.decompressobj()
    data = stream.decompress(packed, size)
    stream.decompress(stream.unconsumed_tail, 1)  # reads the checksum
    if len(data) != size or not stream.eof:
        raise ValueError("not the pixels that the header promises")
    return data


def _parts(
    header: Header, data: bytes, beside: list[tuple[bytes, bytes]]
) -> list[PngImagePlugin.PngImageFile]:
    """Split into pictures of 8 bits and load them; the first also gets the other chunks."""
    parts, start = [], 0
    for width in _PARTS[header.pixel]:
        rows = b"".join(_split(header, data, slice(start, start + width)))
        first = header._replace(depth=8, color_type=_COLOR_TYPES[width])
        body = [(b"IHDR", struct.pack(">IIBBBBB", *first)), *(beside if start == 0 else [])]
        body += [(b"IDAT", zlib.compress(rows, level=0)), (b"IEND", b"")]
        image = PngImagePlugin.PngImageFile(BytesIO(SIGNATURE + b"".join(map(_chunk, body))))
        image.load()
        parts.append(image)
        start += width
    return parts


def _split(header: Header, data: bytes, taken: slice) -> Iterator[bytes]:
    """Take the same bytes of every pixel, behind the filter type of their row."""
    at = 0
    for rows, columns in header.passes():
        length = rows * (1 + columns * header.pixel)
        lines = np.frombuffer(data, np.uint8, length, at).reshape(rows, -1)
        pixels = lines[:, 1:].reshape(rows, columns, header.pixel)[:, :, taken]
        yield np.concatenate([lines[:, :1], pixels.reshape(rows, -1)], axis=1).tobytes()
        at += length


def _samples(
    header: Header, levels: Levels, key: bytes | None, beside: metadata.Metadata
) -> Samples:
    channels = 3 if header.color_type & 2 else 1
    alpha = levels[..., channels] if header.color_type & 4 else None
    if alpha is None and key is not None:
        clear = np.frombuffer(key, ">u2", channels).astype(np.uint16)
        alpha = (levels != clear).any(axis=2)
    return Samples("RGB" if channels == 3 else "L", levels[..., :channels], alpha, beside)


# --- writing ---------------------------------------------------------------------------------


def write(
    path: Path, levels: Levels, *, profile: bytes, dpi: float | None, recipe: str | None
) -> None:
    """Write a PNG of 16 bits per channel.

    Args:
        path: the file.
        levels: uint16, shape (height, width, 3 or 4).
        profile: the ICC profile.
        dpi: dots per inch.
        recipe: goes into an iTXt chunk named `impasto`.
    """
    height, width, channels = levels.shape
    color_type = 6 if channels == 4 else 2
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)),
        (b"iCCP", b"sRGB\0\0" + zlib.compress(profile)),
    ]
    if dpi:
        per_meter = round(dpi / _INCH)
        chunks.append((b"pHYs", struct.pack(">IIB", per_meter, per_meter, 1)))
    if recipe is not None:
        chunks.append((b"iTXt", b"impasto\0\0\0\0\0" + recipe.encode("utf-8")))
    with path.open("wb") as file:
        file.write(SIGNATURE + b"".join(map(_chunk, chunks)))
        for packed in _packed(levels):
            file.write(_chunk((b"IDAT", packed)))
        file.write(_chunk((b"IEND", b"")))


def _chunk(part: tuple[bytes, bytes]) -> bytes:
    name, data = part
    crc = zlib.crc32(data, zlib.crc32(name))
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)


def _packed(levels: Levels) -> Iterator[bytes]:
    """Filter and compress, a few rows at a time."""
    height, width, channels = levels.shape
    stream = zlib.compressobj()
    above = np.zeros((1, width, 2 * channels), np.uint8)
    for top in range(0, height, _ROWS):
        rows = levels[top : top + _ROWS].astype(">u2").view(np.uint8)
        filtered = _paeth(rows, above).reshape(len(rows), -1)
        yield stream.compress(np.pad(filtered, ((0, 0), (1, 0)), constant_values=4).tobytes())
        above = rows[-1:]
    yield stream.flush()


def _paeth(rows: Levels, above: Levels) -> Levels:
    """Subtract what Paeth's filter predicts from left, above and their corner (section 9.4)."""
    up = np.concatenate([above, rows[:-1]]).astype(np.int16)
    left, corner = np.zeros_like(up), np.zeros_like(up)
    left[:, 1:], corner[:, 1:] = rows[:, :-1], up[:, :-1]
    by_left, by_up = np.abs(up - corner), np.abs(left - corner)
    by_corner = np.abs(left + up - 2 * corner)
    nearest = np.where(by_up <= by_corner, up, corner)
    predicted = np.where((by_left <= by_up) & (by_left <= by_corner), left, nearest)
    return rows - predicted.astype(np.uint8)
