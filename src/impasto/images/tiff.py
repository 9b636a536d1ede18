"""Reading TIFF with 16 bits per channel, which Pillow cuts to 8.

A directory of our own, appended to a copy of the file in memory, calls every row of pixels a row of
bytes. So libtiff, inside Pillow, unpacks strips and tiles of any compression within bounds, and the
bytes are put together here. Source: TIFF 6.0.
"""

from io import BytesIO
from typing import IO

import numpy as np
from PIL import Image, TiffImagePlugin

from impasto.errors import PictureError
from impasto.images import metadata
from impasto.images import tiff_directory as tags
from impasto.images.samples import Levels, Model, Samples
from impasto.images.source import Source
from impasto.images.tiff_directory import Directory

_KEPT = (tags.HEIGHT, tags.COMPRESSION, tags.ROWS_PER_STRIP, tags.TILE_HEIGHT)
_PER_PLANE = (tags.STRIP_OFFSETS, tags.STRIP_SIZES, tags.TILE_OFFSETS, tags.TILE_SIZES)
_MODELS: dict[int, Model] = {0: "L", 1: "L", 2: "RGB", 5: "CMYK"}  # by photometric interpretation
_CHANNELS = {"L": 1, "RGB": 3, "CMYK": 4}


class TiffFile(TiffImagePlugin.TiffImageFile):
    """A TIFF that Pillow unpacks whatever its limit for the whole process says; ours is checked."""

    def load_prepare(self) -> None:
        """Make room for the pixels, so that Pillow need not, and does not count them."""
        if self._im is None:
            self.im = Image.new(self.mode, self._tile_size).im
        super().load_prepare()


def upright_size(source: Source, layout: Directory) -> tuple[int, int]:
    """Return (height, width) of a TIFF of 16 bits per channel, turned upright."""
    height, width = layout.tags[tags.HEIGHT][0], layout.tags[tags.WIDTH][0]
    source.check_size(width, height)
    turned = beside(source.file, layout).orientation in (5, 6, 7, 8)
    return (width, height) if turned else (height, width)


def read(source: Source, layout: Directory) -> Samples:
    """Read a TIFF of 16 bits per channel, exactly: gray, RGB or CMYK, with or without alpha.

    Raises:
        PictureError: its colors are of another kind.
        ValueError, OSError, and others: it is damaged.
    """
    photometric = layout.first(tags.PHOTOMETRIC, 1)
    if photometric not in _MODELS:
        raise PictureError(
            f"{source.path} has unusual colors in 16 bits per channel (TIFF photometric "
            f"{photometric}); expected gray, RGB or CMYK: convert it to RGB"
        )
    model = _MODELS[photometric]
    found = beside(source.file, layout)
    source.file.seek(0)
    levels = _levels(source.file.read(), layout)
    color, alpha = levels[..., : _CHANNELS[model]], None
    extra = layout.first(tags.EXTRA_SAMPLES, 0)
    if levels.shape[2] > _CHANNELS[model] and extra in (1, 2):
        alpha = levels[..., _CHANNELS[model]]
        color = _unmultiplied(color, alpha) if extra == 1 else color
    return Samples(model, 65535 - color if photometric == 0 else color, alpha, found)


def beside(file: IO[bytes], layout: Directory) -> metadata.Metadata:
    """Read what stands beside the pixels of a TIFF of 16 bits per channel."""
    exif = Image.Exif()
    exif.endian, exif.bigtiff = layout.form.order, layout.form.is_big
    try:
        exif.load_from_fp(file, layout.offset)
        return metadata.of_exif(exif)
    except Exception:  # parsers fail in any way; this must not cost the picture
        return metadata.Metadata()


def _levels(data: bytes, layout: Directory) -> Levels:
    """Unpack all channels: uint16, shape (height, width, channels)."""
    channels = layout.first(tags.SAMPLES, 1)
    if not 1 <= channels <= 16:
        raise ValueError("an odd number of channels")
    together = channels // layout.planes
    parts = [_plane(data, layout, n, together) for n in range(layout.planes)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)


def _plane(data: bytes, layout: Directory, number: int, channels: int) -> Levels:
    """Unpack the channels that are stored together."""
    width, height = layout.tags[tags.WIDTH][0], layout.tags[tags.HEIGHT][0]
    _check_extent(data, layout, 2 * channels)
    image = TiffFile(BytesIO(_as_bytes(data, layout, number, 2 * channels)))
    if image.mode != "L" or image.size != (2 * channels * width, height):
        raise ValueError("the rows of bytes were not understood")
    image.load()
    values = np.array(image).view(layout.form.order + "u2").astype(np.uint16)
    values = values.reshape(height, width, channels)
    if layout.first(tags.PREDICTOR, 1) == 2:
        across = layout.first(tags.TILE_WIDTH, width)
        for left in range(0, width, across):
            tile = values[:, left : left + across]
            np.cumsum(tile, axis=1, dtype=np.uint16, out=tile)
    return values


def _check_extent(data: bytes, layout: Directory, pixel: int) -> None:
    """Refuse strips and tiles past the end of the file, where our own directory will stand."""
    width, height = layout.tags[tags.WIDTH][0], layout.tags[tags.HEIGHT][0]
    rows = min(layout.first(tags.ROWS_PER_STRIP, height), height)
    places = layout.places
    sizes = layout.tags.get(tags.TILE_SIZES) or layout.tags.get(tags.STRIP_SIZES, ())
    if layout.first(tags.COMPRESSION, 1) == 1 and tags.TILE_WIDTH in layout.tags:
        sizes = (layout.tags[tags.TILE_WIDTH][0] * layout.tags[tags.TILE_HEIGHT][0] * pixel,) * len(
            places
        )
    elif layout.first(tags.COMPRESSION, 1) == 1:
        tops = [n * rows % (-(-height // rows) * rows) for n in range(len(places))]
        sizes = tuple(min(rows, height - top) * width * pixel for top in tops)
    if any(place + size > len(data) for place, size in zip(places, sizes, strict=True)):
        raise ValueError("pixels past the end of the file")


def _as_bytes(data: bytes, layout: Directory, number: int, pixel: int) -> bytes:
    """Append a directory that calls each row of pixels a row of gray bytes."""
    found = {tag: layout.tags[tag] for tag in _KEPT if tag in layout.tags}
    found |= {
        tags.WIDTH: (pixel * layout.tags[tags.WIDTH][0],),
        tags.BITS: (8,),
        tags.PHOTOMETRIC: (1,),
        tags.SAMPLES: (1,),
    }
    if tags.TILE_WIDTH in layout.tags:
        found[tags.TILE_WIDTH] = (pixel * layout.tags[tags.TILE_WIDTH][0],)
    for tag in _PER_PLANE:
        if tag in layout.tags:
            each = len(layout.tags[tag]) // layout.planes
            found[tag] = layout.tags[tag][number * each : (number + 1) * each]
    little = tags.form_of("<", big=layout.form.is_big)  # Pillow reads a BigTIFF in this order only
    return tags.with_directory(data, little, sorted(found.items()))


def _unmultiplied(color: Levels, alpha: Levels) -> Levels:
    """Undo the multiplication of colors by alpha; what is fully clear stays black."""
    share = np.maximum(alpha, 1).astype(np.float64)[..., None] / 65535
    return np.rint(color / share).clip(0, 65535).astype(np.uint16)
