"""A decoded picture: pixels, and what travels with them from file to file."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from impasto.errors import ShapeError
from impasto.images.resize import resize


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels in sRGB with their transparency, print resolution and recipe.

    Attributes:
        pixels: float32, shape (3, height, width), sRGB in [0, 1].
        alpha: opacity, float32, shape (1, height, width) in [0, 1]; None for an opaque picture.
        dpi: dots per inch for printing, if known.
        recipe: the text of the recipe that made this picture, if any.

    Raises:
        ShapeError: pixels or alpha have another shape or are not float32.
    """

    pixels: Tensor
    alpha: Tensor | None = None
    dpi: float | None = None
    recipe: str | None = None

    def __post_init__(self) -> None:
        """Check shapes and types."""
        _check("pixels", self.pixels, channels=3)
        if self.alpha is None:
            return
        _check("alpha", self.alpha, channels=1)
        if self.alpha.shape[1:] != self.pixels.shape[1:]:
            expected = f"alpha of shape (1, {self.height}, {self.width}) like the pixels"
            raise ShapeError(expected, tuple(self.alpha.shape))

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.pixels.shape[1]

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.pixels.shape[2]

    @property
    def batch(self) -> Tensor:
        """The pixels as a batch of one, shape (1, 3, height, width); shares memory."""
        return self.pixels.unsqueeze(0)

    @classmethod
    def from_batch(cls, image: Tensor, like: Self | None = None) -> Self:
        """Make a picture of a batch of one.

        Args:
            image: shape (1, 3, height, width), any float type and device, in [0, 1].
            like: a picture whose alpha (resized if needed) and dpi are taken over. Its recipe is
                not: that one made other pixels.

        Raises:
            ShapeError: `image` is not a batch of one with three channels.
        """
        if image.ndim != 4 or image.shape[:2] != (1, 3):
            raise ShapeError("a batch of shape (1, 3, height, width)", tuple(image.shape))
        pixels = image.detach()[0].to("cpu", torch.float32).contiguous()
        if like is None:
            return cls(pixels)
        height, width = pixels.shape[1:]
        alpha = None if like.alpha is None else resize(like.alpha[None], height, width)[0]
        return cls(pixels, alpha=alpha, dpi=like.dpi)


def _check(name: str, tensor: Tensor, channels: int) -> None:
    shape = tuple(tensor.shape)
    if len(shape) != 3 or shape[0] != channels or 0 in shape:
        raise ShapeError(f"{name} of shape ({channels}, height, width)", shape)
    if tensor.dtype != torch.float32:
        remedy = f"they are {tensor.dtype}: convert with .float(), scaled to [0, 1]"
        raise ShapeError(f"{name} in float32", shape, remedy)
