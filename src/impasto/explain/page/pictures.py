"""Tensors as pictures inside a page: photographs as JPEG, maps of numbers as PNG."""

from base64 import b64encode

import torch
from torch import Tensor

from impasto.explain.subject import at_most
from impasto.images.codec import jpeg_bytes, png_bytes
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


def photo(image: Tensor, side: int = 512, quality: int = 85) -> str:
    """Return (1, 3, H, W) as a data URI, its long side at most `side` pixels."""
    picture = Picture.from_batch(at_most(image.detach().float().clamp(0, 1), side))
    return _uri("jpeg", jpeg_bytes(picture, quality=quality))


def heat(values: Tensor, *, top: float | None = None, low: float = 0.0) -> str:
    """Return (H, W) as a heat map, one pixel for each number.

    Args:
        values: any numbers.
        top: the number that is brightest; None takes the largest.
        low: the number that is darkest.
    """
    top = float(values.max()) if top is None else top
    shares = ((values.detach().float().cpu() - low) / max(top - low, 1e-12)).clamp(0, 1)
    return _uri("png", png_bytes(Picture(_colored(shares))))


def log_heat(values: Tensor, decades: float = 4.0) -> str:
    """Return a heat map of logarithms, over so many powers of ten below the largest number."""
    size = values.detach().double().abs()
    logs = (size / size.max().clamp_min(1e-300)).clamp_min(10**-decades).log10()
    return heat(logs.float(), top=0.0, low=-decades)


def signed(values: Tensor, factor: float) -> str:
    """Return changes (1, 3, H, W) around gray, multiplied so that they can be seen."""
    picture = Picture.from_batch((values.detach().float() * factor + 0.5).clamp(0, 1))
    return _uri("jpeg", jpeg_bytes(picture))


def _colored(shares: Tensor) -> Tensor:
    """Look numbers in [0, 1] up in the ramp: (H, W) to (3, H, W)."""
    ramp = torch.tensor(RAMP)
    place = shares * (len(RAMP) - 1)
    index = place.long().clamp_max(len(RAMP) - 2)
    part = (place - index)[..., None]
    return (ramp[index] * (1 - part) + ramp[index + 1] * part).permute(2, 0, 1).contiguous()


def _uri(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(data).decode()}"
