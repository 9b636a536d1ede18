"""Regions of content and styles that belong together, found by clustering their deep features."""

from collections.abc import Sequence

import torch
from torch import Tensor

from impasto.guides import deep
from impasto.guides.guides import Region
from impasto.images.picture import Picture
from impasto.numerics.filters import blurred
from impasto.numerics.kmeans import kmeans

LEAST = 0.04
"""Part of the content, and of the styles, that a cluster must have to be a region."""
POSITION = 0.5
"""Weight of the height in the picture, beside features of length one: skies are above."""


def paired_regions(content: Picture, styles: Sequence[Picture], count: int) -> tuple[Region, ...]:
    """Find at most `count` kinds of places that the content and the styles have in common.

    Features are centered and scaled channel by channel within each picture, which takes away how a
    painting as a whole differs from a photograph, and then clustered together, so that a cluster
    is a pair. Clusters that either side has next to nothing of are dissolved: their places go to
    the nearest cluster left.
    """
    pictures = [content, *styles]
    maps = [_comparable(deep.features(picture)) for picture in pictures]
    grids = [m.shape[1:] for m in maps]
    points = [m.flatten(1).T for m in maps]
    # Each picture counts alike, whatever its size.
    centers, _ = kmeans(torch.cat([_thinned(p) for p in points]), count)
    kept = _common(points, centers)
    labels = [
        torch.cdist(p, centers[kept]).argmin(1).reshape(grid)
        for p, grid in zip(points, grids, strict=True)
    ]
    return tuple(
        Region(
            f"kind {number + 1}",
            _mask(labels[0], number),
            {
                at: _mask(found, number)
                for at, found in enumerate(labels[1:])
                if bool((found == number).any())
            },
        )
        for number in range(len(kept))
    )


def _comparable(maps: Tensor) -> Tensor:
    """Center, scale and blur features (C, h, w); add the height in the picture."""
    spread = maps.std((1, 2), keepdim=True).clamp_min(1e-6)
    scaled = blurred(((maps - maps.mean((1, 2), keepdim=True)) / spread)[None], sigma=2.0)[0]
    scaled = scaled / scaled.square().sum(0).mean().sqrt().clamp_min(1e-6)
    down = torch.linspace(-1, 1, maps.shape[1])[None, :, None].expand(1, -1, maps.shape[2])
    return torch.cat([scaled, POSITION * down])


def _thinned(points: Tensor, count: int = 4096) -> Tensor:
    """Take points at even distances."""
    at = torch.linspace(0, len(points) - 1, min(count, len(points))).round().long()
    return points[at]


def _common(points: Sequence[Tensor], centers: Tensor) -> list[int]:
    """List the clusters that the content and the styles together have enough of."""
    kept = list(range(len(centers)))
    while len(kept) > 1:
        sides = [points[0], torch.cat([_thinned(p) for p in points[1:]])]
        least = torch.stack(
            [
                torch.bincount(torch.cdist(p, centers[kept]).argmin(1), minlength=len(kept))
                / len(p)
                for p in sides
            ]
        ).amin(0)
        if float(least.min()) >= LEAST:
            break
        del kept[int(least.argmin())]
    return kept


def _mask(labels: Tensor, number: int) -> Tensor:
    return (labels == number).float()[None, None]
