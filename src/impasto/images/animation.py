"""Pictures of one size as an animation: GIF or WebP."""

import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from impasto.errors import InputError, PictureError
from impasto.files import check_target, replacing
from impasto.images.picture import Picture
from impasto.images.writing import levels_of

FORMATS = {".gif": "GIF", ".webp": "WEBP"}


def check_animation(path: str | os.PathLike[str]) -> None:
    """Check, before a long run, that an animation can be written there.

    Raises:
        PictureError: the suffix is another than .gif and .webp, or nothing can be written there.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise PictureError(f"an animation is saved as .gif or .webp, got '{path.name}'")
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
    """Write an endless animation, whole or not at all.

    Args:
        pictures: the frames, of one size; transparency is shown over white.
        path: ends in .gif (256 colors) or .webp.
        milliseconds: for each frame.
        there_and_back: go on backwards at the end, so that it never jumps.

    Raises:
        PictureError: it cannot be written there.
        InputError: there is no picture, or they differ in size.
    """
    check_animation(path)
    sizes = {(picture.width, picture.height) for picture in pictures}
    if len(sizes) != 1:
        raise InputError(f"an animation needs pictures of one size, got {len(sizes)} sizes")
    images = [Image.fromarray(levels_of(picture, keep_alpha=False)) for picture in pictures]
    if there_and_back:
        images += images[-2:0:-1]
    kind = FORMATS[Path(path).suffix.lower()]
    options = {"quality": 90} if kind == "WEBP" else {}
    try:
        with replacing(path) as part:
            images[0].save(
                part,
                format=kind,
                save_all=True,
                append_images=images[1:],
                duration=milliseconds,
                loop=0,
                **options,
            )
    except InputError as error:
        raise PictureError(str(error)) from error
    except (OSError, ValueError) as error:
        raise PictureError(f"cannot write {path}: {error}; try another folder") from error
