"""Change a picture's size, in float and without aliasing."""

from torch import Tensor
from torch.nn import functional

from impasto.errors import InputError, ShapeError


def resize(image: Tensor, height: int, width: int) -> Tensor:
    """Resize pixels or alpha with an antialiased bicubic filter.

    Args:
        image: shape (batch, channels, any height, any width), a float type, in [0, 1].
        height: rows of the result, at least 1.
        width: columns of the result, at least 1.

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
    resized = functional.interpolate(image, (height, width), mode="bicubic", antialias=True)
    return resized.clamp(0, 1)  # a bicubic filter overshoots at edges


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
