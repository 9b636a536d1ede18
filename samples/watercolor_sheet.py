"""Transparent watercolor on rough paper: washes, pooling edges, granulation, backruns, glazes.

The sheet keeps the optical density of the pigment for red, green and blue. A glaze adds
density, so layers multiply as light passes through them, and paint never covers what is below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from paper import Array, Tiles, Window, blur, fill, noise, smooth, tooth, window
from strokes_scene import rgb

PAPER = rgb("fdf8ec")


def pigment(code: str) -> Array:
    """Absorption of a pigment, from its color as a full-strength wash on white."""
    return -np.log(rgb(code).clip(0.025, 0.985))


@dataclass(frozen=True)
class Look:
    """How a wash dries. Lengths are shares of the picture's width.

    ``soft``: share of wet, fading edge; ``ragged``: how far its edge strays; ``rim``: pigment
    pooled at the edge; ``grain``: pigment settled in the paper; ``dry``: paper left bare by a
    dry brush; ``lift``: paint below kept out of the shape; ``drift``: unevenness of the wash.
    """

    soft: float = 0.10
    ragged: float = 0.004
    rim: float = 0.75
    grain: float = 0.40
    dry: float = 0.0
    lift: float = 0.0
    drift: float = 0.30


Axis = tuple[tuple[float, float], tuple[float, float]]


class Sheet:
    """A stretched sheet of paper with the pigment on it."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        """Start with bare paper."""
        self.px, self.rng = width, rng
        self.density = np.zeros((height, width, 3), np.float32)
        self.tooth = tooth((height, width), width * 0.0042, rng)
        self.tiles = Tiles(width / 1536, rng)

    def field(self, size: float, stretch: float = 1.0) -> Array:
        """Noise over the whole sheet, with features of ``size`` shares of the width."""
        return noise(self.density.shape[:2], size * self.px, self.rng, stretch)

    def grid(self) -> tuple[Array, Array]:
        """Coordinates of every pixel, in shares of the width."""
        height, width = self.density.shape[:2]
        ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
        return xs / self.px, ys / self.px

    def flood(self, amount: Array, first: Array, second: Array, mix: Array) -> None:
        """Lay a wash over the whole sheet; ``mix`` (0..1) blends two pigments wet in wet."""
        settle = 1 + 0.40 * (0.5 - self.tooth)
        mix = mix.clip(0, 1)[..., None]
        self.density += (amount * settle)[..., None] * (first + mix * (second - first))

    def wash(
        self,
        outline: Array,
        first: Array,
        second: Array,
        strength: float,
        look: Look = Look(),
        axis: Axis | None = None,
    ) -> None:
        """Paint one shape; the pigment turns from ``first`` to ``second`` along ``axis``."""
        points = outline * np.float32(self.px)
        sigma = max(look.ragged * self.px, 0.8)
        place = window(points, 3 * sigma + 2, self.density.shape)
        if place is None:
            return
        depth = blur(fill(points, place), sigma) - 0.5
        depth += 0.14 * self.tiles.cut(depth.shape, sigma * 3.0)
        depth += 0.07 * self.tiles.cut(depth.shape, sigma)
        load = self.settled(depth, sigma, place, look)
        mix = self.mixture(place, axis)[..., None]
        if look.lift:
            keep = smooth(depth, -0.22, -0.02)[..., None]
            self.density[place] *= 1 - look.lift * keep
        self.density[place] += strength * load[..., None] * (first + mix * (second - first))

    def settled(self, depth: Array, sigma: float, place: Window, look: Look) -> Array:
        """Pigment left at each pixel once a wash with this edge profile has dried."""
        edge = max(look.soft, 0.4 / sigma)
        body = smooth(depth, -edge, edge)
        inside = (depth * 2.5 * sigma).clip(0) / (0.0011 * self.px)
        rim = look.rim * (np.exp(-(inside**2)) + 0.45 * np.exp(-inside / 3.5))
        rim = rim * (0.65 + 0.45 * self.tiles.cut(depth.shape, self.px * 0.02)).clip(0, 2)
        uneven = look.drift * self.tiles.cut(depth.shape, self.px * 0.045)
        uneven += 0.4 * look.drift * self.tiles.cut(depth.shape, self.px * 0.012)
        grain = look.grain * (0.5 - self.tooth[place]) * 1.1
        load = (1 + uneven).clip(0.35, 2.2) * (0.82 + rim) * (1 + grain)
        if look.dry:
            reach = self.tooth[place] + 0.16 * self.tiles.cut(depth.shape, self.px * 0.02)
            load = load * smooth(reach, look.dry - 0.10, look.dry + 0.10)
        return body * load

    def mixture(self, place: Window, axis: Axis | None) -> Array:
        """Share of the second pigment at each pixel of a window."""
        rows, columns = place
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        mix = 0.22 * self.tiles.cut(shape, self.px * 0.03)
        if axis is None:
            return (mix * 1.6 + 0.5).clip(0, 1)
        (x0, y0), (x1, y1) = axis
        ys = np.arange(rows.start, rows.stop)[:, None] / self.px - y0
        xs = np.arange(columns.start, columns.stop)[None, :] / self.px - x0
        size = (x1 - x0) ** 2 + (y1 - y0) ** 2 + 1e-9
        return (mix + (xs * (x1 - x0) + ys * (y1 - y0)) / size).clip(0, 1).astype(np.float32)

    def backrun(self, x: float, y: float, radius: float, push: float) -> None:
        """Let a drop of clear water push pigment outward into a crinkled, dark border."""
        reach = radius * self.px
        center = np.array([[x, y]], np.float32) * self.px
        place = window(center, 1.9 * reach, self.density.shape)
        if place is None:
            return
        ys, xs = np.mgrid[place].astype(np.float32)
        gap = np.hypot(xs - center[0, 0], (ys - center[0, 1]) * 1.15) / reach
        crinkle = np.abs(self.tiles.cut(gap.shape, reach * 0.35))
        gap = gap + 0.20 * crinkle + 0.16 * self.tiles.cut(gap.shape, reach * 1.2)
        gap += 0.05 * self.tiles.cut(gap.shape, reach * 0.1)
        inside = smooth(gap, 1.06, 0.92)
        rim = np.exp(-(((gap - 0.97) / 0.045) ** 2)) + 0.4 * inside * smooth(gap, 0.6, 1.0)
        self.density[place] *= (1 - push * 0.70 * inside + push * 0.95 * rim)[..., None]

    def lift(self, amount: Array) -> None:
        """Take paint off the whole sheet with a damp brush; ``amount`` is 0..1."""
        self.density *= (1 - amount.clip(0, 1))[..., None]

    def picture(self) -> Array:
        """Look at the sheet in daylight: paper color, pigment and a hint of the paper's relief."""
        gy, gx = np.gradient(blur(self.tooth, 0.0009 * self.px))
        relief = 1 + 0.26 * np.tanh((gx + gy) * 0.9)
        deep = 2.3 * (1 - np.exp(-self.density / 2.3))
        return (PAPER * relief[..., None] * np.exp(-deep)).clip(0, 1)
