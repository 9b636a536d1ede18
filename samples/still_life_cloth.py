"""The linen cloth of the still life: a small cloth simulation in NumPy.

A grid of points holds together by distances (Verlet steps, each followed by a few passes over all
distances). It starts pushed together sideways, so that folds rise, and falls over the table edge.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

STEPS, PASSES = 420, 14
GRAVITY = 0.012
THICKNESS = 0.35
GRIP = 0.7  # share of a step that friction takes from a point on the table


def pairs(
    rows: int, columns: int
) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice], float]]:
    """Yield (from, to, stiffness) so that no point occurs twice within one pair of slices."""
    for down, right, stiffness in [
        (0, 1, 1.0),
        (1, 0, 1.0),
        (1, 1, 0.5),
        (1, -1, 0.5),
        (0, 3, 0.12),
        (3, 0, 0.12),
    ]:
        step = 2 * max(down, abs(right))
        for start in range(step // 2):
            for phase in (start, start + step // 2):
                by_row = bool(down)
                length = rows if by_row else columns
                first = slice(phase, length - (down if by_row else right), step)
                second = slice(phase + (down if by_row else right), length, step)
                if not by_row:
                    yield (slice(None), first), (slice(None), second), stiffness
                elif right == 0:
                    yield (first, slice(None)), (second, slice(None)), stiffness
                elif right > 0:
                    yield (first, slice(0, -1)), (second, slice(1, None)), stiffness
                else:
                    yield (first, slice(1, None)), (second, slice(0, -1)), stiffness


def rest_lengths(rest: np.ndarray) -> list:
    """Attach to every pair of slices the distance its points have in the flat cloth."""
    return [
        (a, b, k, np.linalg.norm(rest[a] - rest[b], axis=-1)) for a, b, k in pairs(*rest.shape[:2])
    ]


def pull(points: np.ndarray, links: list) -> None:
    """Move linked points toward their distances, in place."""
    for a, b, stiffness, length in links:
        gap = points[b] - points[a]
        now = np.sqrt((gap * gap).sum(axis=-1)) + 1e-9
        gap *= (0.5 * stiffness * (1 - length / now))[..., None]
        points[a] += gap
        points[b] -= gap


def rest_on_table(points: np.ndarray, edge: float, weights: list) -> np.ndarray:
    """Push points out of the table, its rounded front edge at z = ``edge``; return who touches."""
    radius = 1.0
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    touching = (z > edge + radius) & (y < THICKNESS)
    y[touching] = THICKNESS
    out = np.stack([z - edge - radius, y + radius], axis=-1)
    far = np.linalg.norm(out, axis=-1)
    corner = (z <= edge + radius) & (y > -radius) & (far < radius + THICKNESS)
    scale = (radius + THICKNESS) / np.maximum(far[corner], 1e-6)
    z[corner] = edge + radius + out[corner][:, 0] * scale
    y[corner] = -radius + out[corner][:, 1] * scale
    front = (y <= -radius) & (z > edge - THICKNESS)
    z[front] = edge - THICKNESS
    for center_x, center_z, reach in weights:
        pressed = (x - center_x) ** 2 + (z - center_z) ** 2 < reach**2
        y[pressed] = THICKNESS
        touching |= pressed
    return touching | corner


def drape(rng: np.random.Generator, edge: float, weights: list) -> tuple[np.ndarray, np.ndarray]:
    """Return the settled cloth as a grid of points, and its flat coordinates in centimeters."""
    flat = np.stack(np.meshgrid(np.arange(0, 47, 0.75), np.arange(0, 42, 0.75)), axis=-1)
    rest = np.concatenate([flat, np.zeros_like(flat[..., :1])], axis=-1)
    links = rest_lengths(rest)
    u, v = flat[..., 0], flat[..., 1]
    waves = sum(
        rng.uniform(0.3, 1) * np.sin(f * u + g * v + rng.uniform(0, 6))
        for f, g in [(0.55, 0.1), (0.85, -0.16), (1.25, 0.2), (0.3, -0.3)]
    )
    turn = np.radians(-9)
    x, z = (0.72 + 0.003 * v) * (u - 23), v - 29
    points = np.stack(
        [
            x * np.cos(turn) - z * np.sin(turn) + 15,
            1.3 + 0.5 * waves,
            x * np.sin(turn) + z * np.cos(turn) - 6,
        ],
        axis=-1,
    )
    before, hold = points.copy(), points[:, [0, -1], 0].copy()
    for _ in range(STEPS):
        points, before = points + 0.97 * (points - before) - np.array([0, GRAVITY, 0]), points
        for _ in range(PASSES):
            pull(points, links)
            points[:, [0, -1], 0] = hold
            touching = rest_on_table(points, edge, weights)
        points[touching] -= GRIP * (points - before)[touching] * [1, 0, 1]
        before[touching] += 0.5 * (points - before)[touching]
    return points, flat
