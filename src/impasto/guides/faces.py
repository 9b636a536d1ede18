"""Faces, by OpenCV's detector and its published model YuNet (Wu et al. 2023)."""

from os import PathLike
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from impasto.errors import InputError
from impasto.guides.opencv import as_bgr, opencv
from impasto.images.picture import Picture
from impasto.weights import cache
from impasto.weights.catalog import YUNET

SIDE = 640
"""Long side in pixels at which faces are looked for; YuNet finds those of 10 to 300 pixels."""
SCORE = 0.7
GROWN = 0.62
"""Half axes of a face's ellipse over its box: the box ends at brows and chin."""
RAISED = 0.06
"""By how much of its height the ellipse lies above the middle of the box."""


def detector_file() -> Path | None:
    """Return the model in the cache of weights, verified; None where it is not there.

    Raises:
        WeightsError: it is damaged.
    """
    record = cache.find(YUNET.name)
    if record is None:
        return None
    if not cache.is_intact(record):
        raise cache.damaged(record)
    return record.path


def face_mask(picture: Picture, model: str | PathLike[str]) -> Tensor:
    """Find faces, (1, 1, H, W) of zeros and ones: an ellipse around each.

    Raises:
        InputError: OpenCV is not installed, cannot read the model, or finds no face.
    """
    cv2 = opencv("finding faces")
    image = as_bgr(picture, SIDE)
    height, width = image.shape[:2]
    try:
        detector = cv2.FaceDetectorYN.create(str(model), "", (width, height), SCORE)
        _, found = detector.detect(image)
    except cv2.error as error:
        raise InputError(
            f"OpenCV cannot find faces with {model}: {error.err or error}; get the model again "
            "with `impasto weights fetch yunet --force`"
        ) from error
    if found is None or len(found) == 0:
        raise InputError(
            "found no face in the content picture: use --protect subject, or give a mask of your "
            "own with --protect MASK.png"
        )
    return _ellipses(found[:, :4], height, width)


def _ellipses(boxes: np.ndarray, height: int, width: int) -> Tensor:
    """Draw an ellipse around each box of left, top, width and height."""
    down = torch.arange(height)[:, None] + 0.5
    across = torch.arange(width)[None] + 0.5
    mask = torch.zeros(height, width)
    for left, top, wide, high in boxes.tolist():
        middle = left + wide / 2, top + high * (0.5 - RAISED)
        inside = ((across - middle[0]) / (GROWN * wide)).square() + (
            (down - middle[1]) / (GROWN * high)
        ).square() <= 1
        mask = torch.maximum(mask, inside.float())
    return mask[None, None]
