"""Motifs of the ink sample: pines, bamboo, plum blossom, boat and seal.

All places and sizes are shares of the picture's width; y points downward.
"""

from __future__ import annotations

import numpy as np

from ink_brush import BLACK, BLUE, INDIGO, OCHER, PINE, VERMILION, WARM, Scroll, Touch
from ink_rocks import CONTOUR, DOT, pressure
from paper import Array, blob, spline


def pine(scroll: Scroll, x: float, y: float, tall: float, lean: float) -> None:
    """A bent pine: dry trunk, level boughs, fans of needles over a green-black wash."""
    rng = scroll.rng
    line = spline(
        [
            (x, y),
            (x + lean * 0.2, y - tall * 0.4),
            (x + lean * 0.75, y - tall * 0.7),
            (x + lean, y - tall),
        ],
        16,
    )
    scroll.stroke(line, tall * 0.035 * np.linspace(1, 0.3, 16), BLACK, Touch(1.3, 0.5, 0.8))
    for k in range(5, 16, 2):
        for side in (-1, 1):
            reach = tall * rng.uniform(0.15, 0.38) * side
            end = line[k] + (reach, -tall * rng.uniform(-0.02, 0.07))
            bough = spline([line[k], (line[k] + end) / 2 + (0, tall * 0.02), end], 7)
            scroll.stroke(bough, tall * 0.012 * np.linspace(1, 0.4, 7), BLACK, CONTOUR)
            for at in (0.45, 1.0):
                needles(scroll, *(line[k] + at * (end - line[k])), tall * rng.uniform(0.09, 0.14))


def needles(scroll: Scroll, x: float, y: float, size: float) -> None:
    """A fan of pine needles."""
    rng = scroll.rng
    scroll.wash(blob(x, y - size * 0.25, size * 1.0, size * 0.5, rng), PINE, 0.30, 0.004)
    for angle in np.linspace(-1.45, 1.45, 13) + rng.normal(0, 0.08, 13):
        tip = (x + np.sin(angle) * size, y - np.cos(angle) * size * 0.62)
        line = np.linspace((x, y), tip, 4).astype(np.float32)
        scroll.stroke(line, 0.0009 * np.array([1, 1, 0.7, 0.3]), BLACK, Touch(1.1, 0.2, 0.2))


def bamboo(
    scroll: Scroll, x: float, foot: float, top: float, lean: float, half: float, tone: float
) -> None:
    """A stalk drawn joint by joint, with dark nodes."""
    rng, y, count = scroll.rng, foot, 0
    while y > top:
        size = half * 11 * (0.75 + 0.05 * count) * rng.uniform(0.9, 1.1)
        at = [x + lean * (foot - v) ** 1.4 for v in (y, max(y - size, -0.1))]
        line = np.linspace((at[0], y - 0.10 * half), (at[1], y - size + 0.22 * half), 9)
        width = half * (1 + 0.16 * np.abs(np.linspace(-1, 1, 9)) ** 3)
        scroll.stroke(
            line, width, (BLUE, BLACK)[count % 2], Touch(0.8 * tone, 0.48, 0.95, fade=0.1)
        )
        hook = spline([(at[1] - half * 1.25, y - size - 0.1 * half),
        (at[1], y - size + 0.12 * half),
                       (at[1] + half * 1.25, y - size - 0.15 * half)], 7)  # fmt: skip
        scroll.stroke(hook, pressure(7, half * 0.16, 0.4), BLACK, Touch(1.7 * tone, 0.15, 0.3))
        y, count = y - size, count + 1


def bamboo_leaves(
    scroll: Scroll, x: float, y: float, size: float, tone: float, turn: float
) -> None:
    """A spray of drooping leaves from one twig; ``turn`` tips the whole spray."""
    rng = scroll.rng
    twig = spline(
        [(x - turn * size * 0.9, y - size * 0.35), (x - turn * size * 0.3, y - size * 0.1), (x, y)],
        9,
    )
    scroll.stroke(twig, np.full(9, size * 0.016), BLACK, Touch(1.0 * tone, 0.3, 0.3))
    for k in range(int(rng.integers(4, 7))):
        angle = turn * 0.5 + rng.normal(0, 0.55) + 0.25 * (k - 2)
        reach = size * rng.uniform(0.65, 1.15)
        start = twig[-1 - (k % 4) * 2]
        way = np.array([np.sin(angle), np.cos(angle)]) * reach
        bow = np.array([way[1], -way[0]]) * rng.normal(0, 0.08)
        line = spline([start, start + way * 0.5 + bow, start + way], 16)
        t = np.linspace(0, 1, 16)
        half = size * 0.092 * (np.sin(np.pi * t**0.62) ** 1.15 + 0.02)
        color = (BLACK, BLUE, PINE)[rng.choice(3, p=(0.6, 0.22, 0.18))]
        scroll.stroke(
            line, half, color, Touch(1.5 * tone * rng.uniform(0.7, 1.15), 0.30, 0.5, fade=0.4)
        )


