"""Paint the ink sample: misty crags, bamboo and a plum branch in ink on toned paper.

Nothing is copied from an existing picture. Thousands of brush strokes with changing pressure,
and washes between them, are laid from the far peaks to the branch at the front.

Usage: python samples/ink.py OUT.jpg
"""

from __future__ import annotations

import sys

import numpy as np
from PIL import Image

from drawing import main
from ink_brush import BLACK, BLUE, INDIGO, OCHER, PINE, VERMILION, WARM, Scroll, Touch
from ink_motifs import (
    bamboo,
    bamboo_leaves,
    boat,
    branch,
    pine,
    seal,
    twig_flowers,
)
from ink_rocks import crag, massif, pressure
from paper import blob, smooth, spline

WIDTH, HEIGHT, SCALE = 614, 768, 2
SEED = 5


def sky(scroll: Scroll) -> None:
    """Bands of cloud in pale ink around a red sun."""
    xs, ys = scroll.grid()
    drift, streak = scroll.field(0.10, 2.6), scroll.field(0.022, 5.0)
    band = smooth(0.9 * drift + 0.25 * streak + np.sin(ys * 11 + xs * 2), -0.5, 1.7)
    scroll.flood(0.30 * band * smooth(ys, 0.75, 0.1), BLUE)
    scroll.flood(0.16 * smooth(drift - 0.6 * streak, 0.2, 1.8), OCHER)
    sun = blob(0.315, 0.20, 0.078, 0.078, np.random.default_rng(3))
    turn = np.linspace(0, 2 * np.pi, len(sun), endpoint=False)
    disc = np.stack([0.315 + 0.078 * np.cos(turn), 0.20 + 0.078 * np.sin(turn)], 1)
    scroll.cover(0.15 * sun + 0.85 * disc, 0.003, 0.1, (0.5, 0.6))
    scroll.wash((0.15 * sun + 0.85 * disc).astype(np.float32), VERMILION, 1.15, 0.004, 0.3)
    for _ in range(110):
        x, y = scroll.rng.uniform(-0.2, 1), scroll.rng.uniform(0.0, 0.5)
        reach = scroll.rng.uniform(0.08, 0.3)
        line = spline(
            [(x, y), (x + reach * 0.5, y + scroll.rng.normal(0, 0.012)), (x + reach, y)], 12
        )
        touch = Touch(scroll.rng.uniform(0.10, 0.28), 0.66, 0.9, fade=0.3)
        scroll.stroke(line, pressure(12, scroll.rng.uniform(0.004, 0.016)), BLUE, touch)


def peaks(scroll: Scroll) -> None:
    """Far peaks: flat washes of indigo and gray, lost in mist at the foot."""
    rng = scroll.rng
    for x, top, wide, tall, color, load in (
        (0.12, 0.30, 0.13, 0.34, INDIGO, 0.34), (0.36, 0.36, 0.12, 0.30, BLUE, 0.30),
        (0.93, 0.20, 0.13, 0.45, INDIGO, 0.42), (0.47, 0.29, 0.07, 0.32, BLUE, 0.36),
        (0.23, 0.40, 0.10, 0.26, INDIGO, 0.50), (0.02, 0.40, 0.10, 0.30, BLUE, 0.5),
    ):  # fmt: skip
        knots = np.array(
            [(-1, 1), (-0.6, 0.45), (-0.25, 0.12), (0.05, 0), (0.3, 0.2), (0.62, 0.5), (1, 1)]
        )
        edge = spline((knots + rng.normal(0, 0.06, knots.shape)) * (wide, tall) + (x, top), 50)
        edge = edge + rng.normal(0, 0.0022, edge.shape)
        scroll.cover(edge, 0.003, 0.35, (top + 0.4 * tall, top + tall))
        for share in (0.45, 0.75, 1.0):
            part = edge.copy()
            part[:, 1] = np.minimum(part[:, 1], top + share * tall * 0.95)
            scroll.wash(
                part.astype(np.float32), color, load * 0.5, 0.006 if share > 0.9 else 0.012, 0.15
            )
        for _ in range(34):
            k = rng.integers(12, 38)
            start = edge[k] + (0, rng.uniform(0.0, 0.3) * tall)
            end = start + (rng.normal(0.3, 0.4) * wide * 0.4, tall * rng.uniform(0.1, 0.3))  # noqa: RUF005
            line = spline([start, (start + end) / 2 + rng.normal(0, 0.004, 2), end], 7)
            scroll.stroke(
                line, pressure(7, rng.uniform(0.001, 0.006)), color, Touch(0.42, 0.6, 0.8)
            )


