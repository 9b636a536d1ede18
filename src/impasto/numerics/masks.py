"""Masks: soft edges, and their share of each position of a coarser grid."""

import torch
from torch import Tensor
from torch.nn import functional

from impasto.errors import ShapeError
from impasto.numerics.filters import filtered

LEVELS = 4096
"""Steps between 0 and 1: rounding to them keeps ones at exactly one through resizing and blur."""


def snapped(mask: Tensor) -> Tensor:
    """Round to multiples of 1 / LEVELS in [0, 1], which floats hold exactly."""
    return (mask.clamp(0, 1) * LEVELS).round() / LEVELS


def softened(mask: Tensor, radius: int) -> Tensor:
    """Blur (N, C, H, W) by a Hann window that reaches `radius` pixels; the border goes on.

    Masks that add up to one everywhere still do, but for rounding.
    """
    if radius < 1:
        return mask
    steps = torch.arange(-radius, radius + 1, dtype=mask.dtype, device=mask.device)
    window = 1 + (steps * (torch.pi / (radius + 1))).cos()
    padded = functional.pad(mask, (radius,) * 4, mode="replicate")
    return filtered(padded, window / window.sum())


def feathered(mask: Tensor, radius: int) -> Tensor:
    """Soften the edges of (N, C, H, W) outward by `radius` pixels: no value falls.

    Each pixel first takes the largest value within the radius, then the blur averages only pixels
    that took its own value or a larger one. So white stays white to its edge.
    """
    if radius < 1:
        return mask
    rows = functional.max_pool2d(mask, (1, 2 * radius + 1), 1, (0, radius))
    grown = functional.max_pool2d(rows, (2 * radius + 1, 1), 1, (radius, 0))
    return torch.maximum(snapped(softened(grown, radius)), mask)


def shares(mask: Tensor, height: int, width: int) -> Tensor:
    """Average a mask over the cells of a layer's grid, (N, C, H, W) to (N, C, height, width).

    A position of a layer behind n poolings stands for the cell of 2^n x 2^n pixels in the middle of
    its receptive field; like the network's, each halving drops what is left over at the end.

    Raises:
        ShapeError: no number of halvings leads to that grid.
    """
    found = mask
    while found.shape[-1] > width and min(found.shape[-2:]) > 1:
        found = functional.avg_pool2d(found, 2)
    if found.shape[-2:] != (height, width):
        raise ShapeError(f"features of a grid that halves {tuple(mask.shape[2:])}", (height, width))
    return found
