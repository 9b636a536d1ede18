"""What stands beside the pixels in a file: color profile, orientation, dpi, and our recipe.

A PNG bears the recipe in an iTXt chunk named `impasto`; every other format as an EXIF user comment
that begins with a mark of ours. Damage to metadata never costs the picture.
"""

from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image

COMMENT_LIMIT = 60_000
"""Bytes of an EXIF comment that a JPEG has room for: its EXIF ends at 64 KB."""

_MARK = "impasto recipe\n"  # tells our EXIF comment from a camera's
_DPI_LIMIT = 65_535  # what a JPEG header can hold
_ICC_PROFILE = 34675
_UNITS = {2: 1.0, 3: 2.54}  # EXIF: per inch, per centimeter


@dataclass(frozen=True)
class Metadata:
    """What travels with a picture."""

    profile: bytes | None = None
    """An ICC profile."""
    orientation: int = 1
    """By EXIF, 1 to 8."""
    dpi: float | None = None
    recipe: str | None = None


def of_image(image: Image.Image) -> Metadata:
    """Read what Pillow found in a loaded picture."""
    exif = _exif_of(image)  # after loading: a TIFF is turned, and its tag removed, by loading it
    profile = image.info.get("icc_profile")
    text = image.info.get("impasto")
    return Metadata(
        profile=profile if isinstance(profile, bytes) else None,
        orientation=_orientation(exif),
        dpi=_dpi(image, exif),
        recipe=str(text) if isinstance(text, str) else _recipe(exif),
    )


def of_exif(exif: Image.Exif) -> Metadata:
    """Read the EXIF, or the directory of a TIFF, of a picture that Pillow does not decode."""
    profile = exif.get(_ICC_PROFILE)
    return Metadata(
        profile=profile if isinstance(profile, bytes) else None,
        orientation=_orientation(exif),
        dpi=_exif_dpi(exif),
        recipe=_recipe(exif),
    )


def exif_for(dpi: float | None, recipe: str | None, *, limit: int | None = None) -> Image.Exif:
    """Make the EXIF that bears dpi and recipe; a comment of more bytes than `limit` is left out."""
    exif = Image.Exif()
    if dpi := plausible(dpi):
        exif[ExifTags.Base.XResolution] = exif[ExifTags.Base.YResolution] = dpi
        exif[ExifTags.Base.ResolutionUnit] = 2  # dots per inch
    comment = b"" if recipe is None else comment_of(recipe)
    if comment and (limit is None or len(comment) <= limit):
        exif[ExifTags.IFD.Exif] = {ExifTags.Base.UserComment: comment}
    return exif


def comment_of(recipe: str) -> bytes:
    """Code a recipe as the value of EXIF's UserComment (Exif 3.0, 4.6.6.4)."""
    text = _MARK + recipe
    if text.isascii():
        return b"ASCII\0\0\0" + text.encode("ascii")
    return b"UNICODE\0" + text.encode("utf-16-le")


def plausible(dpi: float | None) -> float | None:
    """Drop what a JPEG cannot hold, and the 1 that Pillow gives for an unknown resolution."""
    return dpi if dpi is not None and 2 <= dpi <= _DPI_LIMIT else None


def _exif_of(image: Image.Image) -> Image.Exif:
    try:
        exif = image.getexif()
        exif.get_ifd(ExifTags.IFD.Exif)
    except Exception:  # as with pixels, parsers fail in any way
        return Image.Exif()
    return exif


def _orientation(exif: Image.Exif) -> int:
    value = exif.get(ExifTags.Base.Orientation, 1)
    return value if value in range(1, 9) else 1


def _dpi(image: Image.Image, exif: Image.Exif) -> float | None:
    """Read the horizontal resolution; WebP and AVIF have it in EXIF only."""
    if "dpi" not in image.info or _dpi_is_invented(image):
        return _exif_dpi(exif)
    try:
        return plausible(round(float(image.info["dpi"][0]), 2))
    except (TypeError, ValueError, IndexError, ZeroDivisionError, OverflowError):
        return None


def _exif_dpi(exif: Image.Exif) -> float | None:
    try:
        unit = _UNITS[exif[ExifTags.Base.ResolutionUnit]]
        return plausible(round(float(exif[ExifTags.Base.XResolution]) * unit, 2))
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None


def _dpi_is_invented(image: Image.Image) -> bool:
    """Pillow says 72 for a JPEG with EXIF that does not say."""
    return image.format in ("JPEG", "MPO") and image.info.get("jfif_unit") not in (1, 2)


def _recipe(exif: Image.Exif) -> str | None:
    """Read the recipe from the EXIF comment; a TIFF of ours has it in its main directory."""
    inner: dict[int, Any] = exif.get_ifd(ExifTags.IFD.Exif)
    tag = ExifTags.Base.UserComment
    comments = (inner.get(tag), exif.get(tag))
    return next((found for c in comments if (found := _comment_text(c)) is not None), None)


def _comment_text(comment: object) -> str | None:
    """Decode an EXIF comment if it bears our mark, in either byte order."""
    if not isinstance(comment, bytes):
        return None
    for encoding in ("ascii", "utf-16-le", "utf-16-be"):
        text = comment[8:].decode(encoding, errors="replace")
        if text.startswith(_MARK):
            return text.removeprefix(_MARK)
    return None
