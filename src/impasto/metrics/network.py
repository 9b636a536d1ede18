"""What metrics need of a judging network."""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor


class FeatureExtractor(Protocol):
    """Pixels (N, 3, H, W), sRGB in [0, 1], and layer names to feature maps by layer name.

    `features.extractor.Extractor` is one; so is any function of this shape.
    """

    def __call__(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Extract feature maps (N, C, H', W') by layer name."""
