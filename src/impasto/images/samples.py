"""What a reader hands over: whole numbers as the file holds them, not yet sRGB."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from impasto.images.metadata import Metadata

Levels = NDArray[Any]
"""An array of uint8 or uint16."""

Model = Literal["L", "RGB", "CMYK", "LAB"]
"""How colors are coded, by Pillow's names; L is gray."""


@dataclass(frozen=True, eq=False)
class Samples:
    """A decoded picture in its own color space.

    Attributes:
        model: how colors are coded.
        color: shape (height, width, channels of the model), uint8 or uint16.
        alpha: opacity, shape (height, width), uint8, uint16 or bool; None for an opaque picture.
        metadata: what stood beside the pixels.
    """

    model: Model
    color: Levels
    alpha: Levels | None = None
    metadata: Metadata = field(default_factory=Metadata)


def highest(levels: Levels) -> int:
    """Return the level that means 1: 255, 65535, or True."""
    return 1 if levels.dtype == np.bool_ else int(np.iinfo(levels.dtype).max)


def rescaled(levels: Levels, top: int) -> Levels:
    """Bring levels of 0 to `top` to the full range of uint16, to the nearest."""
    return ((levels.astype(np.uint64) * 65535 + top // 2) // top).clip(0, 65535).astype(np.uint16)
