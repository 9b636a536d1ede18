"""Change a picture's size, in float and without aliasing."""

import math

from torch import Tensor
from torch.nn import functional

from impasto.errors import InputError, ShapeError
from impasto.images.resample import Filter, resample
from impasto.numerics.bands import BAND
from impasto.numerics.storage import MEMORY, Storage

AT_ONCE = 2**25
"""Values of a result that is resized at once, if it stays in memory: 3344 x 3344 px of RGB."""


def resize(image: Tensor, height: int, width: int, *, storage: Storage = MEMORY) -> Tensor:
    """Resize pixels or alpha with an antialiased bicubic filter.

    Large results are made by bands of rows; they agree with others to rounding.

    Args:
        image: shape (batch, channels, any height, any width), a float type, in [0, 1].
        height: rows of the result, at least 1.
        width: columns of the result, at least 1.
        storage: where the result lies.

    Returns:
        Shape (batch, channels, height, width) in [0, 1]; `image` itself if the size is the same.

    Raises:
        ShapeError: `image` does not have four dimensions.
        InputError: height or width is below 1.
    """
    if image.ndim != 4:
        raise ShapeError("an image of shape (batch, channels, height, width)", tuple(image.shape))
    if min(height, width) < 1:
        raise InputError(f"expected a size of at least 1 x 1 pixels, got {width} x {height}")
    if image.shape[2:] == (height, width):
        return image
    resized = _resized(image, height, width, storage, "bicubic")
    return resized.clamp_(0, 1)  # a bicubic filter overshoots at edges


def resize_signed(image: Tensor, height: int, width: int, *, storage: Storage = MEMORY) -> Tensor:
    """Resize values of any range with an antialiased bilinear filter, which never overshoots."""
    return _resized(image, height, width, storage, "bilinear")


def _resized(image: Tensor, height: int, width: int, storage: Storage, kind: Filter) -> Tensor:
    shape = (*image.shape[:2], height, width)
    if math.prod(shape) <= (BAND if storage.mapped else AT_ONCE):
        resized = functional.interpolate(image, (height, width), mode=kind, antialias=True)
        return storage.copy(resized) if storage.mapped else resized
    made = storage.empty(shape, image.dtype, image.device)
    before = image.shape[-2], image.shape[-1]
    resample(lambda top, bottom: image[..., top:bottom, :], *before, made, kind)
    return made


def scaled_size(height: int, width: int, long_side: int) -> tuple[int, int]:
    """Compute (height, width) with the given long side and the same proportions.

    Both are rounded to whole pixels and are at least 1.

    Raises:
        InputError: a side is below 1.

    Example:
        >>> scaled_size(300, 400, long_side=512)
        (384, 512)
    """
    if min(height, width, long_side) < 1:
        raise InputError(
            f"expected sides of at least 1 pixel, got {width} x {height} scaled to {long_side}"
        )
    scale = long_side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))
