"""Resizing by bands of rows, for images too large to be resized at once.

The filters are those of `torch.nn.functional.interpolate` with `antialias=True`: a kernel as wide
as a pixel of the smaller image, its weights cut at the border and brought to a sum of one. Columns
are resized by that function itself, rows by a product with the matrix of the filter's weights.
"""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from impasto.numerics.bands import BAND

Filter = Literal["bicubic", "bilinear"]
Rows = Callable[[int, int], Tensor]
"""Reads rows from one to before another: (N, C, rows, width). Neither number ever falls."""

_SUPPORT: dict[Filter, float] = {"bicubic": 2.0, "bilinear": 1.0}
_A = -0.5  # of the cubic kernel, by Keys 1981


def resample(read: Rows, height: int, width: int, made: Tensor, kind: Filter) -> None:
    """Resize an image that is read by rows.

    Args:
        read: gives the image's rows.
        height: of the image.
        width: of the image.
        made: (N, C, H, W) of the wanted size; is written into.
        kind: the filter.
    """
    rows, columns = made.shape[-2:]
    each = _band(made, height, width)
    for top in range(0, rows, each):
        bottom = min(top + each, rows)
        weights, first = _weights(height, rows, top, bottom, kind)
        band = read(first, first + weights.shape[1])
        across = _across(band, columns, kind)
        made[..., top:bottom, :] = weights.to(across) @ across


def _band(made: Tensor, height: int, width: int) -> int:
    """Choose how many rows to make at once, so that neither they nor those read are too many."""
    rows, columns = made.shape[-2:]
    each = max(width * height / rows, columns) * made.shape[0] * made.shape[1]
    return max(1, int(BAND / each))


def _across(band: Tensor, columns: int, kind: Filter) -> Tensor:
    if band.shape[-1] == columns:
        return band
    size = (band.shape[-2], columns)
    return functional.interpolate(band, size, mode=kind, antialias=True)


def _weights(before: int, after: int, top: int, bottom: int, kind: Filter) -> tuple[Tensor, int]:
    """Make the filter's matrix for rows `top` to `bottom` of `after`.

    Returns:
        (bottom - top, n), float32, and the first of the n of `before` rows that it counts.
    """
    scale = before / after
    reach = _SUPPORT[kind] * max(scale, 1.0)
    centers = scale * (torch.arange(top, bottom, dtype=torch.float64) + 0.5)
    lowest = (centers - reach + 0.5).floor().clamp_min(0)
    highest = (centers + reach + 0.5).floor().clamp_max(before)
    first, last = int(lowest[0]), int(highest[-1])
    places = torch.arange(first, last, dtype=torch.float64)
    weights = _kernel((places - centers[:, None] + 0.5) / max(scale, 1.0), kind)
    weights[(places < lowest[:, None]) | (places >= highest[:, None])] = 0
    return (weights / weights.sum(1, keepdim=True)).float(), first


def _kernel(distance: Tensor, kind: Filter) -> Tensor:
    x = distance.abs()
    if kind == "bilinear":
        return (1 - x).clamp_min(0)
    near = ((_A + 2) * x - (_A + 3)) * x.square() + 1
    far = ((x - 5) * x + 8) * x * _A - 4 * _A
    return torch.where(x < 1, near, torch.where(x < 2, far, torch.zeros_like(x)))
