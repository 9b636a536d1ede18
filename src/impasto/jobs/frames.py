"""Frames: some images of a run, small, of which an animation of it is made on demand."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from impasto.files import replacing
from impasto.images.animation import save_frames
from impasto.images.codec import decode, jpeg_bytes
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size
from impasto.images.samples import Levels
from impasto.images.writing import levels_of

MOST = 40
"""Of a run, besides the result: about 2 MB."""
SIDE = 768
"""Long side of the animation in pixels, at most."""
QUALITY = 85
MILLISECONDS, HOLD = 100, 1500
"""For each frame, and for the result."""


def wanted(step: int, steps: int) -> bool:
    """Tell whether a step is one of those that are kept, which lie evenly; the last is."""
    count = min(MOST, steps)
    return step * count // steps > (step - 1) * count // steps


@dataclass(frozen=True)
class Frames:
    """The frames of one job, named by their steps: a step that is done again is kept once."""

    folder: Path

    def keep(self, step: int, picture: Picture) -> None:
        """Keep a picture, whole or not at all.

        Args:
            step: after which step it was; counted from 1.
            picture: of at most `SIDE` pixels.
        """
        self.folder.mkdir(exist_ok=True)
        with replacing(self.folder / f"{step:06d}.jpg") as part:
            part.write_bytes(jpeg_bytes(picture, quality=QUALITY))


def animate(frames: Sequence[Path], result: Path, target: Path) -> None:
    """Write an animation: the frames, enlarged to one size, and then the result, held.

    Args:
        frames: their files, in order.
        result: the finished picture's file; it decides the size, up to `SIDE`.
        target: ends in .gif, .webp or .mp4.

    Raises:
        PictureError: it cannot be written, or PyAV is missing for .mp4.
    """
    finished = decode(result, pixel_limit=sys.maxsize)
    height, width = finished.height, finished.width
    if max(height, width) > SIDE:
        height, width = scaled_size(height, width, SIDE)
    pictures = (*map(decode, frames), finished)
    sized = [_levels(picture, height, width) for picture in pictures]
    save_frames(sized, target, milliseconds=MILLISECONDS, last=HOLD)


def _levels(picture: Picture, height: int, width: int) -> Levels:
    pixels = picture.batch
    if pixels.shape[-2:] != (height, width):
        picture = Picture.from_batch(resize(pixels, height, width).clamp(0, 1))
    return levels_of(picture, keep_alpha=False)