def mist(scroll: Scroll, level: float, depth: float, amount: float) -> None:
    """Let a drifting band of mist eat into what has been painted."""
    xs, ys = scroll.grid()
    drift = scroll.field(0.05, 4.0)
    band = np.exp(-(((ys - level - 0.03 * drift - 0.02 * np.sin(xs * 7)) / depth) ** 2))
    scroll.density *= (1 - amount * (band * (0.85 + 0.25 * drift)).clip(0, 1))[..., None]
    scroll.flood(0.10 * band * smooth(drift, -0.4, 1.6), BLUE)


def waterfall(scroll: Scroll, x: float, top: float, foot: float) -> None:
    """Bare paper between dark rocks, with a few falling lines."""
    rng = scroll.rng
    ys = np.linspace(top, foot, 14)
    line = np.stack([x + 0.012 * np.sin((ys - top) * 16), ys], 1)
    half = np.linspace(0.008, 0.022, 14)
    side = np.concatenate(
        [line + [(1, 0)] * half[:, None], (line - [(1, 0)] * half[:, None])[::-1]]
    )
    scroll.cover(side, 0.003, 0.12, (foot - 0.06, foot))
    for _ in range(26):
        shift = rng.uniform(-0.9, 0.9)
        a = rng.integers(0, 6)
        path = line[a : a + 8] + [(shift, 0)] * half[a : a + 8, None]
        scroll.stroke(path, np.full(len(path), 0.0009), BLUE, Touch(0.6, 0.5, 0.5))


def mountains(scroll: Scroll) -> None:
    """The great peak, then nearer cliffs with pines, mist between them."""
    massif(scroll, 0.70, 0.10, 0.25, 0.62, 5, 0.95)
    waterfall(scroll, 0.655, 0.37, 0.68)
    mist(scroll, 0.69, 0.055, 0.8)
    massif(scroll, 0.27, 0.50, 0.20, 0.36, 4, 1.05)
    for x, y, tall, lean in ((0.60, 0.335, 0.07, -0.02), (0.80, 0.36, 0.075, 0.03),
                        (0.87, 0.50, 0.08, 0.03),
                             (0.52, 0.52, 0.07, -0.03)):  # fmt: skip
        pine(scroll, x, y, tall, lean)
    mist(scroll, 0.87, 0.04, 0.7)
    massif(scroll, 0.78, 0.72, 0.26, 0.24, 3, 1.1)
    for x, y, tall, lean in ((0.20, 0.60, 0.11, -0.05), (0.33, 0.59, 0.12, 0.05),
                        (0.40, 0.70, 0.10, 0.04)):  # fmt: skip
        pine(scroll, x, y, tall, lean)


def river(scroll: Scroll) -> None:
    """Reflections and ripples in level dry strokes, and a boat."""
    rng = scroll.rng
    _, ys = scroll.grid()
    drift = scroll.field(0.012, 7.0)
    scroll.flood(0.34 * smooth(ys, 0.90, 1.2) * smooth(drift, -0.9, 1.4), BLUE)
    for _ in range(260):
        y = 0.90 + 0.34 * rng.random()
        x, reach = rng.uniform(-0.1, 1), rng.uniform(0.03, 0.16)
        line = spline([(x, y), (x + reach / 2, y + rng.normal(0, 0.003)), (x + reach, y)], 9)
        color = (BLUE, BLACK, INDIGO)[rng.integers(3)]
        touch = Touch(rng.uniform(0.15, 0.55), rng.uniform(0.5, 0.8), 0.8, fade=0.4)
        scroll.stroke(line, pressure(9, rng.uniform(0.001, 0.005)), color, touch)
    scroll.cover(blob(0.33, 0.985, 0.08, 0.022, rng), 0.01, 0.3, (1.1, 1.2))
    boat(scroll, 0.33, 0.99, 0.062)


