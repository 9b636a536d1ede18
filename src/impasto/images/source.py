"""Open a picture file, or say in one sentence why it cannot be one.

Knows files, their first bytes and how many pixels are allowed, not how pictures are decoded.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from impasto.errors import InputError, PictureError, PixelsError

READABLE_WORDS = "JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or HEIC"

PIXEL_LIMIT = 178_956_970
"""Pixels allowed where nothing else is said: 2.1 GB as float32 RGB."""

PIXEL_LIMIT_VARIABLE = "IMPASTO_PIXEL_LIMIT"

_OURS = {  # (offset, bytes there) -> kind of file
    (0, b"\xff\xd8\xff"): "JPEG",
    (0, b"\x89PNG"): "PNG",
    (8, b"WEBP"): "WEBP",
    (0, b"II*\0"): "TIFF",
    (0, b"MM\0*"): "TIFF",
    (0, b"II+\0"): "TIFF",  # BigTIFF
    (0, b"MM\0+"): "TIFF",
    (0, b"GIF8"): "GIF",
    (0, b"BM"): "BMP",
}
_BRANDS = {  # of an ISO base media file (ISO/IEC 14496-12), in order of precedence
    b"avif": "AVIF",
    b"avis": "AVIF",
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"), "HEIC"),
    b"mif1": "HEIC",
    b"msf1": "HEIC",
}
_FOREIGN = {
    (4, b"ftyp"): "video",
    (0, b"\x1aE\xdf\xa3"): "video",
    (0, b"RIFF"): "video or sound",
    (0, b"8BPS"): "Photoshop",
    (0, b"%PDF"): "PDF",
    (0, b"<svg"): "SVG",
    (0, b"<?xml"): "SVG or other XML",
    (4, b"jP  "): "JPEG 2000",
    (4, b"JXL "): "JPEG XL",
    (0, b"\xff\x0a"): "JPEG XL",
    (0, b"v/1\x01"): "OpenEXR",
    (0, b"\0\0\1\0"): "icon",
}
_HEAD = 64
"""Bytes that tell what a file is."""


@dataclass(frozen=True)
class Source:
    """An open picture file of a known kind."""

    path: Path
    file: IO[bytes]
    kind: str
    pixel_limit: int

    def check_size(self, width: int, height: int) -> None:
        """Refuse a size that a header gives, before anything is decoded.

        Raises:
            PictureError: there are no pixels, or more than allowed.
        """
        if min(width, height) < 1:
            raise damaged(self.path)
        if width * height > self.pixel_limit:
            raise PixelsError(
                f"{self.path} has {width} x {height} = {width * height:,} pixels; expected at most "
                f"{self.pixel_limit:,}: make it smaller, or raise the limit with --pixel-limit "
                f"or {PIXEL_LIMIT_VARIABLE}"
            )


def limit_of(given: int | None) -> int:
    """Choose the limit: the one given, else the environment's, else the default.

    Raises:
        InputError: the environment holds no whole number above zero, or neither was given.
    """
    text = str(given) if given is not None else os.environ.get(PIXEL_LIMIT_VARIABLE, "").strip()
    if not text:
        return PIXEL_LIMIT
    if not text.isascii() or not text.isdecimal() or int(text[:18]) < 1:
        where = "a pixel limit" if given is not None else PIXEL_LIMIT_VARIABLE
        raise InputError(f"expected {where} of at least 1 pixel, got '{text}'; try 400000000")
    return int(text[:18])


@contextmanager
def opened(path: Path, limit: int) -> Iterator[Source]:
    """Open a file that is there, is a picture by its first bytes, and is no folder or pipe.

    Raises:
        PictureError: the file is missing, a folder, empty, may not be read, or is something else.
    """
    try:
        _check_place(path)
        file = path.open("rb")
    except FileNotFoundError:
        raise PictureError(f"there is no file {path}; check the name and the folder") from None
    except PermissionError:
        message = f"no permission to read {path}; change its permissions or copy it elsewhere"
        raise PictureError(message) from None
    except OSError as error:
        raise PictureError(f"cannot open {path}: {error.strerror}; check the name") from error
    with file:
        head = file.read(_HEAD)
        file.seek(0)
        yield Source(path, file, _recognized(path, head), limit)


def damaged(path: Path) -> PictureError:
    """Word the error for a picture that a decoder gave up on."""
    return PictureError(
        f"{path} is damaged or cut off; expected a whole {READABLE_WORDS} file: "
        "copy or download it again"
    )


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise PictureError(
            f"{path} is a folder; expected a picture file ({READABLE_WORDS}): name a file in it"
        )
    if path.exists() and not path.is_file():  # opening a pipe would wait for a writer
        raise PictureError(
            f"{path} is a pipe or device; expected a picture file ({READABLE_WORDS}): "
            "save it to a file first"
        )


def _recognized(path: Path, head: bytes) -> str:
    """Tell the kind of a file by its first bytes."""
    if not head:
        raise PictureError(
            f"{path} is empty; expected a {READABLE_WORDS} file: copy or download it again"
        )
    if kind := _kind(head, _OURS) or _branded(head):
        return kind
    if kind := _kind(head, _FOREIGN):
        raise PictureError(
            f"{path} is a {kind} file; expected {READABLE_WORDS}: convert it to PNG first"
        )
    raise PictureError(f"{path} is not a picture; expected a {READABLE_WORDS} file: check the name")


def _kind(head: bytes, signatures: dict[tuple[int, bytes], str]) -> str | None:
    matches = (kind for (at, start), kind in signatures.items() if head[at:].startswith(start))
    return next(matches, None)


def _branded(head: bytes) -> str | None:
    """Tell AVIF and HEIC from other files of their family by the brands they name."""
    if head[4:8] != b"ftyp":
        return None
    end = min(len(head), int.from_bytes(head[:4], "big"))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
    return next((kind for brand, kind in _BRANDS.items() if brand in brands), None)
