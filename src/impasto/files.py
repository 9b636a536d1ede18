"""Write a file whole or not at all.

The new content goes to a temporary neighbour, which takes the final name only when it is complete.
Whatever interrupts the writing, the old file stays as it was and nothing is left beside it.
"""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from impasto.errors import InputError, PictureError

PICTURE_FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".avif": "AVIF",
}
"""Pictures that can be written; kept here so that a name is checked without loading torch."""

READ_ONLY_FORMATS = {".heic": "HEIC", ".heif": "HEIC", ".gif": "GIF", ".bmp": "BMP"}
"""Pictures that can be read but not written."""

ANIMATION_FORMATS = {".gif": "GIF", ".webp": "WEBP", ".mp4": "MP4"}
"""Animations that can be written."""

DEEP_FORMATS = ("PNG", "TIFF")
"""Pictures that can be written with 16 bits per channel."""


@dataclass(frozen=True)
class Encoding:
    """How a picture is written.

    Attributes:
        quality: 1 to 100, for JPEG, WebP and AVIF.
        depth: bits per channel, 8 or 16.
        dpi: dots per inch for printing; None keeps the picture's own.
        pyramid: with smaller copies of the picture, for viewers; TIFF only.
    """

    quality: int = 95
    depth: int = 8
    dpi: float | None = None
    pyramid: bool = False

    def check(self, path: str | os.PathLike[str]) -> None:
        """Check that a file of this name can be written so.

        Raises:
            PictureError: there is no format for its suffix.
            InputError: a value is out of range, or the format does not have depth or pyramid.
        """
        kind = picture_format(path)
        if not 1 <= self.quality <= 100:
            raise InputError(
                f"expected a quality from 1 to 100, got {self.quality}; 95 is a good choice"
            )
        if self.depth not in (8, 16):
            raise InputError(f"expected a depth of 8 or 16 bits, got {self.depth}; try 16")
        if self.depth == 16 and kind not in DEEP_FORMATS:
            raise InputError(
                f"cannot write {Path(path)} with 16 bits per channel; expected a PNG or TIFF: "
                "name it .png or .tif, or use a depth of 8"
            )
        if self.pyramid and kind != "TIFF":
            raise InputError(
                f"cannot write {Path(path)} with a pyramid of smaller copies; expected a TIFF: "
                "name it .tif"
            )
        if self.dpi is not None and not 2 <= self.dpi <= 65_535:
            raise InputError(f"expected 2 to 65,535 dpi, got {self.dpi:g}; 300 is usual for print")


def picture_format(path: str | os.PathLike[str]) -> str:
    """Return the format that a picture is written in, by its suffix.

    Raises:
        PictureError: there is none for this suffix.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in PICTURE_FORMATS:
        choices = ", ".join(PICTURE_FORMATS)
        known = READ_ONLY_FORMATS.get(suffix)
        problem = f"{known} is read, not written" if known else f"unknown suffix '{suffix}'"
        raise PictureError(f"cannot write {Path(path)}: {problem}; choose from {choices}")
    return PICTURE_FORMATS[suffix]


def animation_format(path: str | os.PathLike[str]) -> str:
    """Return the format that an animation is written in, by its suffix.

    Raises:
        PictureError: there is none for this suffix, or what writes it is not installed.
    """
    path = Path(path)
    kind = ANIMATION_FORMATS.get(path.suffix.lower())
    if kind is None:
        raise PictureError(f"an animation is saved as .gif, .webp or .mp4, got '{path.name}'")
    if kind == "MP4" and find_spec("av") is None:
        raise PictureError(
            f"cannot write {path}: an MP4 needs PyAV, which is not installed: "
            "pip install 'impasto[video]', or name it .gif or .webp"
        )
    return kind


def check_target(path: str | os.PathLike[str]) -> None:
    """Check, before a long run, that a file can be written at `path`.

    Raises:
        InputError: the folder is missing or not writable, or `path` is a folder or read-only.
    """
    target = _resolved(path)
    try:
        _check_place(target)
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except OSError as error:
        raise _cannot_write(target, error) from error


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`; it becomes `path` when the block ends well.

    The temporary file exists, is empty, and has the suffix of `path`. If the block raises anything
    (KeyboardInterrupt too), it is removed and an older file at `path` stays as it was. A symbolic
    link is followed, so the file it names is replaced, not the link.

    Raises:
        InputError: the folder is missing or not writable, or `path` is a folder or read-only.

    Example:
        >>> with replacing("trace.json") as part:  # doctest: +SKIP
        ...     part.write_text("{}")
    """
    target = _resolved(path)
    part = _create_beside(target)
    try:
        yield part
        _flush(part)
        _move(part, target)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _resolved(path: str | os.PathLike[str]) -> Path:
    return Path(os.path.realpath(Path(path).expanduser()))


def _check_place(target: Path) -> None:
    """Refuse what no attempt to write could mend."""
    if target.is_dir():
        raise InputError(f"cannot write {target}: it is a folder; add a file name")
    if not target.parent.is_dir():
        raise InputError(
            f"cannot write {target}: there is no folder {target.parent}; "
            "create it first or choose another"
        )
    if target.exists() and not os.access(target, os.W_OK):
        raise InputError(f"cannot write {target}: the file is read-only; choose another name")


def _create_beside(target: Path) -> Path:
    part = target.with_name(f".impasto-{secrets.token_hex(6)}{target.suffix}")
    try:
        _check_place(target)
        part.touch(exist_ok=False)
    except OSError as error:
        raise _cannot_write(target, error) from error
    return part


def _flush(part: Path) -> None:
    """Put the content on the disk before the name moves to it."""
    with part.open("r+b") as file:
        os.fsync(file.fileno())


def _move(part: Path, target: Path) -> None:
    try:
        part.replace(target)
    except OSError as error:
        raise _cannot_write(target, error) from error


def _cannot_write(target: Path, error: OSError) -> InputError:
    reason = (error.strerror or str(error)).lower()
    return InputError(f"cannot write {target}: {reason}; choose a folder that you can write to")