def near_rocks(scroll: Scroll) -> None:
    """Dark boulders along the lower edge."""
    for x, top, wide, tall in ((0.04, 1.01, 0.13, 0.32), (0.17, 1.09, 0.09, 0.24),
                        (0.00, 1.10, 0.12, 0.26),
                               (0.27, 1.15, 0.09, 0.2), (0.12, 1.16, 0.10, 0.2),
                               (0.38, 1.20, 0.08, 0.14),
                               (1.00, 1.05, 0.12, 0.32), (0.87, 1.11, 0.10, 0.24),
                               (0.96, 1.14, 0.09, 0.2),
                               (0.76, 1.165, 0.09, 0.18), (0.86, 1.19, 0.09, 0.16),
                               (0.64, 1.21, 0.09, 0.12)):  # fmt: skip
        crag(scroll, x, top, wide, tall, 1.25)
    for _ in range(260):
        reeds(scroll)


def reeds(scroll: Scroll) -> None:
    """One blade of the reeds that grow between the near rocks."""
    rng = scroll.rng
    x, y = rng.choice([0.22, 0.33, 0.47, 0.56, 0.70]) + rng.normal(0, 0.035), rng.uniform(1.2, 1.27)
    tall, bend = rng.uniform(0.05, 0.13), rng.normal(0.015, 0.03)
    line = spline([(x, y), (x + bend * 0.3, y - tall * 0.6), (x + bend, y - tall)], 9)
    color = (BLACK, BLUE, PINE, OCHER)[rng.integers(4)]
    touch = Touch(rng.uniform(0.5, 1.2), 0.4, 0.5, fade=0.3)
    scroll.stroke(line, 0.0022 * np.linspace(1, 0.2, 9), color, touch)


def front(scroll: Scroll) -> None:
    """Bamboo at the left, a plum branch in bloom from the right, and the seals."""
    rng = scroll.rng
    for x, lean, half, tone in (
        (0.135, 0.035, 0.008, 0.45),
        (0.085, -0.02, 0.015, 0.62),
        (0.035, 0.03, 0.010, 0.42),
    ):
        bamboo(scroll, x, 1.27, -0.05, lean, half, tone)
    for _ in range(32):
        x, y = rng.uniform(-0.02, 0.18), rng.uniform(-0.02, 1.0)
        tone = rng.choice([0.22, 0.35, 0.6, 1.0])
        bamboo_leaves(scroll, x, y, rng.uniform(0.09, 0.14), tone, rng.choice([-0.6, 0.6, 1.0]))
    main = branch(
        scroll,
        [(1.04, 1.12), (0.90, 1.03), (0.86, 0.93), (0.70, 0.88), (0.62, 0.80), (0.45, 0.83)],
        0.022,
    )
    upper = branch(scroll, [(0.87, 0.94), (0.90, 0.84), (0.83, 0.73), (0.87, 0.62)], 0.012)
    lower = branch(scroll, [(0.78, 0.91), (0.66, 0.95), (0.58, 0.93), (0.47, 0.955)], 0.008)
    for line, count in ((main, 27), (upper, 17), (lower, 15)):
        twig_flowers(scroll, line, count, 0.021)
    seal(scroll, 0.945, 0.075, 0.024)
    seal(scroll, 0.945, 0.135, 0.018)


def spatter(scroll: Scroll) -> None:
    """Ink and a little red flicked from the brush."""
    rng = scroll.rng
    for _ in range(330):
        size = 0.0007 + 0.0045 * rng.random() ** 5
        spot = blob(rng.uniform(0, 1), rng.uniform(0, 1.25), size, size, rng)
        color = (BLACK, BLACK, WARM, BLUE, VERMILION)[rng.integers(5)]
        scroll.wash(spot, color, rng.uniform(0.4, 1.0), 0.0008, 0.4)


def paint(scale: float = SCALE, seed: int = SEED) -> Image.Image:
    """Paint the whole picture and return it at its final size."""
    scroll = Scroll(int(WIDTH * scale), int(HEIGHT * scale), np.random.default_rng(seed))
    for step in (sky, peaks, mountains, river, near_rocks, front, spatter):
        step(scroll)
    dry = (scroll.picture() * 255 + 0.5).astype(np.uint8)
    size = (WIDTH, HEIGHT) if scale >= 1 else dry.shape[1::-1]
    return Image.fromarray(dry).resize(size, Image.Resampling.LANCZOS)


if __name__ == "__main__":
    sys.exit(
        main(sys.argv[1:], __doc__, lambda path: paint().save(path, quality=82, optimize=True))
    )
