"""OpenCV, where it is installed: it finds subjects and faces."""

from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from impasto.errors import InputError
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size


def opencv(purpose: str) -> ModuleType:
    """Import OpenCV.

    Raises:
        InputError: it is not installed.
    """
    try:
        import cv2
    except ImportError as error:
        raise InputError(
            f"{purpose} needs OpenCV, which is not installed: pip install 'impasto[guides]', or "
            "give a mask of your own with --protect MASK.png"
        ) from error
    module: ModuleType = cv2
    return module


def as_bgr(picture: Picture, side: int) -> NDArray[np.uint8]:
    """Make OpenCV's image of a picture, (H, W, 3) in BGR, of a long side of at most `side`."""
    size = scaled_size(picture.height, picture.width, min(side, max(picture.height, picture.width)))
    pixels: Tensor = (resize(picture.batch, *size)[0] * 255).round().byte().flip(0)
    return np.ascontiguousarray(pixels.permute(1, 2, 0).numpy())
