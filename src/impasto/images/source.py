"""Open a picture file, or say in one sentence why it cannot be one.

Knows files and their first bytes, not how pictures are decoded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from impasto.errors import PictureError

READABLE_WORDS = "JPEG, PNG, WebP, TIFF or BMP"

_OURS = {  # (offset, bytes there) -> kind of file
    (0, b"\xff\xd8\xff"): "JPEG",
    (0, b"\x89PNG"): "PNG",
    (8, b"WEBP"): "WebP",
    (0, b"II*\0"): "TIFF",
    (0, b"MM\0*"): "TIFF",
    (0, b"BM"): "BMP",
}
_FOREIGN = {
    (0, b"GIF8"): "GIF",
    (4, b"ftyp"): "HEIC, AVIF or video",
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


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that is there and not empty.

    Raises:
        PictureError: the file is missing, a folder, empty, or may not be read.
    """
    try:
        if path.is_dir():
            raise PictureError(f"{path} is a folder; expected a picture file ({READABLE_WORDS})")
        file = path.open("rb")
    except FileNotFoundError:
        raise PictureError(f"there is no file {path}; check the name and the folder") from None
    except PermissionError:
        message = f"no permission to read {path}; change its permissions or copy it elsewhere"
        raise PictureError(message) from None
    except OSError as error:
        raise PictureError(f"cannot open {path}: {error.strerror}; check the name") from error
    with file:
        if not file.read(1):
            raise PictureError(f"{path} is empty; expected a {READABLE_WORDS} file")
        file.seek(0)
        yield file


def unidentified(path: Path, file: IO[bytes]) -> PictureError:
    """Word the error for a file that no decoder accepts, by its first bytes."""
    file.seek(0)
    head = file.read(32)
    if _kind(head, _OURS):
        return damaged(path)
    if kind := _kind(head, _FOREIGN):
        return PictureError(
            f"{path} is a {kind} file; expected {READABLE_WORDS}: convert it to PNG first"
        )
    return PictureError(f"{path} is not a picture; expected a {READABLE_WORDS} file")


def damaged(path: Path) -> PictureError:
    """Word the error for a picture that a decoder gave up on."""
    return PictureError(
        f"{path} is damaged or cut off; expected a whole {READABLE_WORDS} file: "
        "copy or download it again"
    )


def too_large(path: Path, pixels: str, limit: int) -> PictureError:
    """Word the error for a picture with more pixels than allowed."""
    return PictureError(
        f"{path} has {pixels} pixels; expected at most {limit:,}: make it smaller first"
    )


def _kind(head: bytes, signatures: dict[tuple[int, bytes], str]) -> str | None:
    matches = (kind for (at, start), kind in signatures.items() if head[at:].startswith(start))
    return next(matches, None)
