"""Content kept: structure, edges, and what a network sees at each place.

The image and its content may have different sizes. Both are brought to one size in the content's
proportions (or, for the network, the content to the image's size).
"""

import torch
from torch import Tensor

from impasto.errors import ShapeError
from impasto.losses.squares import relative_square
from impasto.metrics.network import FeatureExtractor
from impasto.metrics.planes import check_image, luma, slope
from impasto.metrics.sizes import long_side, same_size
from impasto.numerics.filters import blurred, filtered, gaussian
from impasto.numerics.precision import widest

SIDE = 256
"""Long side, in pixels, at which structure and edges are compared: shapes count, strokes less."""
DEEP_LAYER = "relu4_2"

_WINDOW, _WINDOW_SIGMA = 11, 1.5
_C1, _C2 = 0.01**2, 0.03**2  # (K L)^2 with the range L = 1
_EDGE_SIGMA = 2.0
_ROUNDING = 1e-6  # gradients of a constant picture


def ssim_luma(image: Tensor, content: Tensor, side: int = SIDE) -> float:
    """Structural similarity of luma, in [-1, 1]; 1 for equal pictures.

    Mean of the SSIM map over all whole windows (11 x 11, Gaussian, sigma 1.5; K1 = 0.01,
    K2 = 0.03), on Rec. 601 luma at a long side of `side` pixels. Covariances are not
    bias-corrected.

    Args:
        image: (1, 3, H, W), sRGB in [0, 1].
        content: likewise, of any size.
        side: long side in pixels.

    Raises:
        ShapeError: not such images, or the short side at that size is under 11 pixels.

    Source:
        Wang, Bovik, Sheikh and Simoncelli 2004, "Image quality assessment: from error visibility
        to structural similarity".
    """
    x, y = _aligned(image, content, side)
    if min(x.shape[2:]) < _WINDOW:
        raise ShapeError(
            f"a short side of at least {_WINDOW} px at a long side of {side} px",
            tuple(x.shape),
            "choose a larger side or a picture that is less narrow",
        )
    return float(_ssim_map(widest(luma(x)), widest(luma(y))).mean())


def edge_agreement(image: Tensor, content: Tensor, side: int = SIDE) -> float:
    """How well edges lie where the content has them: 1 for equal pictures, about 0 for unrelated.

    Correlation over positions of the gradient's length, after a Gaussian blur of sigma 2 px at a
    long side of `side` pixels. The gradient is taken over all three channels, for a style may turn
    an edge of brightness into one of color; its length is blind to the sign, and a correlation to
    contrast, so that inverted or paler pictures keep their edges. The blur forgives edges that
    moved by 1 or 2 px and strokes between them. Among blurs, ranks, and F-scores with a tolerance,
    this told 8 stylizations best from other contents. 0 where a picture has no edges at all.

    Args:
        image: (1, 3, H, W), sRGB in [0, 1].
        content: likewise, of any size.
        side: long side in pixels.

    Raises:
        ShapeError: not such images, or the short side at that size is under 11 pixels.
    """
    x, y = _aligned(image, content, side)
    check_image("picture at the size of comparison", x, _WINDOW)
    return _correlation(*(widest(slope(blurred(p, _EDGE_SIGMA))) for p in (x, y)))


@torch.no_grad()
def deep_distance(
    image: Tensor, content: Tensor, extractor: FeatureExtractor, layer: str = DEEP_LAYER
) -> float:
    """Relative squared distance of features, |a - b|^2 / |b|^2: 0 for equal pictures.

    About 2 or less for unrelated ones whose features are as strong.

    Args:
        image: (1, 3, H, W), sRGB in [0, 1].
        content: likewise; brought to the image's size.
        extractor: the judging network.
        layer: where features are compared.

    Raises:
        ShapeError: not such images, or too small for the layer.
        LayerError: the network has no such layer.

    Source:
        The content distance of Gatys, Ecker and Bethge 2016, relative to the content's own size.
    """
    check_image("image", image)
    check_image("content", content)
    features, wanted = (
        widest(extractor(picture, (layer,))[layer])
        for picture in (image, same_size(image, content))
    )
    return float(relative_square(features, wanted))


def _aligned(image: Tensor, content: Tensor, side: int) -> tuple[Tensor, Tensor]:
    check_image("image", image)
    check_image("content", content)
    wanted = long_side(content, side)
    return same_size(wanted, image), wanted


def _ssim_map(x: Tensor, y: Tensor) -> Tensor:
    window = gaussian(_WINDOW_SIGMA, _WINDOW // 2, x)
    mean_x, mean_y = filtered(x, window), filtered(y, window)
    variance_x = filtered(x * x, window) - mean_x.square()
    variance_y = filtered(y * y, window) - mean_y.square()
    covariance = filtered(x * y, window) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + _C1) / (mean_x.square() + mean_y.square() + _C1)
    return luminance * (2 * covariance + _C2) / (variance_x + variance_y + _C2)


def _correlation(x: Tensor, y: Tensor) -> float:
    if min(x.std(), y.std()) < _ROUNDING:
        return 0.0
    x, y = x - x.mean(), y - y.mean()
    return float((x * y).sum() / (x.norm() * y.norm()))
