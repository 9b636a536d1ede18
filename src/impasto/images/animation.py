"""Pictures of one size as an animation: GIF, WebP or MP4."""

import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from impasto.errors import InputError, PictureError
from impasto.files import animation_format, check_target, replacing
from impasto.images.film import write_film
from impasto.images.picture import Picture
from impasto.images.samples import Levels
from impasto.images.writing import levels_of


def check_animation(path: str | os.PathLike[str]) -> None:
    """Check, before a long run, that an animation can be written there.

    Raises:
        PictureError: the suffix is another than .gif, .webp and .mp4, PyAV is missing for .mp4, or
            nothing can be written there.
    """
    animation_format(path)
    try:
        check_target(path)
    except InputError as error:
        raise PictureError(str(error)) from error


def save_animation(
    pictures: Sequence[Picture],
    path: str | os.PathLike[str],
    *,
    milliseconds: int = 400,
    there_and_back: bool = True,
) -> None:
    """Write an animation, whole or not at all; a GIF or WebP is endless.

    Args:
        pictures: the frames, of one size; transparency is shown over white.
        path: ends in .gif (256 colors), .webp or .mp4.
        milliseconds: for each frame.
        there_and_back: go on backwards at the end, so that it never jumps.

    Raises:
        PictureError: it cannot be written there.
        InputError: there is no picture, or they differ in size.
    """
    frames = [levels_of(picture, keep_alpha=False) for picture in pictures]
    if there_and_back:
        frames += frames[-2:0:-1]
    save_frames(frames, path, milliseconds=milliseconds)


def save_frames(
    frames: Sequence[Levels],
    path: str | os.PathLike[str],
    *,
    milliseconds: int,
    last: int | None = None,
) -> None:
    """Do what `save_animation` does, with frames (height, width, 3) in uint8.

    Args:
        frames: of one size.
        path: ends in .gif, .webp or .mp4.
        milliseconds: for each frame.
        last: milliseconds for the last one; None for the same.
    """
    check_animation(path)
    sizes = {frame.shape for frame in frames}
    if len(sizes) != 1:
        raise InputError(f"an animation needs pictures of one size, got {len(sizes)} sizes")
    times = [milliseconds] * len(frames)
    times[-1] = milliseconds if last is None else last
    try:
        with replacing(path) as part:
            _write(frames, times, part, animation_format(path))
    except InputError as error:
        raise PictureError(str(error)) from error
    except (OSError, ValueError) as error:
        raise PictureError(f"cannot write {path}: {error}; try another folder") from error


def _write(frames: Sequence[Levels], times: Sequence[int], path: Path, kind: str) -> None:
    if kind == "MP4":
        write_film(zip(frames, times, strict=True), path)
        return
    first, *others = map(Image.fromarray, frames)
    options = {"quality": 90} if kind == "WEBP" else {}
    # One frame has one time: Pillow refuses a list of it.
    duration = list(times) if others else times[0]
    first.save(
        path,
        format=kind,
        save_all=True,
        append_images=others,
        duration=duration,
        loop=0,
        **options,
    )
