"""Paint the pointillist style sample: a riverside built from dots of nearly pure color.

Nothing is copied from an existing picture. ``points_scene.py`` gives every point a color and a
direction; here each color is divided among the pure pigments whose mixture in the eye comes
close to it, and laid as dots and short dabs in four sizes on a warm ground.

Usage: python samples/points.py OUT.jpg
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from drawing import Array, main, noise, rgb, save
from points_scene import cartoon
from strokes import Canvas, light

WIDTH, HEIGHT, SCALE = 768, 600, 2
SEED = 7
# Pigments as they leave the tube, and tints of them with white.
PIGMENTS = """
    141d5e 1c3fa6 2f6fd6 62a9ea a9d4f2 0f6b78 1fa39a 7fd3c0 0f5a36 2f9a3e
    86c43c c9de4a fff05a ffd21f ffe99a ffb21f ff8426 ffb98a e8402a b3203a
    f27a8c f7bcc4 5a2a8c 8f5cc4 c3a4e4 fff8e6 f3dfb2 8a4a2a
"""
PALETTE = np.array([rgb(code) for code in PIGMENTS.split()])


@dataclass(frozen=True)
class Layer:
    """One pass of dots; sizes are shares of the width, ``cover`` is paint per unit of area."""

    radius: float
    stretch: float
    cover: float
    purity: float
    spread: float
    load: float


LAYERS = (
    Layer(0.0068, 1.9, 1.15, 0.30, 0.05, 0.5),
    Layer(0.0046, 1.5, 0.90, 0.66, 0.12, 0.8),
    Layer(0.0033, 1.2, 0.85, 0.84, 0.155, 1.0),
    Layer(0.0023, 1.1, 0.46, 0.92, 0.19, 1.1),
)


def divide(target: Array, layer: Layer, rng: np.random.Generator) -> Array:
    """Choose a pigment for every dot, likelier the nearer it is to the color, made more vivid."""
    gray = target.mean(axis=1, keepdims=True)
    vivid = gray + (target - gray) * 1.35
    weight = np.array([0.9, 1.2, 0.8])
    gap = (((vivid[:, None] - PALETTE[None]) ** 2) * weight).sum(axis=2)
    draw = rng.gumbel(0, 1, gap.shape)
    choice = PALETTE[np.argmax(draw - gap / layer.spread**2, axis=1)]
    mixed = vivid + (choice - vivid) * layer.purity
    return (mixed * rng.normal(1, 0.035, (len(mixed), 1))).clip(0.02, 1).astype(np.float32)


def stations(layer: Layer, rng: np.random.Generator) -> Array:
    """Dot centers: a loosely jittered lattice in random order, past every edge."""
    step = layer.radius * (np.pi * layer.stretch / layer.cover) ** 0.5
    xs, ys = np.meshgrid(
        np.arange(-0.01, 1.01, step), np.arange(-0.01, HEIGHT / WIDTH + 0.01, step * 0.9)
    )
    xs[1::2] += step / 2
    spots = np.stack([xs.ravel(), ys.ravel()], axis=1)
    spots += rng.normal(0, 0.30 * step, spots.shape)
    return rng.permutation(spots).astype(np.float32)


def dab(
    canvas: Canvas,
    spot: Array,
    size: tuple[float, float],
    turn: float,
    color: Array,
    load: float,
    wobble: Array,
) -> None:
    """Press one dot of paint: an uneven rounded blot with a raised rim."""
    reach = int(np.ceil(max(size) * 1.25)) + 1
    left, top = int(spot[0]) - reach, int(spot[1]) - reach
    rows = slice(max(top, 0), max(top + 2 * reach + 1, 0))
    columns = slice(max(left, 0), max(left + 2 * reach + 1, 0))
    patch = canvas.color[rows, columns]
    if patch.size == 0:
        return
    ys = np.arange(rows.start, rows.start + patch.shape[0], dtype=np.float32)[:, None] - spot[1]
    xs = np.arange(columns.start, columns.start + patch.shape[1], dtype=np.float32)[None] - spot[0]
    c, s = np.cos(turn), np.sin(turn)
    u, v = (c * xs + s * ys) / size[0], (c * ys - s * xs) / size[1]
    gap = (np.abs(u) ** 2.5 + np.abs(v) ** 2.5) ** 0.4 + wobble[0] * u * v + wobble[1] * u * u * v
    cover = ((1 - gap) * min(size) * 0.8 + 0.5).clip(0, 0.97)
    patch += cover[..., None] * (color - patch)
    ridge = (0.75 + 0.45 * gap**2 + 0.25 * wobble[2] * v) * load * min(size) * 0.30
    relief = canvas.height[rows, columns]
    relief += cover * (ridge - 0.55 * relief)


def lay(canvas: Canvas, layer: Layer, scene: tuple[Array, Array], rng: np.random.Generator) -> None:
    """Cover the canvas with one pass of dots."""
    color, angle = scene
    pixels = WIDTH * SCALE
    spots = stations(layer, rng)
    columns = (spots[:, 0] * color.shape[1]).clip(0, color.shape[1] - 1).astype(int)
    rows = (spots[:, 1] * color.shape[1]).clip(0, color.shape[0] - 1).astype(int)
    tints = divide(color[rows, columns], layer, rng)
    turns = angle[rows, columns] + rng.normal(0, 0.22, len(spots))
    sizes = layer.radius * pixels * np.exp(rng.normal(0, 0.16, len(spots)))
    long = sizes * layer.stretch ** rng.uniform(0.5, 1.3, len(spots))
    wobbles = rng.normal(0, 0.11, (len(spots), 3)).astype(np.float32)
    for k, spot in enumerate(spots * pixels):
        dab(canvas, spot, (long[k], sizes[k]), turns[k], tints[k], layer.load, wobbles[k])


def prime(canvas: Canvas, rng: np.random.Generator) -> None:
    """Lay a cream ground with a little weave, which shows between the dots."""
    shape = canvas.height.shape
    weave = 0.5 * noise(shape, (2.4, 9), rng) + 0.5 * noise(shape, (9, 2.4), rng)
    canvas.color[:] = rgb("ecd9ae") + 0.022 * weave[..., None]
    canvas.height[:] = 0.35 * weave


def paint(seed: int = SEED) -> Array:
    """Paint the whole picture at working size."""
    rng = np.random.default_rng(seed)
    scene = cartoon(WIDTH, HEIGHT, rng)
    canvas = Canvas(WIDTH * SCALE, HEIGHT * SCALE)
    prime(canvas, rng)
    for layer in LAYERS:
        lay(canvas, layer, scene, rng)
    return light(canvas)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], __doc__, lambda path: save(paint(), (WIDTH, HEIGHT), path)))
