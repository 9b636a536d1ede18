"""The lie of the land in the valley scene: noise, height, ground color, and the terrain mesh.

Lengths are meters, x to the right, z away from the viewer, water at height 0. The mesh is spaced
by distance, fine at the viewer's feet and coarse at the mountains, so one mesh serves for all.
"""

from __future__ import annotations

from itertools import product

import numpy as np

import povray

NEAR, FAR, SPREAD = 2.2, 11000.0, 0.64
ROWS, COLUMNS = 520, 400


def noise(seed: int, *axes: np.ndarray) -> np.ndarray:
    """Return smooth value noise between -1 and 1 over any number of axes."""
    axes = np.broadcast_arrays(*axes)
    cells = [np.floor(axis).astype(np.int64) for axis in axes]
    ease = [
        (t := axis - cell) * t * t * (t * (6 * t - 15) + 10)
        for axis, cell in zip(axes, cells, strict=True)
    ]
    total = np.zeros(axes[0].shape)
    for corner in product((0, 1), repeat=len(axes)):
        share, key = 1.0, np.full(axes[0].shape, seed * 974711 + 77, np.int64)
        for far, cell, part, prime in zip(
            corner, cells, ease, (374761393, 668265263, 2147483647), strict=False
        ):
            share = share * (part if far else 1 - part)
            key = key + (cell + far) * prime
        key = ((key ^ (key >> 13)) * 1274126177) & 0xFFFFFFFF
        total += share * (((key ^ (key >> 16)) & 0xFFFF) / 32767.5 - 1)
    return total


def fractal(seed: int, octaves: int, *axes: np.ndarray, gain: float = 0.5) -> np.ndarray:
    """Return noise summed over octaves, about -1 to 1."""
    total, weight = 0.0, 1.0
    for k in range(octaves):
        total = total + weight * noise(seed + k, *(axis * 2.03**k + 17.3 * k for axis in axes))
        weight *= gain
    return total


