"""Finishing strokes of the painted sample: outlines, a village, river banks, sun, poppies.

Each mark is a path, a brush radius and a color, all in shares of the canvas width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from strokes_scene import (
    CLOUD,
    EDDIES,
    HALO,
    INK,
    Array,
    Scene,
    far_hill,
    near_hill,
    poplar,
    ramp,
    rgb,
    river,
    stream,
)  # fmt: skip

Mark = tuple[Array, float, Array]


def accents(scene: Scene, rng: np.random.Generator) -> Iterator[Mark]:
    """Yield finishing strokes: ridge lines, a village, poppies, the sun's core."""
    for hill in (far_hill, near_hill):
        yield from outline(hill, rng)
    for x, y, size in ((0.345, 0.497, 1.0), (0.385, 0.503, 0.8), (0.432, 0.494, 1.15),
                       (0.474, 0.499, 0.75), (0.512, 0.495, 0.9)):  # fmt: skip
        yield from cottage(x, y, 0.017 * size, rng)
    yield from suns(rng)
    yield from banks(rng)
    yield from poppies(scene, rng)


def outline(hill: Callable[[float], float], rng: np.random.Generator) -> Iterator[Mark]:
    """Broken dark contour along a ridge, where no tree stands before it."""
    for x in np.arange(0.0, 1.0, 0.034):
        xs = np.linspace(x, x + rng.uniform(0.025, 0.045), 6)
        path = np.array([[v, hill(v)] for v in xs], np.float32)
        if all(poplar(*p) is None for p in path):
            yield path, 0.0021, INK * np.float32(rng.uniform(0.9, 2.6))


def cottage(x: float, y: float, size: float, rng: np.random.Generator) -> Iterator[Mark]:
    """A house of a few dabs: walls, lit gable, roof, one window."""
    wall, roof = rgb("f0d9a0"), rgb(rng.choice(["c8442a", "d9652f", "a83a3a"]))
    for k in range(5):
        at = x - size + k * size / 2
        yield mark((at, y - size), (at, y + 0.4 * size)), size * 0.34, wall * rng.uniform(0.62, 1.0)
    for k in range(4):
        half, top = size * (1.35 - 0.13 * k), y - size * (0.95 + 0.22 * k)
        yield mark((x - half, top), (x + half, top)), size * 0.22, roof * rng.uniform(0.75, 1.1)
    yield mark((x + size * 0.3, y - size * 0.5), (x + size * 0.3, y)), size * 0.16, INK


def mark(start: tuple[float, float], end: tuple[float, float]) -> Array:
    """Straight two-point path."""
    return np.array([start, end], np.float32)


def banks(rng: np.random.Generator) -> Iterator[Mark]:
    """Dark and grassy strokes along both river banks hide the ragged water's edge."""
    ys = np.linspace(0.515, 0.80, 150)
    xs = np.linspace(0.2, 1.0, 1600)
    offsets = np.array([[river(x, y) for x in xs] for y in ys])
    for side in (-1, 1):
        edge = np.array(
            [[xs[np.abs(row - side).argmin()], y] for row, y in zip(offsets, ys, strict=True)]
        )
        for start in range(0, len(edge) - 7, 3):
            path = edge[start : start + rng.integers(5, 8)] + rng.normal(0, 0.0015, 2)
            tint = rgb(rng.choice(["1f4a3a", "2c5f3c", "7f8f3a", "14304f", "caa045"]))
            yield path.astype(np.float32), 0.0012 + 0.009 * (path[0, 1] - 0.5), tint


def eye(eddy: tuple[float, ...]) -> tuple[float, float]:
    """Still point of an eddy: the drift moves it off the bump's own center."""
    spots = [(eddy[0] + dx, eddy[1] + dy) for dx in np.linspace(-0.04, 0.04, 41)
             for dy in np.linspace(-0.06, 0.06, 61)]  # fmt: skip
    return max(spots, key=lambda spot: float(np.sign(eddy[3])) * stream(*spot))


def suns(rng: np.random.Generator) -> Iterator[Mark]:
    """Close the sun's disc and the evening star with short thick arcs, outside in."""
    eyes = ((eye(EDDIES[-1]), 0.030, HALO), (eye(EDDIES[0]), 0.016, CLOUD))
    for (cx, cy), size, table in eyes:
        yield mark((cx - 0.007, cy), (cx + 0.007, cy + 0.001)), 0.0055, rgb("fff3cf")
        for radius in np.linspace(size, 0.0015, max(int(size / 0.0045), 2)):
            for turn in np.arange(0, 2 * np.pi, 0.9) + rng.uniform(0, 1):
                angles = turn + np.linspace(0, 1.0, 6)
                arc = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius + (cx, cy)
                tint = ramp(table, 1.2 * radius if table is HALO else 0.12 + 0.25 * rng.random())
                yield arc.astype(np.float32), 0.0042, tint * np.float32(rng.uniform(0.88, 1.05))


def poppies(scene: Scene, rng: np.random.Generator) -> Iterator[Mark]:
    """Dabs of red and orange in drifts over the nearest fields."""
    for _ in range(900):
        y = 0.80 - 0.25 * rng.random() ** 0.7
        x = rng.random()
        drift = np.sin(x * 8 + y * 19) + 0.5 * np.sin(x * 23 - y * 11)
        if scene.region(x, y) != "field" or drift < rng.uniform(0.35, 1.2):
            continue
        size = 0.0016 + 0.024 * max(y - 0.52, 0)
        tint = rgb(rng.choice(["d6281d", "e8442a", "b81f2a", "f0803a"]))
        for _ in range(2):
            end = (x + size * rng.uniform(0.8, 1.9), y + rng.normal(0, 0.9) * size)
            yield mark((x, y), end), size * 0.62, tint * np.float32(rng.uniform(0.8, 1.15))
