"""Heat maps: numbers as colors, one pixel for each."""

import torch
from torch import Tensor

from impasto.errors import InputError
from impasto.images.picture import Picture

RAMP = (
    (0.05, 0.06, 0.14),
    (0.23, 0.16, 0.42),
    (0.60, 0.20, 0.42),
    (0.91, 0.42, 0.26),
    (0.98, 0.75, 0.36),
    (1.00, 0.97, 0.82),
)
"""Colors of a heat map from nothing to most, each brighter than the one before."""


def heat_map(values: Tensor, *, top: float | None = None, low: float = 0.0) -> Picture:
    """Color numbers (H, W) by how large they are.

    Args:
        values: any numbers.
        top: the number that is brightest; None takes the largest.
        low: the number that is darkest.
    """
    top = float(values.max()) if top is None else top
    shares = ((values.detach().float().cpu() - low) / max(top - low, 1e-12)).clamp(0, 1)
    return Picture(_colored(shares))


def log_heat_map(values: Tensor, decades: float = 4.0) -> Picture:
    """Color sizes (H, W) by their logarithms, over so many powers of ten below the largest."""
    size = values.detach().double().abs().cpu()
    logs = (size / size.max().clamp_min(1e-300)).clamp_min(10**-decades).log10()
    return heat_map(logs.float(), top=0.0, low=-decades)


def enlarged(picture: Picture, side: int) -> Picture:
    """Repeat pixels until the long side has at least `side`, so that single ones can be seen."""
    factor = max(1, -(-side // max(picture.height, picture.width)))
    pixels = picture.pixels.repeat_interleave(factor, 1).repeat_interleave(factor, 2)
    return Picture(pixels)


def sheet(pictures: list[Picture], columns: int, gap: int = 4) -> Picture:
    """Lay pictures of one size out in rows, on white.

    Raises:
        InputError: there are none.
    """
    if not pictures:
        raise InputError("expected at least one picture for a sheet, got none")
    height, width = pictures[0].height, pictures[0].width
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    page = torch.ones(3, rows * (height + gap) - gap, columns * (width + gap) - gap)
    for number, picture in enumerate(pictures):
        y, x = (number // columns) * (height + gap), (number % columns) * (width + gap)
        page[:, y : y + height, x : x + width] = picture.pixels
    return Picture(page)


def _colored(shares: Tensor) -> Tensor:
    """Look numbers in [0, 1] up in the ramp: (H, W) to (3, H, W)."""
    ramp = torch.tensor(RAMP)
    place = shares * (len(RAMP) - 1)
    index = place.long().clamp_max(len(RAMP) - 2)
    part = (place - index)[..., None]
    return (ramp[index] * (1 - part) + ramp[index + 1] * part).permute(2, 0, 1).contiguous()
