"""Picture files to pixels and back; nothing else in impasto uses Pillow.

Reads JPEG, PNG, WebP, TIFF and BMP; writes PNG, JPEG and WebP. Embedded color profiles are not
applied yet: pixels are taken as sRGB.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from PIL import ExifTags, Image, PngImagePlugin, UnidentifiedImageError
from torch import Tensor

from impasto.errors import InputError, PictureError
from impasto.files import check_target, picture_format, replacing
from impasto.images.picture import Picture
from impasto.images.source import damaged, opened, too_large, unidentified

READABLE = ("JPEG", "PNG", "WEBP", "TIFF", "BMP")
PIXEL_LIMIT = 178_956_970  # Pillow itself refuses more, unless its global setting is changed

_COMMENT_MARK = "impasto recipe\n"  # tells our EXIF comment from a camera's
_COMMENT_LIMIT = 60_000  # bytes; a JPEG holds 64 KB of EXIF
_DPI_LIMIT = 65_535  # what a JPEG header can hold


# --- reading ---------------------------------------------------------------------------------


def decode(path: str | os.PathLike[str], *, pixel_limit: int = PIXEL_LIMIT) -> Picture:
    """Read a picture file; of an animation or a multi-page file, the first picture.

    EXIF orientation is applied. Gray, palette, CMYK and 16-bit gray pictures become RGB;
    transparency becomes alpha; dpi and an embedded recipe are kept.

    Args:
        path: a JPEG, PNG, WebP, TIFF or BMP file, whatever its suffix.
        pixel_limit: refuse pictures with more pixels, before decoding them.

    Raises:
        PictureError: the file is missing, unreadable, damaged, too large, or not such a picture.
    """
    path = Path(path).expanduser()
    with opened(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of size and of odd metadata; we check both
        with _reading(path, file), Image.open(file, formats=READABLE) as image:
            _check_pixel_count(path, image, pixel_limit)
            image.load()
            return _picture_of(path, image)


@contextmanager
def _reading(path: Path, file: IO[bytes]) -> Iterator[None]:
    """Put every failure of the decoder into one clear sentence."""
    try:
        yield
    except (PictureError, MemoryError):
        raise
    except UnidentifiedImageError:
        raise unidentified(path, file) from None
    except Image.DecompressionBombError:
        raise too_large(path, f"more than {PIXEL_LIMIT:,}", PIXEL_LIMIT) from None
    except Exception as error:  # decoders fail in any way on damaged files
        raise damaged(path) from error


def _check_pixel_count(path: Path, image: Image.Image, limit: int) -> None:
    if image.width * image.height > limit:
        size = f"{image.width} x {image.height} = {image.width * image.height:,}"
        raise too_large(path, size, limit)


def _picture_of(path: Path, image: Image.Image) -> Picture:
    exif = _exif_of(image)  # after loading: a TIFF is turned, and its tag removed, by loading it
    channels = _oriented(_channels(path, image), exif.get(ExifTags.Base.Orientation, 1))
    return Picture(
        pixels=channels[:3].contiguous(),
        alpha=channels[3:].contiguous() if len(channels) == 4 else None,
        dpi=_dpi(image, exif),
        recipe=_recipe(image, exif),
    )


def _exif_of(image: Image.Image) -> Image.Exif:
    """Read EXIF; damage there must not cost the picture."""
    try:
        exif = image.getexif()
        exif.get_ifd(ExifTags.IFD.Exif)
    except Exception:  # as with pixels, parsers fail in any way
        return Image.Exif()
    return exif


def _channels(path: Path, image: Image.Image) -> Tensor:
    """Convert any mode to float32 in [0, 1], shape (3 or 4, height, width)."""
    if image.mode.startswith("I;16"):
        return _gray_16_channels(image)
    if image.mode in ("I", "F"):
        raise PictureError(
            f"{path} has 32 bits per channel; expected 8, or 16 in gray: convert it to 8 bits"
        )
    if image.mode == "La":  # premultiplied gray has no direct way to RGBA
        image = image.convert("LA")
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).to(torch.float32).div_(255)


def _gray_16_channels(image: Image.Image) -> Tensor:
    """Gray in 16 bits, repeated to RGB; one gray value may be marked as transparent."""
    values = np.array(image).astype(np.int32)
    gray = torch.from_numpy(values).to(torch.float32).div_(65535)
    channels = gray.expand(3, -1, -1)
    clear = image.info.get("transparency")
    if clear is None:
        return channels
    opaque = torch.from_numpy(values != clear).to(torch.float32)
    return torch.cat([channels, opaque[None]])


def _oriented(channels: Tensor, orientation: object) -> Tensor:
    """Turn (channels, height, width) upright by the EXIF orientation, 1 to 8."""
    if orientation in (5, 6, 7, 8):
        channels = channels.transpose(1, 2)
    if orientation in (3, 4, 7, 8):
        channels = channels.flip(1)
    if orientation in (2, 3, 6, 7):
        channels = channels.flip(2)
    return channels


def _dpi(image: Image.Image, exif: Image.Exif) -> float | None:
    """Read the horizontal resolution; a WebP has it in EXIF only."""
    try:
        if "dpi" in image.info and not _dpi_is_invented(image):
            dpi = float(image.info["dpi"][0])
        else:
            unit = {2: 1.0, 3: 2.54}[exif[ExifTags.Base.ResolutionUnit]]
            dpi = float(exif[ExifTags.Base.XResolution]) * unit
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    return _plausible(round(dpi, 2))


def _dpi_is_invented(image: Image.Image) -> bool:
    """Pillow says 72 for a JPEG with EXIF that does not say."""
    return image.format in ("JPEG", "MPO") and image.info.get("jfif_unit") not in (1, 2)


def _plausible(dpi: float | None) -> float | None:
    """Drop what a JPEG cannot hold, and the 1 that Pillow gives for an unknown resolution."""
    return dpi if dpi is not None and 2 <= dpi <= _DPI_LIMIT else None


def _recipe(image: Image.Image, exif: Image.Exif) -> str | None:
    """Read the recipe that `encode` left in a PNG text chunk or an EXIF comment."""
    if isinstance(text := image.info.get("impasto"), str):
        return str(text)
    comment = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    if not isinstance(comment, bytes):
        return None
    return _comment_text(comment)


def _comment_text(comment: bytes) -> str | None:
    """Decode an EXIF comment if it bears our mark, in either byte order."""
    for encoding in ("ascii", "utf-16-le", "utf-16-be"):
        text = comment[8:].decode(encoding, errors="replace")
        if text.startswith(_COMMENT_MARK):
            return text.removeprefix(_COMMENT_MARK)
    return None


# --- writing ---------------------------------------------------------------------------------


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


def encode(picture: Picture, path: str | os.PathLike[str], *, quality: int = 95) -> None:
    """Write a picture, whole or not at all, in the format that the suffix names.

    Values are clamped to [0, 1] and rounded to the nearest of 256 levels. PNG and WebP keep alpha;
    a JPEG shows the picture over white. dpi and recipe are written into the file; a recipe of
    more than 60,000 bytes does not fit a JPEG and is left out of it.

    Args:
        picture: what to write.
        path: the file, ending in .png, .jpg, .jpeg or .webp.
        quality: 1 to 100, for JPEG and WebP.

    Raises:
        PictureError: the suffix is unknown or the file cannot be written there.
        InputError: quality is out of range.
    """
    kind = picture_format(path)
    if not 1 <= quality <= 100:
        raise InputError(f"expected a quality from 1 to 100, got {quality}; 95 is a good choice")
    image = _image_of(picture, keep_alpha=kind != "JPEG")
    options = _png_options(picture) if kind == "PNG" else _lossy_options(picture, kind, quality)
    try:
        with replacing(path) as part:
            image.save(part, format=kind, **options)
    except InputError as error:
        raise PictureError(str(error)) from error
    except (OSError, ValueError) as error:
        raise PictureError(f"cannot write {path}: {error}; try a PNG, or another folder") from error


def jpeg_bytes(picture: Picture, *, quality: int = 85) -> bytes:
    """Encode a picture as JPEG in memory, over white, without dpi and recipe: for previews."""
    buffer = BytesIO()
    _image_of(picture, keep_alpha=False).save(buffer, format="JPEG", quality=quality)
    return buffer.getvalue()


def _image_of(picture: Picture, *, keep_alpha: bool) -> Image.Image:
    channels = picture.pixels
    if picture.alpha is not None:
        if keep_alpha:
            channels = torch.cat([picture.pixels, picture.alpha])
        else:
            channels = picture.pixels * picture.alpha + (1 - picture.alpha)
    levels = channels.detach().cpu().clamp(0, 1).mul(255).round().to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).contiguous().numpy())


def _png_options(picture: Picture) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if dpi := _plausible(picture.dpi):
        options["dpi"] = (dpi, dpi)
    if picture.recipe is not None:
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("impasto", picture.recipe)
    return options


def _lossy_options(picture: Picture, kind: str, quality: int) -> dict[str, Any]:
    options: dict[str, Any] = {"quality": quality}
    if kind == "JPEG":
        options["subsampling"] = "4:4:4"  # strokes differ in color as much as in brightness
        if dpi := _plausible(picture.dpi):
            options["dpi"] = (dpi, dpi)
    if exif := _exif(picture, kind):
        options["exif"] = exif
    return options


def _exif(picture: Picture, kind: str) -> Image.Exif:
    exif = Image.Exif()
    if dpi := _plausible(picture.dpi):
        exif[ExifTags.Base.XResolution] = exif[ExifTags.Base.YResolution] = dpi
        exif[ExifTags.Base.ResolutionUnit] = 2  # dots per inch
    comment = b"" if picture.recipe is None else _comment(picture.recipe)
    if comment and (kind != "JPEG" or len(comment) <= _COMMENT_LIMIT):
        exif[ExifTags.IFD.Exif] = {ExifTags.Base.UserComment: comment}
    return exif


def _comment(recipe: str) -> bytes:
    text = _COMMENT_MARK + recipe
    if text.isascii():
        return b"ASCII\0\0\0" + text.encode("ascii")
    return b"UNICODE\0" + text.encode("utf-16-le")
