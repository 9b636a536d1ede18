"""What the bust wears and stands before: a draped mantle, its clasp, and a curtain."""

from __future__ import annotations

import numpy as np

from bust_clay import Array, Clay, curve, ellipsoid, tube
from bust_head import SIDES, mirrored, torso

CLASP = np.array([9.6, -18.6, 1.6])


def fold_path(body: Clay, n: float, chance: np.random.Generator) -> Array:
    """Return fold ``n`` of the front: it hangs in a bow from shoulder to shoulder."""
    low = -24.4 - 1.25 * n + chance.normal(0, 0.2)
    sag = 1.4 + chance.normal(0, 0.4)
    points = [
        (-9.2 - 0.38 * n, -17.6 - 0.22 * n, -4.5),
        (-8.9 - 0.38 * n, -18.9 - 0.35 * n, 2.0),
        (-4.6 - 0.2 * n, low + 2.5, 6.5),
        (sag, low, 8.5),
        (5.6 + 0.2 * n, low + 2.7, 6.5),
        (9.2 + 0.25 * n, -18.9 - 0.26 * n, 1.6),
        (9.4 + 0.25 * n, -17.8 - 0.15 * n, -4.5),
    ]
    return body.settle(curve(points, 60), 0.45)


def mantle(cell: float, seed: int) -> Clay:
    """Return the mantle: a thick layer over the torso, with hanging folds."""
    chance = np.random.default_rng(seed)
    clay = Clay((-24, -36, -15), (24, -13, 15), cell)
    body = Clay((-24, -36, -15), (24, -13, 15), cell)
    torso(body)
    clay.field = body.field - np.float32(0.35)
    clay.carve(ellipsoid((0, -14.2, 4.0), (8.8, 8.3, 13.0)), 0.3)
    s = np.linspace(0, 1, 60)
    for n in range(11):
        swell = 0.35 + 0.65 * np.sin(np.pi * s) ** 0.8
        ripple = 1 + 0.12 * np.sin(chance.uniform(0, 6) + 9 * s)
        size = chance.uniform(0.5, 0.72) if n else 0.5
        path = fold_path(body, n * 1.05 + chance.normal(0, 0.12) * (n > 0), chance)
        clay.add(tube(path, size * swell * ripple, near=1.5), 0.45)
    for side in SIDES:
        for n in range(7):
            top = (11.5 + 1.1 * n, -18.4 - 0.35 * n, -1.5 - 0.4 * n)
            points = [
                top,
                (12.5 + 1.25 * n, -24, 5.0 - 1.2 * n),
                (12.0 + 1.3 * n, -36, 7.5 - 1.2 * n),
            ]
            path = body.settle(mirrored(curve(points, 40), side), 0.4)
            path[:, 0] += 0.3 * np.sin(np.linspace(0, 5, 40) + chance.uniform(0, 6))
            size = chance.uniform(0.45, 0.75) * np.linspace(0.5, 1.2, 40)
            clay.add(tube(path, size, near=1.5), 0.5)
    return clay


def clasp(body: Clay, cell: float) -> Clay:
    """Return a round clasp with beads around it, on the shoulder."""
    clay = Clay(CLASP - 3.5, CLASP + 3.5, cell)
    center = body.settle(CLASP[None], 0.7)[0]
    up = body.slope(center[None])[0]
    up /= np.linalg.norm(up)
    side = np.cross(up, (0, 1, 0))
    side /= np.linalg.norm(side)
    over = np.cross(side, up)
    clay.add(ellipsoid(center + 0.15 * up, (0.75, 0.75, 0.75)), 0.2)
    for n in range(14):
        a = 2 * np.pi * n / 14
        clay.add(
            ellipsoid(center + 1.25 * (np.cos(a) * side + np.sin(a) * over), (0.3, 0.3, 0.3)), 0.1
        )
    ring = np.linspace(0, 2 * np.pi, 33)[:, None]
    clay.add(tube(center + 0.9 * (np.cos(ring) * side + np.sin(ring) * over), 0.28), 0.2)
    return clay


def curtain(seed: int) -> tuple[Array, int, int]:
    """Return a grid of points (rows, then columns) of a heavy curtain that hangs in folds."""
    chance = np.random.default_rng(seed)
    rows, columns = 90, 520
    y, x = np.mgrid[45 : -70 : rows * 1j, -75 : 75 : columns * 1j]
    drop = (45 - y) / 115
    z = np.zeros_like(x)
    for scale, height in ((17.0, 3.4), (9.5, 1.5), (5.2, 0.5)):
        wander = sum(
            chance.normal(0, 0.55)
            * np.sin(x / w + chance.uniform(0, 6) + chance.normal(0, 1.2) * drop)
            for w in (31.0, 19.0, 11.0)
        )
        phase = 2 * np.pi * x / scale + 2.2 * wander + chance.uniform(0, 6)
        z += height * (0.75 + 0.5 * drop) * np.sign(np.sin(phase)) * np.abs(np.sin(phase)) ** 0.8
    x = x + 0.9 * np.cos(x / 4.1 + 3 * drop)
    return np.stack([x, y, 62 + z], axis=-1).reshape(-1, 3), rows, columns
