"""Separable filters: a Gaussian window, filtering by it, and blur."""

import torch
from torch import Tensor
from torch.nn import functional


def gaussian(sigma: float, radius: int, like: Tensor) -> Tensor:
    """Gaussian window (2 radius + 1,) that sums to one, of the type and device of `like`."""
    offsets = torch.arange(-radius, radius + 1, dtype=like.dtype, device=like.device)
    window = (-offsets.square() / (2 * sigma**2)).exp()
    return window / window.sum()


def filtered(planes: Tensor, window: Tensor) -> Tensor:
    """Filter (N, C, H, W) by a symmetric window along rows and columns; valid positions only."""
    channels = planes.shape[1]
    taps = window.expand(channels, 1, -1)
    rows = functional.conv2d(planes, taps[:, :, None, :], groups=channels)
    return functional.conv2d(rows, taps[:, :, :, None], groups=channels)


def blurred(planes: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of (N, C, H, W), cut at 3 sigma; the border pixel goes on beyond the border."""
    radius = round(3 * sigma)
    padded = functional.pad(planes, (radius,) * 4, mode="replicate")
    return filtered(padded, gaussian(sigma, radius, planes))
