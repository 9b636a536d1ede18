"""Color spaces: sRGB as encoded, linear sRGB, and Oklab, in which distances look even.

Oklab has a lightness L from 0 (black) to 1 (white), and a (green to red) and b (blue to yellow),
both 0 for grays. All functions take and return (N, 3, H, W) of any floating type.

Sources: IEC 61966-2-1 (sRGB); Björn Ottosson 2020, "A perceptual color space for image processing"
(Oklab); the same 2021, "sRGB gamut clipping".
"""

import torch
from torch import Tensor

_TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_HALVINGS = 12
"""Of the chroma's range: the last one moves it by less than a 16-bit level."""
_SLACK = 1e-4
"""Linear values so far out of [0, 1] count as rounding: less than half an 8-bit level."""


def linear(srgb: Tensor) -> Tensor:
    """Decode sRGB to linear light; values below 0 are mirrored."""
    size = srgb.abs()
    curve = ((size + 0.055) / 1.055).pow(2.4)
    return torch.where(size <= 0.04045, size / 12.92, curve).copysign(srgb)


def encoded(light: Tensor) -> Tensor:
    """Encode linear light as sRGB, the inverse of `linear`."""
    size = light.abs()
    curve = 1.055 * size.clamp_min(0.0031308).pow(1 / 2.4) - 0.055
    return torch.where(size <= 0.0031308, size * 12.92, curve).copysign(light)


def to_oklab(srgb: Tensor) -> Tensor:
    """Bring sRGB in [0, 1] to Oklab."""
    cones = _mixed(linear(srgb), _matrix(_TO_CONES, srgb))
    return _mixed(cones.abs().pow(1 / 3).copysign(cones), _matrix(_TO_LAB, srgb))


def from_oklab(lab: Tensor) -> Tensor:
    """Bring Oklab to sRGB in [0, 1].

    Colors that sRGB does not have lose chroma until it has them; lightness, brought into [0, 1],
    and hue stay.
    """
    lab = torch.cat([lab[:, :1].clamp(0, 1), lab[:, 1:]], dim=1)
    light = _light(lab)
    outside = ((light < -_SLACK) | (light > 1 + _SLACK)).any(1)
    if outside.any():
        colors = lab.movedim(1, -1)[outside].T[None, :, :, None]
        light = light.movedim(1, -1)
        light[outside] = _light(_less_chroma(colors))[0, :, :, 0].T
        light = light.movedim(-1, 1)
    return encoded(light.clamp(0, 1)).contiguous()


def grays(lightness: Tensor) -> Tensor:
    """Make sRGB grays (N, 3, H, W) of an Oklab lightness (N, 1, H, W)."""
    return encoded(lightness.clamp(0, 1).pow(3)).repeat(1, 3, 1, 1)


def _less_chroma(lab: Tensor) -> Tensor:
    """Find by halving the largest share of the chroma that is in the gamut; gray always is."""
    low = torch.zeros_like(lab[:, :1])
    high = torch.ones_like(low)
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        light = _light(torch.cat([lab[:, :1], lab[:, 1:] * share], dim=1))
        fits = ((light >= -_SLACK) & (light <= 1 + _SLACK)).all(1, keepdim=True)
        low, high = torch.where(fits, share, low), torch.where(fits, high, share)
    return torch.cat([lab[:, :1], lab[:, 1:] * low], dim=1)


def _light(lab: Tensor) -> Tensor:
    cones = _mixed(lab, _inverse(_TO_LAB, lab)).pow(3)
    return _mixed(cones, _inverse(_TO_CONES, lab))


def _mixed(planes: Tensor, matrix: Tensor) -> Tensor:
    return torch.einsum("ij,njhw->nihw", matrix, planes)


def _matrix(rows: tuple[tuple[float, ...], ...], like: Tensor) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64).to(like)


def _inverse(rows: tuple[tuple[float, ...], ...], like: Tensor) -> Tensor:
    inverse: Tensor = torch.linalg.inv(torch.tensor(rows, dtype=torch.float64))
    return inverse.to(like)
