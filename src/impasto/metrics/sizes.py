"""Bring pictures to sizes at which they can be compared."""

from math import sqrt

from torch import Tensor

from impasto.images.resize import resize, scaled_size


def same_size(image: Tensor, other: Tensor) -> Tensor:
    """Bring `other` (N, 3, h, w) to the size of `image` (N, 3, H, W), stretched if need be."""
    return resize(other, image.shape[-2], image.shape[-1])


def same_area(image: Tensor, other: Tensor) -> Tensor:
    """Bring `other` (N, 3, h, w) to the area of `image`, in its own proportions.

    The same rule by which a run brings a style to the size of a stage.
    """
    ratio = sqrt(_area(image) / _area(other))
    height, width = (max(1, round(side * ratio)) for side in other.shape[-2:])
    return resize(other, height, width)


def long_side(image: Tensor, side: int) -> Tensor:
    """Bring an image to a long side of `side` pixels."""
    return resize(image, *scaled_size(image.shape[-2], image.shape[-1], side))


def at_most(image: Tensor, side: int) -> Tensor:
    """Bring an image down to a long side of `side` pixels; smaller ones stay as they are."""
    return long_side(image, side) if max(image.shape[-2:]) > side else image


def _area(image: Tensor) -> int:
    return image.shape[-2] * image.shape[-1]
