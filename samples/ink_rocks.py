"""Rocks of the ink sample: crags outlined with a dry brush and textured with hemp and axe strokes.

All places and sizes are shares of the picture's width; y points downward.
"""

from __future__ import annotations

import numpy as np

from ink_brush import BLACK, BLUE, OCHER, PINE, WARM, Scroll, Touch
from paper import Array, spline

CONTOUR = Touch(load=1.5, dry=0.42, streak=0.55, fade=0.25)
DOT = Touch(load=1.5, dry=0.1, streak=0.2, fade=0.1)


def pressure(count: int, press: float, lift: float = 0.15) -> Array:
    """Half widths of a stroke that lands firmly, swells once and lifts off."""
    t = np.linspace(0, 1, count)
    return press * (lift + (1 - lift) * np.sin(np.pi * (0.12 + 0.85 * t) ** 0.8) ** 0.8)


def crest(x: float, top: float, wide: float, tall: float, rng: np.random.Generator) -> Array:
    """Jagged outline of a crag, from its left foot over the top to its right foot."""
    knots = np.array([(-1, 1), (-0.86, 0.52), (-0.66, 0.24), (-0.38, 0.15), (-0.16, 0.02),
    (0.14, 0),
                      (0.36, 0.13), (0.60, 0.20), (0.78, 0.48), (1, 1)])  # fmt: skip
    knots = knots + rng.normal(0, (0.07, 0.035), knots.shape)
    line = spline(knots * (wide, tall) + (x, top), 60)
    return line + rng.normal(0, 0.0016, line.shape).astype(np.float32)


def crag(scroll: Scroll, x: float, top: float, wide: float, tall: float, tone: float) -> None:
    """One rock: clear its place, wash its shaded side, then outline and texture it."""
    rng = scroll.rng
    edge = crest(x, top, wide, tall, rng)
    scroll.cover(edge, 0.003, 0.10, (top + 0.50 * tall, top + 1.0 * tall))
    inner = edge * (0.8, 1) + (x * 0.2 + 0.16 * wide, 0.30 * tall)
    cap = np.concatenate([edge[8:54], inner[54:8:-1]]).astype(np.float32)
    tint = (BLUE, WARM, OCHER)[rng.choice(3, p=(0.5, 0.28, 0.22))]
    scroll.wash(cap, tint, 0.34 * tone, 0.010)
    shade = np.array([edge[32], edge[40], edge[50], edge[56], (x + 0.35 * wide, top + 0.8 * tall),
                      (x + 0.12 * wide, top + 0.4 * tall)], np.float32)  # fmt: skip
    scroll.wash(shade, BLACK, 0.42 * tone, 0.014)
    hemp(scroll, edge, x, wide, tall, tone)
    axe_cuts(scroll, edge, x, wide, tall, tone)
    contour(scroll, edge, wide, tone)


def contour(scroll: Scroll, edge: Array, wide: float, tone: float) -> None:
    """Broken outline with changing pressure, and moss dots along the crest."""
    rng = scroll.rng
    at = 4
    while at < 54:
        size = int(rng.integers(9, 19))
        piece = edge[at : at + size]
        if len(piece) > 4:
            press = (0.0024 + 0.016 * wide) * rng.uniform(0.6, 1.2)
            touch = Touch(1.25 * tone * rng.uniform(0.75, 1.2), 0.42, 0.55, fade=0.3)
            scroll.stroke(piece, pressure(len(piece), press), BLACK, touch)
        at += size - int(rng.integers(0, 3))
    for _ in range(int(16 * tone)):
        spot = edge[rng.integers(10, 52)] + rng.normal(0, 0.004, 2)
        dab = np.stack([spot, spot + rng.normal(0, 0.0025, 2) + (0, 0.001)])
        color = (BLACK, BLACK, PINE)[rng.integers(3)]
        scroll.stroke(dab, np.array([0.0026, 0.0020]) * rng.uniform(0.6, 1.4), color, DOT)


def hemp(scroll: Scroll, edge: Array, x: float, wide: float, tall: float, tone: float) -> None:
    """Hemp-fiber strokes: long, wavering lines falling from the crest and from inner folds."""
    rng = scroll.rng
    for _ in range(int(26 + 260 * wide)):
        k = rng.integers(6, 55)
        depth = rng.uniform(0.02, 0.42)
        start = edge[k] * (1 - depth * 0.5) + np.array([x, edge[k, 1]]) * depth * 0.5
        start = start + (0, depth * tall)  # noqa: RUF005
        side = np.clip((start[0] - x) / wide, -1, 1)
        drop = tall * rng.uniform(0.10, 0.30)
        sway = side * wide * 0.28 * rng.uniform(0.3, 1.2)
        line = spline([start, start + (sway * 0.3, drop * 0.5) + rng.normal(0, 0.003, 2),  # noqa: RUF005
                       start + (sway, drop)], 9)  # fmt: skip  # noqa: RUF005
        press = rng.uniform(0.0008, 0.0021) * (1 + 3 * wide)
        dark = tone * rng.uniform(0.35, 1.0) * (1.15 if side > 0 else 0.8) * (1 - 0.75 * depth)
        touch = Touch(0.95 * dark, rng.uniform(0.3, 0.6), 0.5, fade=0.55)
        scroll.stroke(line, pressure(9, press, 0.1), (BLACK, WARM, BLUE)[rng.integers(3)], touch)


def axe_cuts(scroll: Scroll, edge: Array, x: float, wide: float, tall: float, tone: float) -> None:
    """Axe-cut strokes: the side of a dry brush pulled down and off the shaded face."""
    rng = scroll.rng
    for _ in range(int(7 + 70 * wide)):
        k = rng.integers(26, 54)
        start = (
            edge[k] * 0.78 + np.array([x, edge[k, 1]]) * 0.22 + (0, tall * rng.uniform(0.02, 0.34))
        )
        run = wide * np.array([-rng.uniform(0.05, 0.32), rng.uniform(0.25, 0.60)])
        line = spline([start, start + run * 0.5, start + run], 6)
        half = wide * rng.uniform(0.05, 0.12) * np.linspace(1, 0.35, 6)
        touch = Touch(0.72 * tone * rng.uniform(0.6, 1.2), rng.uniform(0.55, 0.8), 0.9, fade=0.5)
        scroll.stroke(line, half, BLACK, touch)


def massif(
    scroll: Scroll, x: float, top: float, wide: float, tall: float, rows: int, tone: float
) -> None:
    """A mountain of crags, piled from the back and top to the front and bottom."""
    rng = scroll.rng
    for row in range(rows):
        share = row / max(rows - 1, 1)
        count = 1 + row + (row > 1)
        for k in rng.permutation(count):
            side = 0 if count == 1 else 2 * k / (count - 1) - 1
            cx = x + side * wide * (0.18 + 0.72 * share) + rng.normal(0, 0.012)
            cy = (
                top
                + tall * (0.62 * share**1.4 + 0.14 * abs(side) * (row > 0))
                + rng.normal(0, 0.008)
            )
            size = wide * rng.uniform(0.24, 0.36) * (1.2 if row == 0 else 1)
            crag(scroll, cx, cy, size, tall * rng.uniform(0.38, 0.5), tone * (0.75 + 0.25 * share))
