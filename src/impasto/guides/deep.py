"""Deep features for finding places: always those of the embedded network, at one size.

So what is found depends neither on the recipe's network nor on the size of the result.
"""

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

from impasto.features import networks
from impasto.features.extractor import Extractor
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size
from impasto.weights.catalog import POCKET_V1

SIDE = 384
"""Long side in pixels at which pictures are looked at."""
LAYERS = ("relu3_1", "relu4_1")


@torch.no_grad()
def features(picture: Picture) -> Tensor:
    """Return features (C, h, w) of a picture on the first layer's grid, layers one after another.

    Each layer is scaled to a mean square of one, so that all count alike.
    """
    image = resize(picture.batch, *_size(picture))
    maps = list(_extractor()(image, LAYERS).values())
    grid = maps[0].shape[-2:]
    scaled = [
        functional.interpolate(m, grid, mode="bilinear") / m.square().mean().sqrt().clamp_min(1e-6)
        for m in maps
    ]
    return torch.cat(scaled, 1)[0]


def _size(picture: Picture) -> tuple[int, int]:
    """A size of that long side whose short side still has a few positions at every layer."""
    height, width = scaled_size(picture.height, picture.width, SIDE)
    return max(32, height), max(32, width)


@cache
def _extractor() -> Extractor:
    return networks.load(POCKET_V1.name).extractor()
