"""Looking at an upload: what it is and how large, found out by decoding it."""

from dataclasses import dataclass
from pathlib import Path

from impasto.images.codec import decode
from impasto.images.source import opened
from impasto.jobs.limits import Limits


@dataclass(frozen=True)
class Seen:
    """What an upload is."""

    kind: str
    width: int
    height: int


def look(path: Path, limits: Limits) -> Seen:
    """Decode a picture to the end, and say what it is.

    Raises:
        PictureError: it is no picture, is damaged, or has too many pixels.
    """
    with opened(path, limits.pixels) as source:
        kind = source.kind.lower()
    picture = decode(path, pixel_limit=limits.pixels)
    return Seen(kind, picture.width, picture.height)
