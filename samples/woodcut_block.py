"""Wood blocks of the print: one gray picture per ink, which knives and gouges work on.

A block starts empty (carved away). ``ink`` leaves wood standing, which will print; ``gouge``
cuts a tapered groove along a path, or, with ``value`` 255, leaves a tapered ridge.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageDraw

from drawing import Array

ZOOM = 2


class Block:
    """One carved plank, twice as fine as the printed sheet."""

    def __init__(self, width: int, height: int) -> None:
        """Start with nothing left standing; the size is the sheet's, in pixels."""
        self.width, self.height = width, height
        self.image = Image.new("L", (width * ZOOM, height * ZOOM))
        self.pen = ImageDraw.Draw(self.image)

    def ink(self, polygon: Array, value: int = 255) -> None:
        """Leave a shape standing (or, with ``value`` 0, carve it away)."""
        scale = self.width * ZOOM
        self.pen.polygon([(float(x) * scale, float(y) * scale) for x, y in polygon], fill=value)

    def gouge(self, path: Array, width: float, value: int = 0) -> None:
        """One stroke of the gouge: enters sharp, swells, and leaves a rounder end."""
        if len(path) > 1 and width > 0:
            self.ink(lens(path, width), value)

    def standing(self) -> Array:
        """Share of every sheet pixel that prints."""
        small = self.image.resize((self.width, self.height), Image.Resampling.BOX)
        return np.asarray(small, np.float32) / 255


Blocks = dict[str, Block]


def clear(blocks: Blocks, polygon: Array) -> None:
    """Carve a shape out of all blocks, so that bare paper is left."""
    for block in blocks.values():
        block.ink(polygon, 0)


def lens(path: Array, width: float) -> Array:
    """Outline of a groove that swells along a path."""
    path = np.asarray(path, np.float32)
    t = np.linspace(0, 1, len(path), dtype=np.float32)
    half = 0.5 * width * np.minimum(np.minimum(t / 0.45, (1 - t) / 0.22) + 0.04, 1) ** 0.7
    return outline(path, half)


def outline(path: Array, half: Array | float) -> Array:
    """Polygon around a path of the given half widths."""
    step = np.gradient(np.asarray(path, np.float32), axis=0)
    side = np.stack([-step[:, 1], step[:, 0]], axis=1) / (np.hypot(*step.T)[:, None] + 1e-9)
    reach = np.broadcast_to(np.asarray(half, np.float32), len(path))[:, None]
    return np.concatenate([path + side * reach, (path - side * reach)[::-1]])


def pieces(path: Array, length: float, gap: float, rng: np.random.Generator) -> Iterable[Array]:
    """Break a path into strokes of about the given length, with small gaps between them."""
    reach = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    at = -length * rng.random()
    while at < reach[-1]:
        end = at + length * rng.uniform(0.5, 1.4)
        low, high = max(at, 0.0), min(end, float(reach[-1]))
        if high - low > 0.15 * length:
            even = np.linspace(low, high, max(int((high - low) / 0.006), 5))
            yield np.stack([np.interp(even, reach, path[:, k]) for k in (0, 1)], axis=1)
        at = end + gap * rng.uniform(0.3, 1.6)
