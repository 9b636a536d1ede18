"""Tensors as pictures inside a page: photographs as JPEG, maps of numbers as PNG."""

from base64 import b64encode

from torch import Tensor
from torch.nn import functional

from impasto.explain.heat import heat_map, log_heat_map
from impasto.explain.subject import at_most
from impasto.images.codec import jpeg_bytes, png_bytes
from impasto.images.picture import Picture

LARGEST_MAP = 320
"""Sides of a heat map of more numbers are averaged down to this: the page must stay light."""


def photo(image: Tensor, side: int = 512, quality: int = 85) -> str:
    """Return (1, 3, H, W) as a data URI, its long side at most `side` pixels."""
    picture = Picture.from_batch(at_most(image.detach().float().clamp(0, 1), side))
    return _uri("jpeg", jpeg_bytes(picture, quality=quality))


def heat(values: Tensor, *, top: float | None = None) -> str:
    """Return (H, W) as a heat map, one pixel for each number; large ones are averaged first."""
    return _uri("png", png_bytes(heat_map(_at_most(values, LARGEST_MAP), top=top)))


def log_heat(values: Tensor) -> str:
    """Return (H, W) as a heat map of logarithms."""
    return _uri("png", png_bytes(log_heat_map(values)))


def signed(values: Tensor, factor: float) -> str:
    """Return changes (1, 3, H, W) around gray, multiplied so that they can be seen."""
    picture = Picture.from_batch((values.detach().float() * factor + 0.5).clamp(0, 1))
    return _uri("jpeg", jpeg_bytes(picture))


def _at_most(values: Tensor, side: int) -> Tensor:
    """Average squares of (H, W), so that no side is longer."""
    factor = -(-max(values.shape) // side)
    if factor == 1:
        return values
    image = values.detach().float().cpu()[None, None]
    return functional.avg_pool2d(image, factor, ceil_mode=True)[0, 0]


def _uri(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(data).decode()}"
