"""What a run needs of an objective, however it is computed: whole, or tile by tile."""

from collections.abc import Mapping, Sequence
from typing import Protocol, Self

from torch import Tensor

from impasto.engine.framing import Framing
from impasto.engine.losses import Losses
from impasto.engine.targets import Target


class PixelObjective(Protocol):
    """Terms with their targets, measured on the pixels of one image (1, 3, H, W)."""

    @property
    def targets(self) -> Sequence[Target]:
        """What the image is compared with."""

    @property
    def framing(self) -> Framing:
        """How the network sees the image."""

    def measure(self, image: Tensor, phase: int = 0) -> Losses:
        """Measure an image, without a graph."""

    def value_and_gradient(self, image: Tensor, phase: int = 0) -> tuple[Losses, Tensor]:
        """Measure an image and differentiate the total by its pixels; the image is not changed."""

    def reweighted(self, weights: Mapping[str, float]) -> Self:
        """Return an objective with other weights for some of its terms.

        Raises:
            RecipeError: there is no term of that name.
        """

    def weights(self) -> dict[str, float]:
        """Return the weight of each term."""
