"""Picture files to pixels and back: the front of this room.

Reads JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF and HEIC; writes PNG, JPEG, WebP, TIFF and AVIF.
"""

import os
from io import BytesIO
from pathlib import Path

from PIL import Image
from torch import Tensor

from impasto.errors import InputError, PictureError
from impasto.files import Encoding, check_target, picture_format, replacing
from impasto.images.color_profiles import planes, srgb
from impasto.images.picture import Picture
from impasto.images.reading import read, upright_size
from impasto.images.source import PIXEL_LIMIT, limit_of, opened
from impasto.images.writing import levels_of, write

__all__ = [
    "PIXEL_LIMIT",
    "check_writable",
    "decode",
    "encode",
    "jpeg_bytes",
    "png_bytes",
    "size_of",
]


def decode(path: str | os.PathLike[str], *, pixel_limit: int | None = None) -> Picture:
    """Read a picture file; of an animation or a multi-page file, the first picture.

    EXIF orientation is applied. Gray, palette and CMYK pictures become RGB; an embedded color
    profile is applied, and without one the colors are taken as sRGB. 16 bits per channel are kept;
    transparency becomes alpha; dpi and an embedded recipe are kept.

    Args:
        path: a JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or HEIC file, whatever its suffix.
        pixel_limit: refuse pictures with more pixels, before decoding them; None for the
            environment's IMPASTO_PIXEL_LIMIT, or 178,956,970.

    Raises:
        PictureError: the file is missing, unreadable, damaged, too large, or not such a picture.
        InputError: the limit is no whole number above zero.
    """
    with opened(Path(path).expanduser(), limit_of(pixel_limit)) as source:
        samples = read(source)
    turn = samples.metadata.orientation
    alpha = None if samples.alpha is None else planes(samples.alpha[..., None])
    return Picture(
        pixels=oriented(srgb(samples), turn).contiguous(),
        alpha=None if alpha is None else oriented(alpha, turn).contiguous(),
        dpi=samples.metadata.dpi,
        recipe=samples.metadata.recipe,
    )


def size_of(path: str | os.PathLike[str], *, pixel_limit: int | None = None) -> tuple[int, int]:
    """Return (height, width) of a picture file as it would be read, upright, without decoding it.

    Raises:
        PictureError: the file is missing, unreadable, damaged, too large, or no picture.
        InputError: the limit is no whole number above zero.
    """
    with opened(Path(path).expanduser(), limit_of(pixel_limit)) as source:
        return upright_size(source)


def oriented(channels: Tensor, orientation: int) -> Tensor:
    """Turn (channels, height, width) upright by the EXIF orientation, 1 to 8."""
    if orientation in (5, 6, 7, 8):
        channels = channels.transpose(1, 2)
    if orientation in (3, 4, 7, 8):
        channels = channels.flip(1)
    if orientation in (2, 3, 6, 7):
        channels = channels.flip(2)
    return channels


def check_writable(path: str | os.PathLike[str]) -> None:
    """Check, before a long run, that `encode` will be able to write `path`.

    Raises:
        PictureError: the suffix is unknown, the folder is missing or not writable, or `path` is
            a folder or read-only.
    """
    picture_format(path)
    try:
        check_target(path)
    except InputError as error:
        raise PictureError(str(error)) from error


def encode(
    picture: Picture,
    path: str | os.PathLike[str],
    *,
    quality: int = Encoding.quality,
    depth: int = Encoding.depth,
    dpi: float | None = None,
    pyramid: bool = False,
) -> None:
    """Write a picture, whole or not at all, in the format that the suffix names.

    Values are clamped to [0, 1] and rounded to the nearest level. Every format but JPEG keeps
    alpha; a JPEG shows the picture over white. An sRGB profile, dpi and recipe are written into the
    file; a recipe of more than 60,000 bytes does not fit a JPEG and is left out of it.

    Args:
        picture: what to write.
        path: the file, ending in .png, .jpg, .jpeg, .webp, .tif, .tiff or .avif.
        quality: 1 to 100, for JPEG, WebP and AVIF.
        depth: bits per channel, 8 or 16; 16 for PNG and TIFF only.
        dpi: dots per inch for printing, in place of the picture's own.
        pyramid: with smaller copies of the picture, for viewers; TIFF only.

    Raises:
        PictureError: the suffix is unknown or the file cannot be written there.
        InputError: quality, depth or dpi is out of range, or the format does not have the depth.
    """
    encoding = Encoding(quality=quality, depth=depth, dpi=dpi, pyramid=pyramid)
    encoding.check(path)
    try:
        with replacing(path) as part:
            write(picture, part, picture_format(path), encoding)
    except InputError as error:
        raise PictureError(str(error)) from error
    except (OSError, ValueError) as error:
        raise PictureError(f"cannot write {path}: {error}; try a PNG, or another folder") from error


def jpeg_bytes(picture: Picture, *, quality: int = 85) -> bytes:
    """Encode a picture as JPEG in memory, over white, without profile and recipe: for previews."""
    buffer = BytesIO()
    levels = levels_of(picture, keep_alpha=False)
    Image.fromarray(levels).save(buffer, format="JPEG", quality=quality)
    return buffer.getvalue()


def png_bytes(picture: Picture) -> bytes:
    """Encode a picture as PNG in memory, over white, without profile and recipe: for diagrams."""
    buffer = BytesIO()
    levels = levels_of(picture, keep_alpha=False)
    Image.fromarray(levels).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
