"""Paint the style sample: a dusk landscape built from flow-following oil strokes.

Nothing is copied from an existing picture. A small procedural scene gives every point a color
and a direction; the painter then lays thousands of bristly strokes on the canvas, from a big
brush to a fine one, and the paint's thickness is lit from the side at the end.

Usage: python samples/strokes.py OUT.jpg
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from strokes_marks import accents
from strokes_scene import DEPTH, Scene

Array = NDArray[np.float32]
WIDTH, HEIGHT, SCALE = 768, 614, 2
SEED = 20


@dataclass(frozen=True)
class Pass:
    """One layer of strokes: brush radius and stroke length are shares of the canvas width."""

    radius: float
    length: float
    spacing: float
    jitter: float
    thickness: float


PASSES = (
    Pass(0.022, 0.17, 0.22, 0.045, 0.5),
    Pass(0.0115, 0.13, 0.42, 0.075, 0.8),
    Pass(0.0066, 0.090, 0.62, 0.095, 1.0),
    Pass(0.0042, 0.055, 1.30, 0.120, 1.1),
)


class Canvas:
    """Wet paint: linear color and thickness for every pixel."""

    def __init__(self, width: int, height: int) -> None:
        """Start from a warm ground, which shows through between strokes."""
        self.color = np.empty((height, width, 3), np.float32)
        self.color[:] = (0.36, 0.20, 0.10)
        self.height = np.zeros((height, width), np.float32)

    def stroke(
        self, path: Array, radius: float, color: Array, thick: float, rng: np.random.Generator
    ) -> None:
        """Drag a bristle brush along ``path`` (pixels), leaving color and ridges of paint."""
        low = np.floor(path.min(axis=0) - radius - 1).astype(int).clip(0)
        high = np.ceil(path.max(axis=0) + radius + 2).astype(int)
        window = (slice(low[1], high[1]), slice(low[0], high[0]))
        patch = self.color[window]
        if patch.size == 0:
            return
        along, across = stroke_coordinates(path, low, patch.shape[:2])
        reach = float(np.hypot(*np.diff(path, axis=0).T).sum()) / radius
        cover, ridge, tone = bristles(along, across / radius, max(reach, 0.5), rng)
        mask = cover[..., None]
        patch += mask * (color * tone[..., None] - patch)
        relief = self.height[window]
        relief += cover * (0.55 * relief + thick * radius * ridge - relief)


def stroke_coordinates(
    path: Array, origin: NDArray[np.int_], shape: tuple[int, ...]
) -> tuple[Array, Array]:
    """Give each pixel of a window its position along the path (0..1) and signed offset."""
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    xs, ys = xs + origin[0], ys + origin[1]
    best = np.full(shape, np.inf, np.float32)
    along, across = np.zeros(shape, np.float32), np.full(shape, 1e6, np.float32)
    count = len(path) - 1
    for index, (start, end) in enumerate(pairwise(path)):
        step = end - start
        size = float(step @ step) + 1e-6
        dx, dy = xs - start[0], ys - start[1]
        t = ((dx * step[0] + dy * step[1]) / size).clip(0, 1)
        gap = (dx - t * step[0]) ** 2 + (dy - t * step[1]) ** 2
        nearer = gap < best
        best = np.where(nearer, gap, best)
        side = np.sign(dx * step[1] - dy * step[0])
        along = np.where(nearer, (index + t) / count, along)
        across = np.where(nearer, side * np.sqrt(gap), across)
    return along, across


def bristles(
    along: Array, across: Array, reach: float, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Return coverage, paint ridge and tone of a brush mark at the given coordinates.

    ``reach`` is the mark's length in brush radii, needed for its round ends. Each hair keeps its
    own load of paint: it draws one long groove, and runs dry at its own point near the end of
    the stroke, which gives the ragged tail.
    """
    tip = np.minimum(along * reach, (1 - along) * reach * 0.6).clip(0.0, 1)
    across = across / np.sqrt(1 - (1 - tip) ** 2 + 1e-4)
    hairs = rng.random(64).astype(np.float32)
    fine = np.interp(across, np.linspace(-1, 1, 64), hairs).astype(np.float32)
    coarse = np.interp(across, np.linspace(-1, 1, 9), rng.random(9)).astype(np.float32)
    hair = 0.6 * fine + 0.4 * coarse
    start = (along - 0.04 * fine) * 30
    end = (1.0 - 0.30 * hair * min(reach / 6, 1) - along) * 14
    edge = (1.0 - np.abs(across) - 0.12 * fine) * 7
    cover = np.minimum(np.minimum(start, end), edge).clip(0, 1) * (0.80 + 0.2 * coarse)
    rim = np.exp(-(((np.abs(across) - 0.82) / 0.16) ** 2))
    ridge = 0.35 + 0.75 * hair + 0.35 * rim + 0.5 * np.exp(-along * 9)
    tone = 0.86 + 0.28 * hair
    return cover, ridge, tone


