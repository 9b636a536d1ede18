"""Helpers the woodcut, mosaic and pointillist samples share: noise, curves, masks, saving.

Pictures are drawn in shares of the canvas width: x runs 0..1, y runs 0..aspect downward.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from strokes_scene import rgb, stops

__all__ = [
    "blend",
    "disk",
    "grid",
    "mask",
    "noise",
    "ramp",
    "rgb",
    "save",
    "soften",
    "spline",
    "stops",
]

Array = NDArray[np.float32]
Point = tuple[float, float]


def grid(width: int, height: int) -> tuple[Array, Array]:
    """Coordinates of every pixel's center, in shares of the width."""
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    return (xs + 0.5) / width, (ys + 0.5) / width


def ramp(table: tuple[list[float], Array], t: Array | float) -> Array:
    """Blend along color stops for a whole array of positions."""
    places, colors = table
    return np.stack([np.interp(t, places, colors[:, k]) for k in range(3)], axis=-1).astype("f4")


def blend(base: Array, over: Array, share: Array | float) -> Array:
    """Mix ``over`` into ``base``; a 2-D share is spread over the color channels."""
    share = np.asarray(share, np.float32)
    return base + (over - base) * (share[..., None] if share.ndim == 2 else share)


def noise(
    shape: tuple[int, int],
    cell: float | tuple[float, float],
    rng: np.random.Generator,
    octaves: int = 1,
) -> Array:
    """Smooth noise of about unit spread; ``cell`` is the size of a bump in pixels (or y, x)."""
    cell_y, cell_x = cell if isinstance(cell, tuple) else (cell, cell)
    total, weight = np.zeros(shape, np.float32), 1.0
    for _ in range(octaves):
        rows = max(round(shape[0] / cell_y), 1) + 3
        columns = max(round(shape[1] / cell_x), 1) + 3
        lattice = Image.fromarray(rng.normal(0, 1, (rows, columns)).astype(np.float32))
        right = min(1.0 + shape[1] / cell_x, columns - 1.0)
        box = (1.0, 1.0, right, min(1.0 + shape[0] / cell_y, rows - 1.0))
        size = (shape[1], shape[0])
        total += weight * np.asarray(lattice.resize(size, Image.Resampling.BICUBIC, box))
        weight, cell_y, cell_x = weight * 0.5, max(cell_y / 2, 1), max(cell_x / 2, 1)
    return total / max(float(total.std()), 1e-6)


def spline(points: Sequence[Point], count: int = 60, closed: bool = False) -> Array:
    """Smooth curve through the points, sampled evenly by length."""
    knots = np.asarray(points, np.float64)
    if closed:
        knots = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        knots = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    t = np.linspace(0, 1, 24, endpoint=False)[:, None]
    pieces = []
    for k in range(1, len(knots) - 2):
        a, b, c, d = knots[k - 1 : k + 3]
        pieces.append(
            b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
        )
    curve = np.concatenate([*pieces, knots[-2:-1]])
    reach = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
    even = np.linspace(0, reach[-1], count)
    return np.stack([np.interp(even, reach, curve[:, k]) for k in (0, 1)], axis=1).astype("f4")


def mask(width: int, height: int, shapes: Iterable[Sequence[Point] | Array]) -> Array:
    """Cover the given polygons (shares of the width) with ones, with smooth edges."""
    zoom = 2
    image = Image.new("L", (width * zoom, height * zoom))
    pen = ImageDraw.Draw(image)
    for shape in shapes:
        pen.polygon(
            [(float(x) * width * zoom, float(y) * width * zoom) for x, y in shape], fill=255
        )
    small = image.resize((width, height), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255


def disk(x: float, y: float, rx: float, ry: float | None = None, tilt: float = 0.0) -> Array:
    """Polygon of an ellipse."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    across, down = rx * np.cos(turn), (rx if ry is None else ry) * np.sin(turn)
    c, s = np.cos(tilt), np.sin(tilt)
    return np.stack([x + c * across - s * down, y + s * across + c * down], axis=1).astype("f4")


def soften(field: Array, radius: float) -> Array:
    """Blur a 2-D array or a color image by shrinking it and growing it again."""
    if field.ndim == 3:
        return np.stack([soften(field[..., k], radius) for k in range(field.shape[2])], axis=-1)
    image = Image.fromarray(np.ascontiguousarray(field, np.float32))
    small = (max(round(image.width / radius), 2), max(round(image.height / radius), 2))
    shrunk = image.resize(small, Image.Resampling.BOX)
    return np.asarray(shrunk.resize(image.size, Image.Resampling.BICUBIC), np.float32)


def save(picture: Array, size: tuple[int, int], path: str, limit: int = 245_000) -> None:
    """Write a picture at its final size, as a JPEG of the best quality that fits the limit."""
    pixels = (picture.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    image = Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS)
    for quality in range(92, 50, -2):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= limit:
            break
    Path(path).write_bytes(buffer.getvalue())


def main(arguments: list[str], usage: str, write: Callable[[str], None]) -> int:
    """Write a picture to the path given on the command line; return the exit code."""
    if len(arguments) != 1:
        print(usage, file=sys.stderr)
        return 2
    write(arguments[0])
    return 0
