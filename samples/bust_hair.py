"""The bust's hair: waved locks combed from a parting over the ears, ringlets and a cord."""

from __future__ import annotations

import numpy as np

from bust_clay import Array, Clay, curve, tube
from bust_head import SIDES, mirrored

LOCKS = 19
# Points a lock passes, at the hairline (left) and at the crown (right); the rest lie between.
COURSE = np.array(
    [
        [(0.12, 7.3, 8.3), (0.12, 11.6, -2.0)],
        [(2.6, 6.7, 8.0), (3.6, 10.6, -4.0)],
        [(5.3, 4.3, 6.3), (6.0, 8.4, -5.5)],
        [(6.75, 1.2, 3.3), (6.9, 5.2, -7.0)],
        [(7.1, -0.1, -0.4), (5.2, 2.2, -9.0)],
        [(5.2, -1.6, -6.0), (2.5, -0.6, -10.3)],
        [(1.5, -3.0, -9.6), (0.8, -2.0, -11.0)],
    ]
)


def lock_path(skin: Clay, t: float, side: int, chance: np.random.Generator) -> tuple[Array, Array]:
    """Return the course of lock ``t`` (0 hairline, 1 crown) and its sideways directions."""
    key = COURSE[:, 0] + (COURSE[:, 1] - COURSE[:, 0]) * t**1.1
    path = skin.settle(curve(mirrored(key, side), 64), 0.3)
    s = np.linspace(0, 1, 64)
    up = skin.slope(path)
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(up, along)
    swell = np.sin(np.pi * np.clip(s * 1.25, 0, 1)) ** 0.7
    phase = 2 * np.pi * (5.0 * s - 1.2 * t) + chance.normal(0, 0.3)
    path += across * (0.55 * swell * np.sin(phase))[:, None] * side
    rise = (
        0.15 + 0.75 * swell * (1 - 0.3 * t) + 0.32 * swell * np.cos(phase) + chance.normal(0, 0.09)
    )
    return path + up * rise[:, None], across


def add_lock(hair: Clay, path: Array, across: Array, chance: np.random.Generator) -> None:
    """Lay one lock as five strands that twist loosely about each other."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    out = np.cross(along, across)
    s = np.linspace(0, 1, len(path))
    width = 0.34 * np.clip(np.sin(np.pi * np.clip(0.12 + s, 0, 1)), 0.35, 1)
    twist = chance.uniform(0, 6.3) + chance.choice((-1, 1)) * chance.uniform(1.5, 4.0) * s
    for n in range(5):
        angle = twist + n * 2 * np.pi / 5
        offset = (
            across * (1.15 * width * np.cos(angle))[:, None]
            + out * (0.7 * width * np.sin(angle))[:, None]
        )
        radii = (0.17 + 0.05 * chance.random()) * np.clip(width / 0.34, 0.5, 1)
        hair.add(tube(path + offset, radii, near=0.5), 0.05)


def add_ringlet(hair: Clay, points, turns: float, chance: np.random.Generator) -> None:
    """Hang one spiral curl along ``points``."""
    path = curve(points, 110)
    s = np.linspace(0, 1, 110)
    angle = 2 * np.pi * turns * s + chance.uniform(0, 6.3)
    reach = 0.46 * np.sin(np.pi * (0.1 + 0.82 * s)) ** 0.6
    for n in range(6):
        a = angle + 0.36 * n
        coil = np.stack([np.cos(a), 0 * a, np.sin(a)], axis=1) * reach[:, None]
        coil *= 1 + chance.normal(0, 0.06)
        coil[:, 1] -= 0.13 * n
        radii = chance.uniform(0.22, 0.28) * np.clip(np.sin(np.pi * (0.12 + 0.83 * s)), 0.3, 1)
        hair.add(tube(path + coil, radii, near=0.5), 0.05)


def hair(skin: Clay, cell: float, seed: int) -> Clay:
    """Return the hair at the given grid step, lying on ``skin``."""
    chance = np.random.default_rng(seed)
    clay = Clay((-11, -22, -14), (11, 14, 11), cell)
    for side in SIDES:
        for n in range(LOCKS):
            path, across = lock_path(skin, n / (LOCKS - 1), side, chance)
            add_lock(clay, path, across, chance)
        fall = [
            (6.1, -0.8, -3.2),
            (6.6, -5.5, -3.4),
            (6.3, -11, -2.6),
            (6.6, -16, -0.9),
            (6.9, -19.5, 1.2),
        ]
        add_ringlet(clay, mirrored(fall, side), 6.5, chance)
        fall = [(5.0, -1.5, -5.2), (5.9, -7, -5.2), (6.5, -13, -4.6), (8.3, -17.3, -3.6)]
        add_ringlet(clay, mirrored(fall, side), 5.5, chance)
    return clay


def cord(skin: Clay, cell: float) -> Clay:
    """Return a cord of three rods tied around the hair."""
    clay = Clay((-11, -4, -14), (11, 15, 11), cell)
    ring = [
        (0, 11.2, 3.6),
        (4.3, 10.0, 2.5),
        (7.4, 6.0, -0.6),
        (7.4, 1.8, -4.5),
        (4.5, -1.5, -8.5),
        (0, -2.5, -10),
    ]
    for side in SIDES:
        path = curve(mirrored(ring, side), 50)
        for shift in (-0.42, 0, 0.42):
            row = skin.settle(path + np.array([0, 0.6 * shift, shift]), 1.5 if shift else 1.65)
            clay.add(tube(row, 0.27, near=0.6), 0.04)
    return clay
