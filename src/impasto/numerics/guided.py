"""The guided filter: smoothing that stops where another picture has edges."""

import torch
from torch import Tensor
from torch.nn import functional

from impasto.numerics.filters import blurred

_SIGMA = 3.0
"""Blur in pixels of the small picture on which the filter's lines are fitted."""


def guided(planes: Tensor, guide: Tensor, sigma: float, contrast: float) -> Tensor:
    """Smooth planes (N, C, H, W) except across edges of a guide (N, 1, H, W).

    Around each pixel the planes are fitted by a line in the guide, and the fits are averaged. The
    windows are Gaussian, and the fit is made on a smaller picture, as large windows allow.

    Args:
        planes: what is smoothed.
        guide: whose edges stay.
        sigma: the windows' deviation in pixels, at least 1.
        contrast: the least difference in the guide that counts as an edge.

    Source:
        He, Sun and Tang 2010, "Guided image filtering"; He and Sun 2015, "Fast guided filter".
    """
    size = planes.shape[-2:]
    small = [max(1, round(side * min(1.0, _SIGMA / sigma))) for side in size]
    small_planes, small_guide = (
        functional.interpolate(p, small, mode="bilinear", antialias=True) for p in (planes, guide)
    )
    around = min(sigma, _SIGMA)

    def mean(values: Tensor) -> Tensor:
        return blurred(values, around)

    middle, guide_middle = mean(small_planes), mean(small_guide)
    spread = mean(small_guide.square()) - guide_middle.square()
    both = mean(small_planes * small_guide) - middle * guide_middle
    slope = both / (spread + contrast**2)
    lines = torch.cat([slope, middle - slope * guide_middle], dim=1)
    lines = functional.interpolate(mean(lines), size, mode="bilinear")
    slope, offset = lines.chunk(2, dim=1)
    return slope * guide + offset
