"""Grain: how much happens from one pixel to the next, compared with the style."""

import torch
from torch import Tensor

from impasto.metrics.planes import check_image, finest_band, slope
from impasto.metrics.sizes import same_area, same_size
from impasto.numerics.filters import blurred
from impasto.numerics.precision import widest

FLAT_SHARE = 0.25
"""Share of the positions that count as flat."""

_SMALLEST = 8
_FLAT_SIGMA = 2.0
_FLOOR = 1 / 255 / 12**0.5  # root mean square of rounding to 8 bits: less cannot be told from none


def grain(image: Tensor, style: Tensor) -> float:
    """Energy of the finest band over that of the style: 1 is as fine-grained as the style.

    The band is the picture less its Gaussian blur of sigma 1 px; its energy is the root mean
    square over positions and channels, at least that of 8-bit rounding. Below 1 the image is
    smoother than the style at this size, above 1 noisier. A style smaller than the image is
    enlarged and has little in this band, so that the number comes out high.

    Args:
        image: (1, 3, H, W), sRGB in [0, 1].
        style: likewise; brought to the image's area.

    Raises:
        ShapeError: not such images, or a side of less than 8 pixels.
    """
    check_image("image", image, _SMALLEST)
    check_image("style", style, _SMALLEST)
    return _energy(image) / _energy(same_area(image, style))


def flat_grain(image: Tensor, style: Tensor, content: Tensor) -> float:
    """Grain where nothing is shown: where the content is flat, over the style where that is flat.

    A weave of single pixels shows most in skies and walls, where `grain` averages it with edges.
    Flat is the quarter of positions with the smallest gradient, after a blur of sigma 2 px; the
    image is measured there over the content's flat quarter, the style over its own. 1 is as calm
    as the calm parts of the style, above 1 busier.

    Args:
        image: (1, 3, H, W), sRGB in [0, 1].
        style: likewise; brought to the image's area.
        content: likewise; brought to the image's size.

    Raises:
        ShapeError: not such images, or a side of less than 8 pixels.
    """
    for name, picture in (("image", image), ("style", style), ("content", content)):
        check_image(name, picture, _SMALLEST)
    style = same_area(image, style)
    return _energy(image, _flat(same_size(image, content))) / _energy(style, _flat(style))


def _energy(image: Tensor, where: Tensor | None = None) -> float:
    """Root mean square of the finest band inside the outermost pixels, where a mask allows."""
    squares = widest(finest_band(image)).square().mean(1, keepdim=True)[..., 1:-1, 1:-1]
    chosen = squares if where is None else squares[where]
    return max(float(chosen.mean().sqrt()), _FLOOR)


def _flat(image: Tensor) -> Tensor:
    """Mark the flattest positions: (1, 1, H - 2, W - 2), true for a quarter of them or more."""
    steepness = slope(blurred(image, _FLAT_SIGMA))
    count = max(1, int(FLAT_SHARE * steepness.numel()))
    return steepness <= torch.kthvalue(steepness.flatten(), count).values
