"""Feature maps of one layer: which channels answer most, and to what in the picture."""

from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.errors import InputError, ShapeError


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """What one layer makes of one picture."""

    layer: str
    values: Tensor
    """(C, H, W), on the CPU in float32."""

    def __post_init__(self) -> None:
        if self.values.ndim != 3:
            raise ShapeError("feature maps (C, H, W)", tuple(self.values.shape))

    @classmethod
    def of(cls, layer: str, features: Tensor) -> "FeatureMaps":
        """Take features (1, C, H, W) from an extractor."""
        return cls(layer, features.detach()[0].to("cpu", torch.float32).contiguous())

    @property
    def channels(self) -> int:
        """How many maps there are."""
        return self.values.shape[0]

    @property
    def means(self) -> Tensor:
        """(C,): the mean activation of each channel."""
        return self.values.flatten(1).mean(1)

    def most_active(self, count: int) -> tuple[int, ...]:
        """Return the channels with the highest means, highest first."""
        return tuple(self.means.topk(min(count, self.channels)).indices.tolist())

    def channel(self, number: int) -> Tensor:
        """Return one map (H, W).

        Raises:
            InputError: there is no such channel.
        """
        if not 0 <= number < self.channels:
            raise InputError(
                f"{self.layer} has channels 0 to {self.channels - 1}, got {number}; choose one"
            )
        return self.values[number]

    def _repr_html_(self) -> str:
        """Show the most active channels in a notebook."""
        from impasto.explain.page.notebook import feature_maps_html

        return feature_maps_html(self)


@dataclass(frozen=True, eq=False)
class Patch:
    """A piece of a picture that excites a channel."""

    picture: str
    """content or style."""
    activation: float
    row: int
    """Center of what the position sees, in pixels of the picture."""
    column: int
    image: Tensor
    """(1, 3, h, w): the receptive field, as far as it lies in the picture."""


def exciting_patches(
    maps: Tensor, image: Tensor, *, picture: str, side: int, count: int
) -> list[Patch]:
    """Find where a channel answers most, at places that do not overlap by more than half.

    Args:
        maps: (H, W), one channel.
        image: (1, 3, h, w), the picture that the channel looked at.
        picture: its name.
        side: of the receptive field, in pixels.
        count: patches at most.
    """
    left, found = maps.clone(), list[Patch]()
    stride_y, stride_x = image.shape[-2] / maps.shape[0], image.shape[-1] / maps.shape[1]
    reach_y, reach_x = max(1, int(side / stride_y / 2)), max(1, int(side / stride_x / 2))
    while len(found) < count and float(left.max()) > 0:
        y, x = divmod(int(left.argmax()), maps.shape[1])
        row, column = int((y + 0.5) * stride_y), int((x + 0.5) * stride_x)
        piece = crop(image, row, column, side)
        found.append(Patch(picture, float(left[y, x]), row, column, piece))
        left[max(0, y - reach_y) : y + reach_y + 1, max(0, x - reach_x) : x + reach_x + 1] = 0
    return found


def crop(image: Tensor, row: int, column: int, side: int) -> Tensor:
    """Cut a square of `side` pixels around a pixel, moved inside where it sticks out."""
    height, width = image.shape[-2:]
    tall, wide = min(side, height), min(side, width)
    top = min(max(0, row - tall // 2), height - tall)
    left = min(max(0, column - wide // 2), width - wide)
    return image[..., top : top + tall, left : left + wide]
