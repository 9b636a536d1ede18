"""Saliency: what in a picture looks unlike its border."""

import torch
from torch import Tensor
from torch.nn import functional

from impasto.guides import deep
from impasto.images.picture import Picture
from impasto.numerics.filters import blurred

NEIGHBORS = 8
FLAT = 0.01
"""Variance of features, of their mean square, below which there is nothing to see."""
RIM = 0.06
"""Width of the border, as a share of the short side."""
SIDES = 0.7
"""How far down the sides belong to the border: shoulders reach beyond them below."""


def saliency(picture: Picture) -> Tensor:
    """Measure how little each place looks like the border, (h, w) in [0, 1].

    The distance of a place's deep features to the nearest features at the border (subjects often
    reach the lower edge, which is left out), larger towards the middle of the picture: a
    border of sky and ground has several kinds, and each counts as background. Of a picture that is
    the same everywhere it is zero.
    """
    maps = deep.features(picture)
    _, height, width = maps.shape
    centered = maps.flatten(1).T - maps.mean((1, 2))
    if float(centered.square().mean()) < FLAT:
        return torch.zeros(height, width)
    directions = functional.normalize(centered, dim=1)
    border = directions[border_of(height, width).flatten()]
    nearest = (1 - directions @ border.T).topk(min(NEIGHBORS, len(border)), largest=False).values
    distance = blurred(nearest.mean(1).reshape(1, 1, height, width), sigma=1.0)[0, 0]
    weighed = distance * _middle(height, width)
    low, high = weighed.quantile(0.02), weighed.quantile(0.98)
    return ((weighed - low) / (high - low).clamp_min(1e-6)).clamp(0, 1)


def border_of(height: int, width: int) -> Tensor:
    """Return where the border is, (h, w) of bool: above, and the upper part of both sides."""
    rim, sides = max(1, round(RIM * min(height, width))), round(SIDES * height)
    border = torch.zeros(height, width, dtype=torch.bool)
    border[:rim] = True
    border[:sides, :rim] = True
    border[:sides, -rim:] = True
    return border


def threshold(values: Tensor) -> float:
    """Return the threshold that parts values into two classes farthest apart (Otsu 1979)."""
    levels = values.flatten().sort().values.double()
    count = torch.arange(1, len(levels), dtype=torch.float64)
    sums = levels.cumsum(0)
    below = sums[:-1] / count
    above = (sums[-1] - sums[:-1]) / (len(levels) - count)
    between = count * (len(levels) - count) * (above - below).square()
    at = int(between.argmax())
    return float((levels[at] + levels[at + 1]) / 2)


def _middle(height: int, width: int) -> Tensor:
    """Weight of places: one in the middle, about 0.4 in the corners, 0.6 at the sides."""
    down = torch.linspace(-1, 1, height)[:, None]
    across = torch.linspace(-1, 1, width)[None]
    return torch.exp(-0.5 * (down.square() * 0.9 + across.square()))
