"""Writing TIFFs: small ones in strips, large ones in tiles, with smaller copies if asked for.

Tiles are made as they are written, so that a print of any size needs little memory; readers open a
part of a tiled file without the rest. A file that might not fit 32-bit offsets is a BigTIFF.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from impasto.images import metadata
from impasto.images.color_profiles import srgb_profile
from impasto.images.picture import Picture
from impasto.images.resize import resize
from impasto.images.samples import Levels

TILE = 512
"""Pixels of a tile's side."""
STRIPS = 2**25
"""Values of a picture that is written in strips: 3344 x 3344 px of RGB."""
SMALLEST = 512
"""Long side at which a pyramid ends."""

_USER_COMMENT = 37510
_BIG = 3 * 2**30
"""Bytes of pixels from which it is a BigTIFF; a classic TIFF ends at 4 GB, with all copies."""


@dataclass(frozen=True)
class Layout:
    """How a TIFF is written.

    Attributes:
        depth: bits per channel, 8 or 16.
        dpi: dots per inch.
        recipe: goes into a user comment as EXIF knows it.
        pyramid: smaller copies, each half as large as the one before it, are written too.
    """

    depth: int
    dpi: float | None
    recipe: str | None
    pyramid: bool = False


LevelRows = Callable[[Picture, slice], Levels]
"""Makes levels (rows, width, 3 or 4) of some rows of a picture."""


def write(path: Path, picture: Picture, layout: Layout, levels: LevelRows) -> None:
    """Write a TIFF, compressed without loss.

    Args:
        path: the file.
        picture: what to write.
        layout: how.
        levels: makes uint8 or uint16 of rows.
    """
    import tifffile  # takes a tenth of a second, and is needed for writing alone

    channels = 3 if picture.alpha is None else 4
    count = channels * picture.height * picture.width
    options = _options(channels) | _beside(layout)
    with tifffile.TiffWriter(path, bigtiff=count * layout.depth // 8 > _BIG) as file:
        if count <= STRIPS and not layout.pyramid:
            file.write(levels(picture, slice(0, picture.height)), **options)
            return
        sizes = _halves(picture) if layout.pyramid else []
        file.write(**_tiled(picture, layout, levels), **options, subifds=len(sizes))
        for size in sizes:
            picture = _shrunk(picture, *size)
            tiled = _tiled(picture, layout, levels)
            file.write(**tiled, **_options(channels), subfiletype=1)


def _options(channels: int) -> dict[str, Any]:
    return {
        "photometric": "rgb",
        "compression": "zlib",
        "predictor": True,
        "extrasamples": ["unassalpha"] if channels == 4 else None,
        "metadata": None,
    }


def _beside(layout: Layout) -> dict[str, Any]:
    """Return what stands beside the pixels of the whole picture."""
    comment = b"" if layout.recipe is None else metadata.comment_of(layout.recipe)
    return {
        "resolution": (layout.dpi, layout.dpi) if layout.dpi else None,
        "resolutionunit": "INCH" if layout.dpi else None,
        "iccprofile": srgb_profile(),
        "extratags": [(_USER_COMMENT, 7, len(comment), comment, True)] if comment else None,
        "software": "impasto",
    }


def _tiled(picture: Picture, layout: Layout, levels: LevelRows) -> dict[str, Any]:
    channels = 3 if picture.alpha is None else 4
    return {
        "data": _tiles(picture, levels),
        "shape": (picture.height, picture.width, channels),
        "dtype": np.uint8 if layout.depth == 8 else np.uint16,
        "tile": (TILE, TILE),
    }


def _tiles(picture: Picture, levels: LevelRows) -> Iterator[Levels]:
    """Make tiles, row by row; those at the lower and right border are filled up with zeros."""
    for top in range(0, picture.height, TILE):
        rows = levels(picture, slice(top, min(top + TILE, picture.height)))
        below, beside = -rows.shape[0] % TILE, -rows.shape[1] % TILE
        filled = np.pad(rows, ((0, below), (0, beside), (0, 0)))
        for left in range(0, picture.width, TILE):
            yield np.ascontiguousarray(filled[:, left : left + TILE])


def _halves(picture: Picture) -> list[tuple[int, int]]:
    """Return the sizes of a pyramid below the picture's own."""
    long = max(picture.height, picture.width)
    count = max(0, math.ceil(math.log2(long / SMALLEST)))
    sides = ((picture.height >> n, picture.width >> n) for n in range(1, count + 1))
    return [(max(1, height), max(1, width)) for height, width in sides]


def _shrunk(picture: Picture, height: int, width: int) -> Picture:
    alpha = None if picture.alpha is None else resize(picture.alpha[None], height, width)[0]
    return Picture(resize(picture.batch, height, width)[0], alpha=alpha)
