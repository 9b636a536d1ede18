"""ICC profiles made of tone curves and a matrix, applied in float: no level is lost.

Most RGB and gray profiles are of this kind (sRGB, Adobe RGB, Display P3, ProPhoto RGB); the others
hold tables for LittleCMS. Source: ICC.1:2022 (v4.4), sections 8, 9.2 and 10, and annex F.3.
"""

import struct
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.images.samples import Levels

Values = NDArray[np.float64]

_SRGB_PRIMARIES = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))  # IEC 61966-2-1
_D65 = (0.3127, 0.3290)
_D50 = np.array([0.9642, 1.0, 0.8249])  # of the profile connection space
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_TABLES = {b"A2B0", b"A2B1", b"A2B2", b"D2B0", b"D2B1", b"D2B2", b"D2B3"}
_SAME = 1e-3
"""Largest difference of curves and matrix between profiles that mean the same: a quarter level."""

_PARAMETERS = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}  # of each function type of a parametric curve


@dataclass(frozen=True, eq=False)
class MatrixProfile:
    """How device values become linear sRGB: a tone curve per channel, then a matrix.

    Attributes:
        curves: one for gray, three for RGB: the tag's bytes, proved to be readable.
        to_srgb: shape (3, 3), from linear RGB of the profile to linear sRGB; None for gray.
    """

    curves: tuple[bytes, ...]
    to_srgb: Values | None

    @cached_property
    def is_srgb(self) -> bool:
        """Whether pixels are sRGB (or its gray) already, so that nothing need be done."""
        levels = np.linspace(0, 1, 256)
        curved = [np.abs(srgb_encoded(_curve(c, levels)) - levels).max() for c in self.curves]
        matrix = 0.0 if self.to_srgb is None else np.abs(self.to_srgb - np.eye(3)).max()
        return bool(max(*curved, matrix) < _SAME)

    def convert(self, color: Levels) -> Tensor:
        """Convert levels of shape (height, width, channels) to sRGB.

        Returns:
            float32, shape (channels, height, width), clipped to [0, 1].
        """
        count = np.iinfo(color.dtype).max + 1
        linear = np.empty((len(self.curves), *color.shape[:2]), np.float32)
        for channel, curve in enumerate(self.curves):
            table = _curve(curve, np.linspace(0, 1, count)).astype(np.float32)
            np.take(table, color[..., channel], out=linear[channel])
        mixed = torch.from_numpy(linear)
        if self.to_srgb is not None:
            mixed = torch.tensordot(torch.from_numpy(self.to_srgb).float(), mixed, dims=1)
        return _encoded(mixed)


@lru_cache(maxsize=8)
def parse(profile: bytes) -> MatrixProfile | None:
    """Read a profile of curves and matrix; None for any other kind, and for a damaged one."""
    try:
        tags = _tags(profile)
        if profile[20:24] != b"XYZ " or _TABLES & tags.keys():
            return None
        if profile[16:20] == b"GRAY":
            return _checked(MatrixProfile((tags[b"kTRC"],), None))
        if profile[16:20] != b"RGB ":
            return None
        colorants = np.stack([_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")], axis=1)
        curves = (tags[b"rTRC"], tags[b"gTRC"], tags[b"bTRC"])
        to_srgb = np.linalg.inv(_srgb_to_pcs()) @ colorants
        return _checked(MatrixProfile(curves, to_srgb.astype(np.float64)))
    except (KeyError, ValueError, IndexError, struct.error, np.linalg.LinAlgError):
        return None


def srgb_encoded(linear: Values) -> Values:
    """Apply the sRGB transfer function (IEC 61966-2-1) to light in [0, 1]."""
    curved = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curved)


def _encoded(linear: Tensor) -> Tensor:
    linear.clamp_(0, 1)
    curved = linear.clamp(min=0.0031308).pow_(1 / 2.4).mul_(1.055).sub_(0.055)
    return torch.where(linear <= 0.0031308, linear * 12.92, curved).clamp_(0, 1)


def _srgb_to_pcs() -> Values:
    """Linear sRGB to XYZ under D50: its primaries, with white adapted by Bradford's method."""
    primaries = np.stack([_xyz_of(*xy) for xy in _SRGB_PRIMARIES], axis=1)
    white = _xyz_of(*_D65)
    scaled = primaries * np.linalg.solve(primaries, white)
    gains = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    return np.linalg.solve(_BRADFORD, gains[:, None] * (_BRADFORD @ scaled))


def _xyz_of(x: float, y: float) -> Values:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _tags(profile: bytes) -> dict[bytes, bytes]:
    if profile[36:40] != b"acsp":
        raise ValueError("not an ICC profile")
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = (struct.unpack_from(">4sII", profile, 132 + 12 * n) for n in range(min(count, 200)))
    return {name: profile[at : at + size] for name, at, size in entries}


def _xyz(tag: bytes) -> Values:
    kind, x, y, z = struct.unpack_from(">4s4x3i", tag)
    if kind != b"XYZ ":
        raise ValueError("not a color")
    return np.array([x, y, z]) / 65536


def _checked(profile: MatrixProfile) -> MatrixProfile:
    """Evaluate every curve once, so that a damaged one is found here."""
    for curve in profile.curves:
        if not np.isfinite(_curve(curve, np.linspace(0, 1, 17))).all():
            raise ValueError("a curve without values")
    return profile


def _curve(tag: bytes, values: Values) -> Values:
    """Evaluate a tone curve at values in [0, 1]; the result is in [0, 1] too."""
    if tag[:4] == b"para":
        return _parametric(tag, values).clip(0, 1)
    if tag[:4] != b"curv":
        raise ValueError("not a curve")
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return values
    table = np.frombuffer(tag, ">u2", count, 12).astype(np.float64)
    if count == 1:
        return np.power(values, float(table[0]) / 256)
    return np.interp(values, np.linspace(0, 1, count), table / 65535)


def _parametric(tag: bytes, x: Values) -> Values:
    """Evaluate a parametric curve (ICC.1, table 68), all types as the most general one."""
    (kind,) = struct.unpack_from(">H", tag, 8)
    numbers = struct.unpack_from(f">{_PARAMETERS[kind]}i", tag, 12)
    g, a, b, c, d, e, f = _general(kind, [number / 65536 for number in numbers])
    power = np.maximum(a * x + b, 0.0)
    with np.errstate(all="ignore"):  # a negative exponent of zero; found as not finite
        return np.where(x >= d, power**g + e, c * x + f)


def _general(kind: int, p: list[float]) -> list[float]:
    """Fill in what a shorter type of parametric curve leaves out: y = (ax + b)^g + e, cx + f."""
    if kind == 0:
        return [p[0], 1, 0, 0, 0, 0, 0]
    if kind in (1, 2):
        offset = p[3] if kind == 2 else 0.0
        return [*p[:3], 0, -p[2] / p[1] if p[1] else 0.0, offset, offset]
    return [*p, 0.0, 0.0] if kind == 3 else p
