"""The result in other formats, made when they are first asked for."""

from pathlib import Path

from impasto.errors import unknown_name
from impasto.jobs.aside import Aside
from impasto.jobs.errors import NotFound

FORMATS = {
    "jpeg": (".jpg", 8),
    "webp": (".webp", 8),
    "avif": (".avif", 8),
    "png8": (".png", 8),
    "png16": (".png", 16),
    "tiff8": (".tif", 8),
    "tiff16": (".tif", 16),
}


def export(result: Path, folder: Path, format: str, aside: Aside) -> Path:
    """Return the picture in a format; made once.

    Raises:
        NotFound: there is no such format.
    """
    if format not in FORMATS:
        raise NotFound(unknown_name("format", format, FORMATS))
    suffix, depth = FORMATS[format]
    target = folder / f"{format}{suffix}"
    if not target.exists():
        folder.mkdir(exist_ok=True)
        aside.export(result, target, depth)
    return target