def branch(
    scroll: Scroll, points: list[tuple[float, float]], half: float, tone: float = 1.0
) -> Array:
    """An old plum branch: angular, dry and streaky, with bark and moss."""
    rng = scroll.rng
    line = spline(points, 44) + rng.normal(0, half * 0.10, (44, 2))
    width = (
        half
        * np.linspace(1, 0.22, 44)
        * (1 + 0.16 * np.sin(np.arange(44) * 0.9 + rng.uniform(0, 6)))
    )
    scroll.stroke(line, width, WARM, Touch(0.75 * tone, 0.40, 0.9, fade=0.0))
    scroll.stroke(line, width, BLACK, Touch(0.95 * tone, 0.62, 1.0, fade=0.0))
    for sign in (-1, 1):
        rim = line + np.array([0, sign]) * width[:, None] * 0.82
        for at in range(0, 38, 7):
            scroll.stroke(
                rim[at : at + 8], pressure(8, half * 0.22)[: len(rim[at : at + 8])], BLACK, CONTOUR
            )
    for _ in range(int(half * 2600)):
        k = rng.integers(44)
        spot = line[k] + rng.normal(0, 0.9, 2) * width[k]
        scroll.stroke(
            np.stack([spot, spot + (0.001, 0.0015)]),  # noqa: RUF005
            np.array([0.24, 0.16]) * half * rng.uniform(0.4, 1),
            BLACK,
            DOT,
        )
    return line


def blossom(scroll: Scroll, x: float, y: float, size: float) -> None:
    """Five wet petals of vermilion, and stamens in ink."""
    rng = scroll.rng
    turn, flat = rng.uniform(0, 6.3), rng.uniform(0.7, 1.0)
    scroll.cover(blob(x, y, size * 1.05, size * flat, rng), 0.003, 0.1, (y + 0.1, y + 0.2))
    for k in range(5):
        angle = turn + k * 2 * np.pi / 5
        px, py = x + np.cos(angle) * size * 0.6, y + np.sin(angle) * size * 0.6 * flat
        scroll.wash(
            blob(px, py, size * 0.46, size * 0.42, rng),
            VERMILION,
            rng.uniform(0.5, 1.15),
            0.0022,
            0.6,
        )
    scroll.wash(blob(x, y, size * 0.35, size * 0.3, rng), VERMILION, 0.7, 0.003)
    for angle in rng.uniform(0, 6.3, 9):
        tip = np.array([x + np.cos(angle) * size * 0.62, y + np.sin(angle) * size * 0.62 * flat])
        scroll.stroke(np.linspace((x, y), tip, 3), np.full(3, size * 0.022), BLACK, DOT)
        scroll.stroke(np.stack([tip, tip + 0.0006]), np.full(2, size * 0.06), BLACK, DOT)


def twig_flowers(scroll: Scroll, line: Array, count: int, size: float) -> None:
    """Short twigs off a branch with blossoms and buds."""
    rng = scroll.rng
    for _ in range(count):
        start = line[rng.integers(8, 44)]
        way = rng.normal(0, 1, 2) * (0.032, 0.026) + (-0.012, -0.012)
        end = start + way
        scroll.stroke(spline([start, start + way * 0.5 + rng.normal(0, 0.003, 2), end], 8),
                      0.0022 * np.linspace(1, 0.4, 8), BLACK, CONTOUR)  # fmt: skip
        if rng.random() < 0.66:
            blossom(scroll, *end, size * rng.uniform(0.75, 1.2))
        else:
            scroll.wash(blob(*end, size * 0.4, size * 0.42, rng), VERMILION, 1.2, 0.002, 0.5)
            cup = np.stack([end + (-size * 0.1, size * 0.3), end + (size * 0.15, size * 0.32)])  # noqa: RUF005
            scroll.stroke(cup, np.full(2, size * 0.10), BLACK, DOT)


def boat(scroll: Scroll, x: float, y: float, size: float) -> None:
    """A small boat with a mat roof, a rower and his pole."""
    hull = spline(
        [(x - size, y - size * 0.12), (x, y + size * 0.14), (x + size * 1.05, y - size * 0.2)], 16
    )
    scroll.stroke(hull, pressure(16, size * 0.10, 0.3), BLACK, Touch(1.6, 0.25, 0.4, fade=0.1))
    roof = spline(
        [(x - size * 0.42, y), (x - size * 0.1, y - size * 0.42), (x + size * 0.28, y)], 12
    )
    scroll.wash(np.asarray(roof), OCHER, 0.8, 0.002)
    scroll.stroke(roof, np.full(12, size * 0.035), BLACK, CONTOUR)
    man = np.array([(x + size * 0.66, y - size * 0.12), (x + size * 0.62, y - size * 0.46)])
    scroll.stroke(man, np.array([0.12, 0.07]) * size, INDIGO, Touch(1.6, 0.1, 0.2))
    hat = man[1] + np.array([(0, 0), (0, -0.09)]) * size
    scroll.stroke(hat, np.array([0.17, 0.02]) * size, BLACK, DOT)
    pole = np.linspace((x + size * 0.3, y - size * 0.75), (x + size * 1.15, y + size * 0.3), 5)
    scroll.stroke(pole, np.full(5, size * 0.018), BLACK, CONTOUR)


def seal(scroll: Scroll, x: float, y: float, size: float) -> None:
    """A red seal: a worn square with a maze of paper-colored bars, no real characters."""
    rng = scroll.rng
    frame = np.array([(-1, -1), (1, -1.02), (0.98, 1), (-1.01, 0.98)]) * size + (x, y)
    scroll.cover(frame, 0.001, 0.3, (y + 1, y + 2))
    scroll.wash(frame.astype(np.float32), VERMILION, 1.25, 0.0012, 0.2)
    for row in np.linspace(-0.68, 0.68, 5):
        for column in (-0.45, 0.45):
            if rng.random() < 0.25:
                continue
            cx, cy = x + column * size, y + row * size
            wide, tall = np.array((0.30, 0.055) if rng.random() < 0.62 else (0.06, 0.17)) * size
            bar = np.array([(-wide, -tall), (wide, -tall), (wide, tall), (-wide, tall)]) + (cx, cy)  # noqa: RUF005
            scroll.cover(bar, 0.0008, 0.12, (y + 1, y + 2))
