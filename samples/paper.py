"""Paper and brush helpers shared by the watercolor and the ink sample.

Noise and blur work through the FFT, so a noise field tiles without a seam; outlines are arrays
of points in shares of the picture's width, as everywhere in these scripts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array = NDArray[np.float32]
Window = tuple[slice, slice]
TILE = 1024


def smooth(x: Array, low: float, high: float) -> Array:
    """Smooth step from 0 at ``low`` to 1 at ``high``."""
    t = ((x - low) / (high - low)).clip(0, 1)
    return t * t * (3 - 2 * t)


def noise(
    shape: tuple[int, int], size: float, rng: np.random.Generator, stretch: float = 1.0
) -> Array:
    """Fractal noise of unit variance whose largest features span about ``size`` pixels.

    ``stretch`` above 1 draws the features out sideways.
    """
    fy = np.fft.fftfreq(shape[0])[:, None]
    fx = np.fft.rfftfreq(shape[1])[None, :] * stretch
    gain = (1 + (np.hypot(fx, fy) * size) ** 2) ** -1.15
    gain[0, 0] = 0
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal(shape)) * gain, shape)
    return (field / field.std()).astype(np.float32)


def blur(field: Array, sigma: float) -> Array:
    """Gaussian blur; the picture's edge is continued outward."""
    pad = int(3 * sigma) + 1
    wide = np.pad(field, pad, mode="edge")
    fy = np.fft.fftfreq(wide.shape[0])[:, None]
    fx = np.fft.rfftfreq(wide.shape[1])[None, :]
    gain = np.exp(-2 * (np.pi * sigma) ** 2 * (fx**2 + fy**2))
    out = np.fft.irfft2(np.fft.rfft2(wide) * gain, wide.shape)
    return out[pad:-pad, pad:-pad].astype(np.float32)


def tooth(shape: tuple[int, int], size: float, rng: np.random.Generator) -> Array:
    """Height of a rough sheet of paper, evenly spread over 0..1."""
    bumps = noise(shape, size, rng) + 0.45 * noise(shape, size * 0.4, rng)
    bumps += 0.25 * noise(shape, size * 5, rng, 2.0)
    return (0.5 + 0.5 * np.tanh(bumps / bumps.std() * 0.85)).astype(np.float32)


class Tiles:
    """Ready-made seamless noise in several sizes, cut out at a random place for each mark."""

    def __init__(self, unit: float, rng: np.random.Generator) -> None:
        """Prepare tiles with features of 3 to 200 ``unit`` pixels."""
        self.sizes = np.array([3, 8, 20, 60, 200]) * unit
        self.fields = [noise((TILE, TILE), size, rng) for size in self.sizes]
        self.rng = rng

    def cut(self, shape: tuple[int, int], size: float) -> Array:
        """Take a piece with features close to ``size`` pixels."""
        field = self.fields[int(np.abs(np.log(self.sizes / max(size, 0.1))).argmin())]
        top, left = self.rng.integers(0, TILE, 2)
        rows = np.arange(top, top + shape[0]) % TILE
        return field[rows[:, None], np.arange(left, left + shape[1]) % TILE]


def window(points: Array, margin: float, shape: tuple[int, ...]) -> Window | None:
    """Pixel window around ``points``, or None if it lies outside the picture."""
    low = np.floor(points.min(axis=0) - margin).astype(int).clip(0)
    high = np.ceil(points.max(axis=0) + margin).astype(int)
    high = np.minimum(high, (shape[1], shape[0]))
    if (high - low).min() < 2:
        return None
    return slice(low[1], high[1]), slice(low[0], high[0])


def fill(outline: Array, place: Window) -> Array:
    """Rasterize a closed outline (pixels) inside a window."""
    rows, columns = place
    image = Image.new("L", (columns.stop - columns.start, rows.stop - rows.start))
    points = (outline - (columns.start, rows.start)).ravel().tolist()
    ImageDraw.Draw(image).polygon(points, fill=255)
    return np.asarray(image, np.float32) / 255


def spline(points: Array | list[tuple[float, float]], count: int = 24) -> Array:
    """Smooth curve through a few points (Catmull-Rom), evenly sampled."""
    p = np.asarray(points, np.float64)
    p = np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
    u = np.linspace(0, len(p) - 3 - 1e-6, count)
    k = u.astype(int)
    t = (u - k)[:, None]
    a, b, c, d = p[k], p[k + 1], p[k + 2], p[k + 3]
    curve = b + t * (c - a) / 2 + t**2 * (a - 2.5 * b + 2 * c - d / 2)
    return (curve + t**3 * (1.5 * (b - c) + (d - a) / 2)).astype(np.float32)


def blade(line: Array, half: Array) -> Array:
    """Outline of a leaf, petal or stem: a center line with a half width at each point."""
    run = np.gradient(line, axis=0)
    side = np.stack([-run[:, 1], run[:, 0]], axis=1)
    side /= np.hypot(side[:, 0], side[:, 1])[:, None] + 1e-9
    offset = side * np.asarray(half)[:, None]
    return np.concatenate([line + offset, (line - offset)[::-1]]).astype(np.float32)


def blob(x: float, y: float, rx: float, ry: float, rng: np.random.Generator) -> Array:
    """Outline of an irregular round spot."""
    turn = np.linspace(0, 2 * np.pi, 22, endpoint=False)
    wave = sum(
        rng.normal(0, 0.22 / k) * np.cos(k * turn + rng.uniform(0, 6.3)) for k in range(2, 6)
    )
    radius = 1 + np.asarray(wave)
    spot = np.stack([x + rx * radius * np.cos(turn), y + ry * radius * np.sin(turn)], axis=1)
    return spot.astype(np.float32)


def under(top: Callable[[Array], Array], bottom: Callable[[Array], Array]) -> Array:
    """Outline of the band between two lines across the whole picture."""
    xs = np.linspace(-0.05, 1.05, 260)
    upper = np.stack([xs, top(xs)], axis=1)
    lower = np.stack([xs, bottom(xs)], axis=1)[::-1]
    return np.concatenate([upper, lower]).astype(np.float32)
