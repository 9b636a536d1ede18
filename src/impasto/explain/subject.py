"""The subject of a lesson: a network, and the pictures that it looks at."""

from dataclasses import dataclass
from math import sqrt

from torch import Tensor

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


def at_area(image: Tensor, height: int, width: int, scale: float = 1.0) -> Tensor:
    """Bring a picture (1, 3, h, w) to the area of height x width, times the scale of both sides."""
    ratio = sqrt(height * width) * scale / sqrt(image.shape[-2] * image.shape[-1])
    rows, columns = (max(1, round(side * ratio)) for side in image.shape[-2:])
    return resize(image, rows, columns)


def at_most(image: Tensor, side: int) -> Tensor:
    """Bring the long side of (1, 3, h, w) down to `side` pixels, if it is longer."""
    height, width = image.shape[-2:]
    if max(height, width) <= side:
        return image
    return resize(image, *scaled_size(height, width, side))
