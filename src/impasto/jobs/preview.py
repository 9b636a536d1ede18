"""The preview: a small JPEG of the newest state, whole at every moment."""

import sys
from functools import cached_property
from pathlib import Path

from torch import Tensor

from impasto.files import replacing
from impasto.images import coloring
from impasto.images.codec import decode, jpeg_bytes
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size
from impasto.recipe_color import ColorSettings

SIDE = 768
"""Long side in pixels, at most."""
QUALITY = 80


class Preview:
    """Writes the preview of one job.

    Args:
        path: where to.
        color: in whose colors the result will be.
        content: the file of the content picture, which gives them, perhaps.
    """

    def __init__(self, path: Path, color: ColorSettings, content: Path) -> None:
        self._path, self._color, self._file = path, color, content

    def work(self, image: Tensor) -> None:
        """Show an image (1, 3, H, W) as the engine has it: out of range and colors, perhaps."""
        self.picture(self.developed(image))

    def developed(self, image: Tensor) -> Picture:
        """Return such an image small, in range and in the colors of the result."""
        small = _small(image.clamp(0, 1))
        if self._color.mode == "content":
            small = coloring.after(self._color, small, self._content)
        return Picture.from_batch(small)

    def picture(self, picture: Picture) -> None:
        """Show a picture as it is."""
        small = Picture.from_batch(_small(picture.batch), like=picture)
        with replacing(self._path) as part:
            part.write_bytes(jpeg_bytes(small, quality=QUALITY))

    @cached_property
    def _content(self) -> Picture:
        return Picture(_small(decode(self._file, pixel_limit=sys.maxsize).batch)[0])


def _small(image: Tensor) -> Tensor:
    height, width = image.shape[-2:]
    if max(height, width) <= SIDE:
        return image
    return resize(image, *scaled_size(height, width, SIDE)).clamp(0, 1)
