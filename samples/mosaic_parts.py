"""What the mosaic sample is set in, and the cartoon its parts are drawn on.

``PARTS`` tells which glass or stone each part takes and how big its tesserae are; a ``Cartoon``
holds a part number and a tone for every pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drawing import Array, grid, mask, stops


@dataclass(frozen=True)
class Part:
    """One kind of tesserae: colors, size as a share of the width, gloss 0..1, color spread."""

    colors: tuple[list[float], Array]
    size: float = 0.0135
    gloss: float = 0.35
    spread: float = 0.12


PARTS = {
    "gold": Part(
        stops((0, "8a5a14"), (0.35, "c8902a"), (0.7, "e8bd4c"), (1, "fbe9a0")), 0.0150, 1.0, 0.20
    ),
    "rim": Part(stops((0, "5a1420"), (0.5, "a8281e"), (1, "d65a30")), 0.0125, 0.3),
    "plume": Part(
        stops((0, "123c42"), (0.3, "17705e"), (0.6, "2fa46c"), (0.85, "8cc455"), (1, "dcd866")),
        0.0115,
        0.4,
    ),
    "quill": Part(stops((0, "9a6a1c"), (1, "f0cf6a")), 0.0100, 0.8),
    "ring": Part(stops((0, "b07818"), (0.5, "e3ae3a"), (1, "fae392")), 0.0098, 0.9),
    "iris": Part(stops((0, "0e5f86"), (0.5, "1f9fb4"), (1, "7fdcd0")), 0.0105, 0.5),
    "pupil": Part(stops((0, "101a66"), (1, "2c48c8")), 0.0110, 0.6),
    "neck": Part(
        stops((0, "0e1858"), (0.35, "1a40b4"), (0.65, "2a78dc"), (0.88, "54c0e4"), (1, "c0f4ec")),
        0.0092,
        0.5,
        0.09,
    ),
    "scale": Part(stops((0, "0a2f6a"), (0.5, "12809a"), (1, "4fd0b4")), 0.0090, 0.5),
    "face": Part(stops((0, "e8dfc8"), (1, "fffaf0")), 0.0075, 0.2, 0.3),
    "dark": Part(stops((0, "0a0a14"), (1, "23203a")), 0.0075, 0.6),
    "beak": Part(stops((0, "b88a3a"), (1, "f4d890")), 0.0090, 0.3),
    "leg": Part(stops((0, "b0461a"), (1, "f0a44a")), 0.0085, 0.3),
    "meadow": Part(
        stops((0, "1d4a2c"), (0.4, "3f8036"), (0.75, "82ae44"), (1, "c4d070")), 0.0140, 0.15, 0.18
    ),
    "vine": Part(stops((0, "3a2210"), (0.5, "7a4a20"), (1, "b98a4a")), 0.0100, 0.2),
    "leaf": Part(stops((0, "3f7a1c"), (0.5, "86b42e"), (1, "d8e06a")), 0.0100, 0.3),
    "grape": Part(stops((0, "2a0f44"), (0.5, "6a2a86"), (1, "b878c4")), 0.0085, 0.5),
    "petal": Part(stops((0, "c8281e"), (0.5, "e8543a"), (1, "f8a07a")), 0.0092, 0.3),
    "white": Part(stops((0, "cfc4ae"), (1, "fbf6e8")), 0.0100, 0.15, 0.3),
    "border": Part(stops((0, "121d66"), (0.5, "2440a6"), (1, "4a74d0")), 0.0125, 0.45),
    "lozenge": Part(stops((0, "a02418"), (1, "d8502c")), 0.0110, 0.3),
}
NAMES = list(PARTS)


class Cartoon:
    """Part numbers and tones, to be painted from the back to the front."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        """Start empty; the size is in pixels."""
        self.width, self.height, self.rng = width, height, rng
        self.x, self.y = grid(width, height)
        self.part: NDArray[np.int_] = np.zeros((height, width), int)
        self.tone = np.zeros((height, width), np.float32)

    def paint(self, name: str, where: Array, tone: Array | float) -> None:
        """Give the covered pixels to a part."""
        inside = where > 0.5
        self.part[inside] = NAMES.index(name)
        self.tone[inside] = np.broadcast_to(tone, self.part.shape)[inside]

    def shape(self, *polygons: Array) -> Array:
        """Cover polygons."""
        return mask(self.width, self.height, polygons)


def ribbon(path: Array, start: float, end: float) -> Array:
    """Polygon along a path whose half width changes from ``start`` to ``end``."""
    step = np.gradient(path, axis=0)
    side = np.stack([-step[:, 1], step[:, 0]], axis=1) / (np.hypot(*step.T)[:, None] + 1e-9)
    half = np.linspace(start, end, len(path))[:, None]
    return np.concatenate([path + side * half, (path - side * half)[::-1]]).astype(np.float32)
