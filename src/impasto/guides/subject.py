"""The subject of a picture: GrabCut, told by the saliency of deep features where to begin."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.errors import InputError
from impasto.guides.opencv import as_bgr, opencv
from impasto.guides.saliency import border_of, saliency, threshold
from impasto.images.picture import Picture

SIDE = 400
"""Long side in pixels at which the subject is cut out; its edge is softened in any case."""
ROUNDS = 6
LEAST, MOST = 0.01, 0.9
"""Parts of the picture between which a subject lies."""

NOTHING = (
    "found no subject that stands out from this picture: give a mask of your own with "
    "--protect MASK.png"
)


def subject_mask(picture: Picture) -> Tensor:
    """Find the subject, (1, 1, H, W) of zeros and ones, at most 400 pixels long.

    GrabCut (Rother et al. 2004) parts colors into subject and background by a cut along edges.
    What is more salient than Otsu's threshold is taken for the subject at first, its most salient
    third for certain; the border above and at the sides, where it is not salient, for background.
    Pieces smaller than a tenth of the largest are dropped, and holes filled.

    Raises:
        InputError: OpenCV is not installed, or nothing stands out.
    """
    cv2 = opencv("finding the subject")
    image, places = as_bgr(picture, SIDE), saliency(picture)
    if float(places.max()) == 0:
        raise InputError(NOTHING)
    height, width = image.shape[:2]
    salient = cv2.resize(places.numpy(), (width, height), interpolation=cv2.INTER_LINEAR)
    marks = _marks(cv2, salient)
    cv2.setRNGSeed(0)  # its mixtures of colors begin with a k-means from random centers
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(image, marks, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    cut = np.isin(marks, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    mask = _whole(cv2, cut)
    if not LEAST <= mask.mean() <= MOST:
        raise InputError(NOTHING)
    return torch.from_numpy(mask).float()[None, None]


def _marks(cv2: Any, salient: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Mark what is subject or background, for certain or probably."""
    level = threshold(torch.from_numpy(salient))
    above = salient > level
    if not above.any():
        above = salient >= salient.max()
    marks: NDArray[np.uint8] = np.where(above, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[salient > np.quantile(salient[above], 0.67)] = cv2.GC_FGD
    marks[border_of(*salient.shape).numpy() & ~above] = cv2.GC_BGD
    return marks


def _whole(cv2: Any, cut: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Drop small pieces and fill holes."""
    size = max(3, round(0.012 * max(cut.shape)) | 1)
    cut = cv2.morphologyEx(
        cut, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    )
    _, pieces, facts, _ = cv2.connectedComponentsWithStats(cut)
    areas = facts[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    kept = np.isin(pieces, np.flatnonzero(areas >= 0.1 * areas.max())) & (cut > 0)
    outlines, _ = cv2.findContours(kept.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled: NDArray[np.uint8] = cv2.drawContours(np.zeros_like(cut), outlines, -1, 1, cv2.FILLED)
    return filled
