"""The optimization as an animation: some images of a run, kept small until it is over."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch

from impasto.events import Step
from impasto.images.animation import save_frames
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size
from impasto.images.samples import Levels
from impasto.images.writing import levels_of

MOST = 60
"""Frames of a run, besides the finished picture."""
MILLISECONDS = 100
"""For each: whole frames at 30 a second, and whole hundredths, which GIF counts in."""
HOLD = 1000
"""Milliseconds for the finished picture."""
LONG_SIDE = 1280
"""Pixels at most: 60 frames of 1280 x 960 are 220 MB."""


def developed(step: Step) -> Picture:
    """Return the image after a step; L-BFGS may be out of range in the middle of a run."""
    return Picture.from_batch(step.image.clamp(0, 1))


@dataclass
class Filmstrip:
    """Sees the steps of a run and keeps some, evenly, as bytes at the size of their stage.

    Example:
        >>> strip = Filmstrip()
        >>> result = impasto.stylize(content, style, on_step=strip.see)  # doctest: +SKIP
        >>> strip.save("run.gif", result.picture)  # doctest: +SKIP
    """

    develop: Callable[[Step], Picture] = developed
    """Makes the picture to show of a step."""
    most: int = MOST
    """Frames at most."""
    long_side: int = LONG_SIDE
    """Of a frame, in pixels, at most."""
    _frames: list[Levels] = field(default_factory=list)

    def wants(self, step: int, steps: int) -> bool:
        """Tell whether a step is one of those that are kept; the last is."""
        count = min(self.most, steps)
        return step * count // steps > (step - 1) * count // steps

    def see(self, step: Step) -> None:
        """Look at a step, and keep its image if it is one of those."""
        if self.wants(step.step, step.steps):
            self._frames.append(_levels(self.develop(self._shrunk(step))))

    def save(self, path: str | os.PathLike[str], finished: Picture) -> None:
        """Write the animation: the frames, enlarged to one size, and the finished picture, held.

        Args:
            path: ends in .gif, .webp or .mp4.
            finished: the result; its size is that of the animation, up to `long_side`.

        Raises:
            PictureError: it cannot be written there.
        """
        size = self._size(finished)
        frames = [_sized(levels, *size) for levels in (*self._frames, _levels(finished))]
        save_frames(frames, path, milliseconds=MILLISECONDS, last=HOLD)

    def _shrunk(self, step: Step) -> Step:
        """Shrink the image of a step before anything is made of it: it may be very large."""
        height, width = step.image.shape[-2:]
        if max(height, width) <= self.long_side:
            return step
        return replace(step, image=resize(step.image, *scaled_size(height, width, self.long_side)))

    def _size(self, picture: Picture) -> tuple[int, int]:
        size = picture.height, picture.width
        return size if max(size) <= self.long_side else scaled_size(*size, self.long_side)


def _levels(picture: Picture) -> Levels:
    return levels_of(picture, keep_alpha=False)


def _sized(levels: Levels, height: int, width: int) -> Levels:
    if levels.shape[:2] == (height, width):
        return levels
    pixels = torch.from_numpy(levels).permute(2, 0, 1).float().div(255)
    return levels_of(Picture(resize(pixels[None], height, width)[0]), keep_alpha=False)