def trace(scene: Scene, start: Array, length: float, rng: np.random.Generator) -> Array:
    """Follow the flow field both ways from ``start``, without leaving its part of the scene."""
    place, tilt = scene.region(*start), rng.normal(0, 0.09)
    back = walk(scene, start, -length / 2, place, tilt)
    ahead = walk(scene, start, length / 2, place, tilt)
    points = [*back[::-1], start, *ahead]
    if len(points) == 1:
        points.append(start + scene.direction(start) * np.float32(length / 8))
    return np.asarray(points, np.float32)


def walk(scene: Scene, start: Array, length: float, place: str, tilt: float) -> list[Array]:
    """Take up to four steps along the flow; a negative length walks against it."""
    steps, points, last = 4, [], start
    heading = scene.direction(start)
    for _ in range(steps):
        flow = scene.direction(last)
        heading = flow if float(flow @ heading) >= 0 else -flow
        last = last + rotate(heading, tilt) * np.float32(length / steps)
        beyond = scene.region(*last)
        if DEPTH[beyond] >= DEPTH[place]:
            points.append(last)
        if beyond != place:
            break
    return points


def rotate(vector: Array, angle: float) -> Array:
    """Turn a 2-D vector by ``angle`` radians."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([c * vector[0] - s * vector[1], s * vector[0] + c * vector[1]], np.float32)


def broken_color(color: Array, jitter: float, rng: np.random.Generator) -> Array:
    """Vary a scene color as a painter does: value first, then a warm or cool push."""
    value = max(1 + rng.normal(0, jitter * 1.6), 0.74)
    warm = rng.normal(0, jitter) * np.array([1.0, 0.25, -1.0])
    gray = color.mean()
    vivid = gray + (color - gray) * (1.15 + rng.normal(0, jitter))
    return (vivid * value + warm * 0.55 * (0.25 + gray)).clip(0.01, 1).astype(np.float32)


def paint_pass(canvas: Canvas, scene: Scene, layer: Pass, rng: np.random.Generator) -> None:
    """Cover the canvas with one layer of strokes in random order."""
    aspect = HEIGHT / WIDTH
    pixels = WIDTH * SCALE
    for start in stations(scene, layer, aspect, rng):
        size = scene.brush(start) * float(np.exp(rng.normal(0, 0.30)))
        length = layer.length * size * rng.uniform(0.6, 1.15)
        path = trace(scene, start, length, rng)
        color = broken_color(scene.color(start), layer.jitter, rng)
        radius = layer.radius * min(size, 1.3) * pixels
        load = layer.thickness * (0.55 + 0.9 * float(color.mean()))
        canvas.stroke(path * pixels, radius, color, load, rng)


def stations(scene: Scene, layer: Pass, aspect: float, rng: np.random.Generator) -> list[Array]:
    """Stroke starts: a jittered grid in random order, far parts of the scene first."""
    step = (layer.radius * layer.length * 0.8 * layer.spacing) ** 0.5
    xs, ys = np.meshgrid(np.arange(-0.03, 1.03, step), np.arange(-0.03, aspect + 0.03, step))
    grid = np.stack([xs.ravel(), ys.ravel()], axis=1)
    grid = (grid + rng.uniform(-0.6, 0.6, grid.shape) * step).astype(np.float32)
    order = rng.permutation(len(grid))
    return sorted(grid[order], key=lambda point: DEPTH[scene.region(*point)])


def finish(canvas: Canvas, scene: Scene, rng: np.random.Generator) -> None:
    """Draw the scene's own lines (outlines, windows, flowers) over the layers."""
    pixels = WIDTH * SCALE
    for path, radius, color in accents(scene, rng):
        canvas.stroke(path * pixels, radius * pixels, color, 1.3, rng)


def light(canvas: Canvas) -> Array:
    """Shade the paint relief with a lamp at the upper left, and add a little gloss."""
    gy, gx = np.gradient(canvas.height)
    slope = (gx + gy) * 0.55
    shade = 1 + 0.34 * np.tanh(slope * 0.9)
    gloss = np.exp(-(((slope - 1.1) / 0.45) ** 2)) * 0.07
    glaze = np.array([1.02, 0.985, 0.94], np.float32)
    return (canvas.color * glaze * shade[..., None] + gloss[..., None]).clip(0, 1)


def paint(seed: int = SEED) -> Image.Image:
    """Paint the whole picture and return it at its final size."""
    rng = np.random.default_rng(seed)
    scene = Scene()
    canvas = Canvas(WIDTH * SCALE, HEIGHT * SCALE)
    for layer in PASSES:
        paint_pass(canvas, scene, layer, rng)
    finish(canvas, scene, rng)
    lit = (light(canvas) * 255 + 0.5).astype(np.uint8)
    return Image.fromarray(lit).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def main(arguments: list[str]) -> int:
    """Write the picture to the path given on the command line."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    paint().save(Path(arguments[0]), quality=88, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
