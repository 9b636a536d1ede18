"""The subject of a lesson: a network, and the pictures that it looks at."""

from dataclasses import dataclass
from math import ceil, sqrt

from torch import Tensor

from impasto.explain.layers import content_layers
from impasto.features.architectures import Architecture
from impasto.features.extractor import Extractor
from impasto.images.resize import resize, scaled_size


@dataclass(frozen=True, eq=False)
class Subject:
    """Pictures are (1, 3, H, W), sRGB in [0, 1], at the size at which the run ended."""

    network: str
    """Name in the catalog, such as pocket-v1."""
    extractor: Extractor
    """In float32."""
    content: Tensor
    style: Tensor
    """At the content's area, in its own proportions."""
    generated: Tensor

    @property
    def architecture(self) -> Architecture:
        """The table of layers."""
        return self.extractor.architecture


def smallest_side(extractor: Extractor) -> int:
    """Return the shortest side, in pixels, at which every layer of a lesson can be computed."""
    return extractor.smallest_side(content_layers(extractor.architecture)[-1])


def at_area(
    image: Tensor, height: int, width: int, *, scale: float = 1.0, least: int = 1
) -> Tensor:
    """Bring a picture (1, 3, h, w) to the area of height x width, as the engine brings styles.

    Args:
        image: to resize, in its own proportions.
        height: of the area.
        width: of the area.
        scale: of both sides.
        least: pixels that the short side has in any case.
    """
    ratio = sqrt(height * width) * scale / sqrt(image.shape[-2] * image.shape[-1])
    ratio = max(ratio, least / min(image.shape[-2:]))
    rows, columns = (max(1, round(side * ratio)) for side in image.shape[-2:])
    return resize(image, rows, columns)


def long_side(height: int, width: int, side: int, least: int = 1) -> int:
    """Return `side`, or more where the short side would have under `least` pixels."""
    return max(side, ceil(least * max(height, width) / min(height, width)))


def at_most(image: Tensor, side: int, least: int = 1) -> Tensor:
    """Shrink (1, 3, h, w) to a long side of `side` pixels, a short one of `least` at least."""
    height, width = image.shape[-2:]
    side = long_side(height, width, side, least)
    if max(height, width) <= side:
        return image
    return resize(image, *scaled_size(height, width, side))
