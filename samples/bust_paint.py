"""Color for the bust: what the painter laid on each vertex, and patina in the hollows."""

from __future__ import annotations

import numpy as np

from bust_clay import Array, Clay, curve
from bust_head import EYE, LOW_LID, TOP_LID

SKIN, BLUSH, LIP = (0.800, 0.600, 0.475), (0.770, 0.440, 0.335), (0.640, 0.300, 0.255)
HAIR, HAIR_DARK, LASH = (0.400, 0.225, 0.125), (0.185, 0.095, 0.055), (0.170, 0.095, 0.065)
MANTLE, MANTLE_DARK, GOLD = (0.560, 0.150, 0.105), (0.270, 0.050, 0.050), (0.800, 0.560, 0.200)


def ramp(low: float, high: float, value: Array) -> Array:
    """Return 0 below ``low``, 1 above ``high`` and a smooth step between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(color: Array, other, share: Array) -> Array:
    """Blend ``share`` of another color in."""
    return color + (np.asarray(other) - color) * share[:, None]


def noise(points: Array, size: float, seed: int) -> Array:
    """Return smooth value noise in -1 to 1 that varies over ``size`` centimeters."""
    table = np.random.default_rng(seed).uniform(-1, 1, (16, 16, 16))
    at = points / size
    base = np.floor(at).astype(int)
    t = at - base
    t = t * t * (3 - 2 * t)
    total = np.zeros(len(points))
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, t, 1 - t), axis=1)
        total += weight * table[tuple(((base + corner) % 16).T)]
    return total


def hollow(clay: Clay, points: Array, normals: Array, reach: float) -> Array:
    """Return how hollow the surface is: above 0 in grooves, below 0 on ridges."""
    total = np.zeros(len(points))
    for height in (0.5 * reach, reach):
        total += 1 - clay.sample(points + height * normals) / height
    return total / 2


def spot(points: Array, center, radii) -> Array:
    """Return a soft spot: 1 at its center, falling off over ``radii``."""
    return np.exp(-((((points - np.array(center)) / radii) ** 2).sum(1)))


def between(x: Array, knots) -> Array:
    """Return a smooth outline through (x, y) ``knots`` at ``x``."""
    line = curve(knots, 80)
    return np.interp(x, line[:, 0], line[:, 1])


def skin(clay: Clay, points: Array, normals: Array) -> Array:
    """Return colors of face and neck: flesh, blush, lips, brows, lash lines and scalp."""
    x, y, z = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    front = ramp(4.5, 6.0, z)
    both = np.stack([x, y, z], axis=1)
    color = np.tile(SKIN, (len(points), 1))
    mottle = 0.6 * noise(points, 2.2, 1) + 0.4 * noise(points, 0.7, 2)
    color *= 1 + 0.035 * mottle[:, None]
    blush = 0.55 * spot(both, (4.2, -3.3, 7.0), (2.3, 1.8, 3)) + 0.4 * spot(
        both, (0, -4.0, 11), (1.3, 1.1, 1.4)
    )
    blush += 0.4 * spot(both, (7, -1, -1.5), (1.2, 3, 2.2)) + 0.25 * spot(
        both, (0, -10, 9), (1.5, 1, 2)
    )
    blush += 0.30 * spot(both, (3.3, 0.7, 8), (2.0, 0.6, 2))
    color = mix(color, BLUSH, np.clip(blush * (1 + 0.3 * mottle), 0, 1))
    top = between(x, [(0, -6.16), (0.55, -5.98), (1.5, -6.38), (2.5, -6.78)])
    bottom = between(x, [(0, -8.02), (0.9, -7.95), (1.7, -7.55), (2.5, -6.8)])
    lips = ramp(-0.09, 0.09, np.minimum(top - y, y - bottom)) * ramp(2.55, 2.35, x) * front
    color = mix(color, LIP, 0.85 * lips)
    color = mix(color, SKIN, 0.16 * lips * spot(both, (0.6, -7.5, 10), (0.9, 0.3, 2)))
    color = mix(color, HAIR_DARK, brow(points, both) * front)
    color = mix(color, LASH, lashes(x, y) * front)
    scalp = ramp(
        -0.25,
        0.35,
        y
        - between(
            x + 0.15 * noise(points, 0.5, 3),
            [(0, 7.2), (2.6, 6.6), (5.3, 4.6), (6.5, 1.6), (6.7, 0.2), (9, -0.6)],
        ),
    )
    scalp = np.where(z < -2.2, ramp(-6.5, -5.0, y), scalp)
    color = mix(color, HAIR_DARK, 0.9 * scalp)
    return patina(color, hollow(clay, points, normals, 0.35), (0.30, 0.15, 0.09), 0.75)


def brow(points: Array, both: Array) -> Array:
    """Return how much brow color lies on each point: short strokes along an arch."""
    x, y = both[:, 0], both[:, 1]
    middle = between(x, [(0.9, 1.75), (2.2, 2.3), (3.8, 2.55), (5.5, 1.55)])
    half = between(x, [(0.9, 0.30), (1.6, 0.36), (3.6, 0.27), (5.5, 0.05)])
    strokes = noise(
        np.stack([points[:, 0] * 1.2 + 1.4 * y, 0.55 * (y - 0.6 * x), 0 * x], axis=1), 0.16, 4
    )
    body = ramp(1.25, 0.5, np.abs(y - middle) / half + 0.25 * strokes)
    return 0.66 * body * ramp(0.75, 1.3, x) * ramp(5.6, 4.9, x)


def lashes(x: Array, y: Array) -> Array:
    """Return how much lash-line color lies on each point: dark above the eye, faint below."""
    w = np.clip((x - 3.15) / 1.68, -1, 1)
    tilt = -0.2 + 0.11 * (x - 1.52)
    top = tilt + TOP_LID * (1 - w**2) ** 0.75 * (1 - 0.22 * w)
    bottom = tilt - LOW_LID * (1 - w**2) ** 0.95 * (1 + 0.25 * w)
    span = ramp(1.5, 2.1, x) * ramp(5.0, 4.7, x)
    upper = ramp(0.17, 0.10, y - top) * ramp(-0.30, -0.20, y - top)
    lower = 0.45 * ramp(-0.13, -0.05, y - bottom) * ramp(0.2, 0.1, y - bottom)
    return 0.9 * span * np.maximum(upper, lower)


def patina(color: Array, depth: Array, dirt, strength: float) -> Array:
    """Darken the grooves and lighten the worn ridges."""
    color = mix(color, dirt, strength * ramp(0.12, 1.0, depth))
    return np.clip(color * (1 + 0.12 * ramp(0.0, 0.45, -depth))[:, None], 0, 1)


def hair(clay: Clay, points: Array, normals: Array) -> Array:
    """Return colors of the locks: brown, lighter on ridges, dark between strands."""
    tone = 0.5 + 0.5 * noise(points, 1.6, 5)
    color = mix(np.tile(HAIR, (len(points), 1)), (0.52, 0.30, 0.15), 0.6 * tone)
    return patina(color, hollow(clay, points, normals, 0.22), HAIR_DARK, 0.9)


def mantle(clay: Clay, points: Array, normals: Array) -> Array:
    """Return colors of the mantle: madder red glaze, deep in the folds, a little worn."""
    color = np.tile(MANTLE, (len(points), 1)) * (1 + 0.06 * noise(points, 2.5, 6))[:, None]
    depth = hollow(clay, points, normals, 0.7)
    color = patina(color, depth, MANTLE_DARK, 0.8)
    worn = ramp(0.05, 0.4, -depth + 0.25 * noise(points, 0.6, 7))
    return mix(color, (0.72, 0.30, 0.20), 0.35 * worn)


def plain(value, dirt, reach: float):
    """Return a painter for one color with patina."""

    def paint(clay: Clay, points: Array, normals: Array) -> Array:
        color = np.tile(value, (len(points), 1)) * (1 + 0.05 * noise(points, 0.9, 8))[:, None]
        return patina(color, hollow(clay, points, normals, reach), dirt, 0.85)

    return paint


EYE_CENTERS = [EYE * (side, 1, 1) for side in (-1, 1)]
