"""Planes to measure on: luma, the finest band, the slope at every position."""

import torch
from torch import Tensor

from impasto.errors import ShapeError
from impasto.numerics.filters import blurred

REC_601 = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in luma (ITU-R BT.601)."""


def check_image(name: str, image: Tensor, smallest: int = 1) -> None:
    """Check that an image is (1, 3, H, W) with sides of `smallest` pixels or more.

    Raises:
        ShapeError: it is not.
    """
    shape = tuple(image.shape)
    if len(shape) != 4 or shape[:2] != (1, 3):
        raise ShapeError(f"the {name} as a batch of one (1, 3, H, W)", shape)
    if min(shape[2:]) < smallest:
        raise ShapeError(f"the {name} with sides of at least {smallest} px", shape, "enlarge it")


def luma(image: Tensor) -> Tensor:
    """Rec. 601 luma (N, 1, H, W) of sRGB (N, 3, H, W), in [0, 1] like the image."""
    weights = torch.tensor(REC_601, dtype=image.dtype, device=image.device)
    return (image * weights.view(1, 3, 1, 1)).sum(1, keepdim=True)


def finest_band(planes: Tensor) -> Tensor:
    """What a Gaussian blur of sigma 1 px takes away: (N, C, H, W), zero where nothing changes."""
    return planes - blurred(planes, 1.0)


def slope(planes: Tensor) -> Tensor:
    """Length of the gradient over all channels, per pixel: (N, 1, H - 2, W - 2).

    Central differences, so the outermost pixels have none: nothing is assumed beyond the border.
    """
    across = (planes[..., 1:-1, 2:] - planes[..., 1:-1, :-2]) / 2
    down = (planes[..., 2:, 1:-1] - planes[..., :-2, 1:-1]) / 2
    return (across.square() + down.square()).sum(1, keepdim=True).sqrt()