def ridges(seed: int, octaves: int, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return mountain noise, 0 to about 1: sharp crests, with detail only where it is high."""
    total, weight, carry, norm = 0.0, 1.0, 1.0, 0.0
    for k in range(octaves):
        a = 0.7 * k
        u, v = x * np.cos(a) - z * np.sin(a), x * np.sin(a) + z * np.cos(a)
        crest = (1 - np.abs(noise(seed + k, u * 2.1**k + 9.1 * k, v * 2.1**k))) ** 2
        total = total + weight * crest * carry
        norm += weight
        carry = np.clip(1.3 * crest, 0, 1)
        weight *= 0.5
    return total / norm


def step(low: float, high: float, value: np.ndarray) -> np.ndarray:
    """Rise smoothly from 0 at ``low`` to 1 at ``high``."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def river(z: np.ndarray) -> np.ndarray:
    """Return where the middle of the river lies at distance ``z``."""
    return 24 * np.cos((z - 30) / 58)


def shore(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return meters from the water's edge, negative in the water (river and lake together)."""
    bank = np.where(z < 260, np.abs(x - river(z)) - 7.5 - 1.5 * noise(3, z / 17, z / 17), 400)
    uneven = 14 * fractal(5, 3, x / 60, z / 60)
    lake = (np.hypot((x - 5) / 175, (z - 440) / 252) - 1) * 190 + uneven
    return np.minimum(bank, lake)


def height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return the height of the ground."""
    x, z = np.asarray(x, float), np.asarray(z, float)
    edge, far = shore(x, z), np.hypot(x, z)
    floor = 2.2 * step(-1, 9, edge) - 2.5 * step(1, -6, edge) + 0.012 * np.clip(edge, 0, 300)
    floor += step(5, 40, edge) * (
        1.3 * fractal(11, 4, x / 45, z / 45) + 0.12 * fractal(12, 2, x / 2, z / 2)
    )
    knoll = 12.0 * np.exp(-((z / 28) ** 2) - ((x + 12) / 42) ** 2)
    side = (
        step(60, 420, np.abs(x))
        * np.where(x < 0, 30, 62)
        * (1 + 0.5 * fractal(21, 3, x / 190, z / 190))
    )
    rolling = step(650, 1500, z) * (70 + 95 * fractal(31, 6, x / 620, z / 620))
    sides = (
        step(150, 1500, np.abs(x - 0.06 * z))
        * step(700, 2400, z)
        * 330
        * (0.35 + ridges(41, 6, x / 900, z / 900))
    )
    alps = step(2300, 5600, z) * (1650 * ridges(57, 9, x / 2900 + 0.35, z / 2900) ** 1.25)
    alps *= 0.32 + 0.68 * step(0, 2300, np.abs(x - 0.02 * z - 250))
    peak = 900 * np.exp(-np.hypot((x - 1650) / 900, (z - 6000) / 1100)) * step(2500, 4500, z)
    return floor + knoll + side + rolling + sides + alps + peak - 0.000004 * far**1.6


def fields(x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a random number per field, and meters to the field's border."""
    a, b = (
        x * 0.94 + z * 0.34 + 9 * noise(71, x / 80, z / 80),
        z * 0.94 - x * 0.34 + 9 * noise(72, x / 80, z / 80),
    )
    width, depth = 46.0, 62.0
    row = np.floor(b / depth)
    a = a + 21 * (row % 3)
    kind = noise(73, 0.5 + 7.7 * np.floor(a / width), 0.5 + 5.3 * row) * 0.5 + 0.5
    border = np.minimum(np.minimum(a % width, -a % width), np.minimum(b % depth, -b % depth))
    return kind, border


def blend(base: np.ndarray, color: tuple, share: np.ndarray) -> np.ndarray:
    """Mix a color into ``base`` where ``share`` is above 0."""
    return base + (np.array(color) - base) * np.clip(share, 0, 1)[..., None]


def ground(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return the sRGB color of the ground: meadow, fields, banks, woods, rock and snow."""
    y = height(x, z)
    rise = np.hypot(height(x + 0.01 * z, z) - y, height(x, z * 1.01) - y) / (0.01 * z)
    edge, mottle = shore(x, z), fractal(81, 5, x / 14, z / 14)
    color = blend(
        np.full((*x.shape, 3), (0.34, 0.40, 0.15)), (0.50, 0.47, 0.20), 0.5 + 0.6 * mottle
    )
    kind, border = fields(x, z)
    open_land = step(14, 26, edge) * step(75, 100, z) * step(1500, 900, z) * step(1.2, 3.5, border)
    for low, tint in (
        (0.0, (0.40, 0.47, 0.17)),
        (0.36, (0.76, 0.62, 0.30)),
        (0.52, (0.33, 0.43, 0.16)),
        (0.64, (0.62, 0.57, 0.24)),
        (0.8, (0.55, 0.40, 0.26)),
    ):
        color = blend(color, tint, open_land * (kind > low) * (0.9 + 0.2 * mottle))
    color = blend(color, (0.44, 0.39, 0.25), step(3.5, 0.5, edge) * 0.9)
    woods = step(0.05, 0.22, fractal(91, 5, x / 260, z / 260) + 0.0016 * (y - 10) - 0.1) * step(
        420, 700, z
    )
    color = blend(color, (0.16, 0.23, 0.12), woods * (0.75 + 0.5 * fractal(95, 4, x / 16, z / 16)))
    bare = step(380, 640, y + 260 * (rise - 0.5) + 90 * fractal(97, 5, x / 170, z / 170))
    color = blend(color, (0.47, 0.43, 0.40), bare)
    color = color * (1 + 0.12 * fractal(99, 4, x / (1 + z / 40), z / (2 + z / 25)))[..., None]
    snow = step(690, 800, y - 330 * rise + 200 * fractal(98, 5, x / 260, z / 260))
    return blend(color, (0.95, 0.94, 0.95), snow).clip(0, 1)


def grid(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return x and z of a grid that widens with distance, nearest row first."""
    z = np.geomspace(NEAR, FAR, rows)[:, None] * np.ones((1, columns))
    return z * np.linspace(-SPREAD, SPREAD, columns)[None, :], z


def terrain() -> str:
    """Return the mesh of the ground; its uv coordinates address the picture of ``ground``."""
    x, z = grid(ROWS, COLUMNS)
    v, u = np.mgrid[0 : 1 : ROWS * 1j, 0 : 1 : COLUMNS * 1j]
    points = np.stack([x, height(x, z), z], axis=-1).reshape(-1, 3)
    uv = np.stack([u, v], axis=-1).reshape(-1, 2)
    return povray.mesh("Land", points, povray.grid_faces(ROWS, COLUMNS)[:, ::-1], uv)


def ground_picture() -> np.ndarray:
    """Return the ground colors as 8-bit pixels, far rows on top."""
    return (ground(*grid(1500, 1100))[::-1] * 255 + 0.5).astype(np.uint8)
