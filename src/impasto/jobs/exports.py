"""The result in other formats, and the run as an animation, made when they are first asked for."""

from pathlib import Path

from impasto.errors import unknown_name
from impasto.files import animation_format
from impasto.jobs.aside import Aside
from impasto.jobs.errors import Conflict, NotFound
from impasto.jobs.home import JobFolder

FORMATS = {
    "jpeg": (".jpg", 8),
    "webp": (".webp", 8),
    "avif": (".avif", 8),
    "png8": (".png", 8),
    "png16": (".png", 16),
    "tiff8": (".tif", 8),
    "tiff16": (".tif", 16),
}
ANIMATIONS = {"gif": ".gif", "animated-webp": ".webp", "mp4": ".mp4"}


def export(result: Path, job: JobFolder, format: str, aside: Aside) -> Path:
    """Return the picture in a format, or the animation of its run; made once.

    Raises:
        NotFound: there is no such format.
        Conflict: no images of the run were kept, so there is nothing to animate.
        PictureError: MP4 is asked for, and what writes it is not installed.
    """
    if format in ANIMATIONS:
        return _animation(result, job, format, aside)
    if format not in FORMATS:
        raise NotFound(unknown_name("format", format, (*FORMATS, *ANIMATIONS)))
    suffix, depth = FORMATS[format]
    target = job.exports / f"{format}{suffix}"
    if not target.exists():
        job.exports.mkdir(exist_ok=True)
        aside.export(result, target, depth)
    return target


def _animation(result: Path, job: JobFolder, format: str, aside: Aside) -> Path:
    target = job.exports / f"{format}{ANIMATIONS[format]}"
    if target.exists():
        return target
    animation_format(target.name)  # says what is missing, before any work
    frames = sorted(job.frames.glob("[0-9]*.jpg"))
    if not frames:
        raise Conflict("no images of this run were kept: make the picture again to animate it")
    job.exports.mkdir(exist_ok=True)
    aside.animate(frames, result, target)
    return target
