"""Render the content sample: fruit, jug and glass by a window, from our own POV-Ray scene.

``still_life.pov`` holds camera, light, room and textures. This script builds the shapes that are
not of simple form (fruit, jug, bowl, a bunch of grapes, the cloth of ``still_life_cloth.py``) as
meshes, from one seed; it writes them as ``shapes.inc``, calls POV-Ray and develops the render.

Usage: python samples/still_life.py OUT.jpg [WIDTH]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

import povray
from still_life_cloth import drape

SEED = 5
TABLE_EDGE = -20.0
BOWL, LEMON, APPLE = (0.5, 3.0), (22.0, -9.0), (31.5, -4.0)

# Half outlines as (radius, height) in centimeters, from the bottom of the axis to its top.
APPLE_LINE = [
    (0, 0.9), (0.9, 0.3), (2.0, 0.15), (3.4, 1.5), (4.05, 4.0), (3.75, 6.0), (2.5, 7.35),
    (1.2, 7.3), (0.4, 6.5), (0, 6.1),
]  # fmt: skip
PEAR_LINE = [
    (0, 0.5), (1.0, 0.1), (2.6, 0.8), (3.75, 2.9), (3.65, 4.9), (2.6, 7.1), (1.85, 9.0),
    (1.55, 10.2), (1.1, 11.0), (0.4, 11.2), (0, 11.0),
]  # fmt: skip
LEMON_LINE = [
    (0, 0), (0.45, 0.12), (0.75, 0.5), (1.8, 1.4), (2.85, 3.6), (2.9, 5.0), (2.1, 7.2),
    (1.1, 8.2), (0.7, 8.8), (0.4, 9.25), (0, 9.4),
]  # fmt: skip
JUG_LINE = [
    (0, 0.4), (4.2, 0.3), (5.4, 0.0), (5.7, 0.5), (6.6, 2.5), (8.3, 6.5), (8.8, 10.5),
    (7.9, 14.5), (5.9, 17.8), (4.7, 20.2), (4.6, 22.4), (5.2, 24.6), (5.55, 25.1), (5.3, 25.3),
    (4.8, 24.4), (4.2, 22.4), (4.3, 20.2), (5.5, 17.6), (7.4, 14.2), (8.3, 10.5), (0, 6),
]  # fmt: skip
BOWL_LINE = [
    (0, 0.5), (4.6, 0.5), (5.2, 0.0), (5.6, 0.3), (5.5, 1.4), (8.0, 2.6), (11.0, 4.6),
    (12.9, 6.6), (13.4, 7.0), (13.2, 7.3), (12.6, 7.0), (10.6, 5.0), (7.6, 3.0), (4.0, 2.1),
    (0, 1.9),
]  # fmt: skip


def curve(knots: list, count: int) -> np.ndarray:
    """Return ``count`` points of the Catmull-Rom curve through ``knots``."""
    k = np.array([knots[0], *knots, knots[-1]], float)
    at = np.linspace(0, len(knots) - 1 - 1e-9, count)
    i, t = at.astype(int), (at % 1)[:, None]
    a, b, c, d = (k[i + n] for n in range(4))
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


def turned(name: str, knots: list, shape: Callable | None = None, count: int = 110) -> str:
    """Return a mesh turned around the y axis; ``shape`` may change (radius, height, angle)."""
    line = curve(knots, count)
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)[None, :]
    radius = np.maximum(line[:, :1], 0) * np.ones_like(angle)
    height = line[:, 1:] * np.ones_like(angle)
    shift = 0 * radius
    if shape is not None:
        radius, height, shift = shape(radius, height, angle)
    points = np.stack([radius * np.cos(angle) + shift, height, radius * np.sin(angle)], axis=-1)
    faces = povray.grid_faces(count, count, wrap=True)[:, ::-1]
    return povray.mesh(name, points.reshape(-1, 3), faces)


def lumpy(rng: np.random.Generator, lobes: int, depth: float, bend: float) -> Callable:
    """Return a change of outline: faint lobes toward the ends, an uneven girth, a bent axis."""
    a, b, c = rng.uniform(0, 2 * np.pi, 3)

    def shape(radius: np.ndarray, height: np.ndarray, angle: np.ndarray) -> tuple:
        middle = np.median(height)
        ends = np.abs(height - middle) / np.abs(height - middle).max()
        girth = 1 + depth * ends * np.cos(lobes * angle + a) + 0.02 * np.cos(angle + b)
        girth += 0.02 * np.cos(2 * angle + c)
        height = height + 0.05 * radius * np.cos(angle + b) * ends
        return radius * girth, height, bend * height**2

    return shape


def spout(radius: np.ndarray, height: np.ndarray, angle: np.ndarray) -> tuple:
    """Pull the rim of the jug out and up at one side, and pinch it beside."""
    high = np.clip((height - 19.5) / 6, 0, 1) ** 1.6
    away = np.abs((angle - np.pi + np.pi) % (2 * np.pi) - np.pi)
    lip = np.exp(-((away / 0.34) ** 2)) * 2.4 - 0.5 * np.exp(-(((away - 0.95) / 0.5) ** 2))
    return radius + high * lip, height + 0.55 * high * lip, 0 * radius


def grapes(rng: np.random.Generator, name: str, count: int, length: float) -> str:
    """Return a bunch lying on the table: berries drawn to a stalk along x, none inside another."""
    along = rng.uniform(0, 1, count) ** 0.8
    at = np.stack([length * along, rng.uniform(1, 5, count), rng.normal(0, 2.2, count)], axis=1)
    size = rng.uniform(0.98, 1.22, count)
    reach = size[:, None] + size[None, :]
    for _ in range(400):
        at[:, 1] -= 0.03
        at[:, 2] -= 0.018 * at[:, 2] * (0.6 + 2 * along)
        gap = at[:, None] - at[None]
        far = np.linalg.norm(gap, axis=-1) + 1e-9
        push = np.where(far < reach, (0.97 * reach - far).clip(0) / far, 0)
        at += 0.4 * (gap * push[..., None]).sum(axis=1)
        at[:, 1] = np.maximum(at[:, 1], size)
    lines = [
        f"object {{ Berry scale <{s:.3f},{s * 1.1:.3f},{s:.3f}> rotate <{a:.0f},{b:.0f},{c:.0f}>"
        f" translate <{x:.3f},{y:.3f},{z:.3f}> }}"
        for (x, y, z), s, (a, b, c) in zip(at, size, rng.uniform(-60, 60, (count, 3)), strict=True)
    ]
    twigs = [
        f"cylinder {{ <{0.75 * x:.2f},{0.6 * y + 0.6:.2f},{0.3 * z:.2f}>,"
        f" <{x:.2f},{y:.2f},{z:.2f}>, 0.11 }}"
        for x, y, z in at
    ]
    return (
        f"#declare {name} = union {{\n" + "\n".join(lines) + "\nunion {\n" + "\n".join(twigs)
        + "\ntexture { Twig } }\n}\n"
    )  # fmt: skip


def cloth(rng: np.random.Generator) -> str:
    """Return the mesh of the draped cloth; what stands on it presses it flat."""
    weights = [(*BOWL, 6.2), (*LEMON, 2.6), (*APPLE, 2.4), (26.5, -12.5, 2.4)]
    points, flat = drape(rng, TABLE_EDGE, weights)
    faces = povray.grid_faces(*points.shape[:2])[:, ::-1]
    uv = flat.reshape(-1, 2) / flat.max()
    return povray.mesh("Cloth", points.reshape(-1, 3), faces, uv)


def shapes(rng: np.random.Generator) -> str:
    """Return the include file with every mesh of the scene."""
    parts = [turned(f"Apple_{k}", APPLE_LINE, lumpy(rng, 5, 0.05, 0.004)) for k in (1, 2, 3)]
    parts += [turned(f"Pear_{k}", PEAR_LINE, lumpy(rng, 3, 0.03, 0.008 * k)) for k in (1, 2)]
    parts += [turned(f"Lemon_{k}", LEMON_LINE, lumpy(rng, 4, 0.03, 0.003)) for k in (1, 2)]
    parts += [turned("Jug_Body", JUG_LINE, spout, 160), turned("Bowl_Body", BOWL_LINE, None, 160)]
    parts += [grapes(rng, "Grapes", 58, 14.5), cloth(rng)]
    return "\n".join(parts)


def render(folder: Path, width: int) -> Image.Image:
    """Write the shapes into ``folder``, render the scene there and return the picture."""
    (folder / "shapes.inc").write_text(shapes(np.random.default_rng(SEED)))
    return povray.trace("still_life.pov", folder, width, width * 3 // 4, "+A0.15", "+R2")


if __name__ == "__main__":
    sys.exit(povray.main(sys.argv[1:], __doc__, SEED, render))
