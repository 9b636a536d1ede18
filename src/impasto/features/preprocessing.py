"""How a VGG expects its pixels: told by the weights themselves.

Two families of VGG weights go around under the same names and shapes. torchvision's were trained on
RGB in [0, 1], less a mean, over a deviation; those of the paper's authors (Caffe, and the tools of
Gatys and of Johnson) on BGR in [0, 255], less a mean. In order of trust:

1. the SHA-256 of a published file;
2. the corner taps of the first filters of conv1_1, over the three channels, whose directions are
   known for the published Caffe VGGs, scaled filter by filter (as Gatys normalized them) or not;
3. the size of conv1_1: input of deviation 60 instead of 1 lets weights of He's size shrink so much.
   Where its gain, root mean square times the root of the fan-in, is under a tenth of the median of
   the convolutions after it, the input is Caffe's.

The third alone would not do: the Caffe files as published have weights at conv1_1 as large as
torchvision's, and simply larger features.
"""

from collections.abc import Mapping
from statistics import median

import torch
import torch.nn.functional as functional
from torch import Tensor

from impasto.features.extractor import Normalization
from impasto.weights.catalog import Preprocessing

TORCHVISION = Normalization()
CAFFE = Normalization(
    mean=(123.68 / 255, 116.779 / 255, 103.939 / 255), deviation=(1 / 255, 1 / 255, 1 / 255)
)
"""As RGB in [0, 1]; the order BGR is a matter of conv1_1's channels."""

_PUBLISHED: dict[str, Preprocessing] = {
    "dcbb9e9d": "torchvision",  # VGG-19
    "397923af": "torchvision",  # VGG-16
    "d01eb7cb": "caffe",  # Johnson's VGG-19
    "00b39a1b": "caffe",  # Johnson's VGG-16
}
_CORNERS = (  # blue, green, red of the corner tap of filters 0, 1, 2
    (
        (0.341195, 0.464184, 0.394167),
        (0.095631, 0.033557, -0.084197),
        (0.017745, 0.10245, -0.036313),
    ),
    (
        (0.429471, 0.550379, 0.480015),
        (0.117274, 0.020877, -0.172697),
        (0.034013, 0.098831, 0.037558),
    ),
)
"""VGG-19 and VGG-16 of Simonyan and Zisserman, as their ports to MatConvNet and Keras show them."""
_ALIKE = 0.999
_SMALL = 0.1


def normalization(preprocessing: Preprocessing) -> Normalization:
    """Return what an extractor does to RGB in [0, 1]."""
    return CAFFE if preprocessing == "caffe" else TORCHVISION


def recognized(tensors: Mapping[str, Tensor], sha256: str = "") -> Preprocessing:
    """Tell how the input of a VGG is prepared.

    Args:
        tensors: its weights, under any names that order the convolutions.
        sha256: of their file, if known.
    """
    if sha256[:8] in _PUBLISHED:
        return _PUBLISHED[sha256[:8]]
    filters = [t for _, t in sorted(tensors.items(), key=_position) if t.ndim == 4]
    if not filters or filters[0].shape[1:] != (3, 3, 3):
        return "torchvision"
    return "caffe" if _has_known_corners(filters[0]) or _is_small(filters) else "torchvision"


def _position(named: tuple[str, Tensor]) -> tuple[int, ...]:
    """Order `conv1_1.weight` and `features.10.weight` by their numbers."""
    digits = "".join(c if c.isdigit() else " " for c in named[0])
    return tuple(map(int, digits.split()))


def _has_known_corners(first: Tensor) -> bool:
    if len(first) < len(_CORNERS[0]):
        return False
    found = first[: len(_CORNERS[0]), :, 0, 0].float()
    likeness = functional.cosine_similarity(found, torch.tensor(_CORNERS), dim=-1)
    return bool((likeness > _ALIKE).all(dim=-1).any())


def _is_small(filters: list[Tensor]) -> bool:
    gains = [float(f.float().square().mean() * f[0].numel()) ** 0.5 for f in filters]
    return len(gains) > 1 and gains[0] < _SMALL * median(gains[1:])
