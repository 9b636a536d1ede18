"""The evening sky of the valley scene: clouds as a volume of noise, lit and marched in NumPy.

Rays run away from the viewer, one slice of the volume after another, so each slice is one lookup
of a flat grid. Lengths are kilometers; the sun stands at the left.
"""

from __future__ import annotations

import numpy as np

from valley_land import fractal, noise, step

WIDE, HIGH = 1.0, 0.5  # the picture spans x/z from -1 to 1 and y/z from 0 to 0.5
X, Y, Z = np.linspace(-13, 13, 330), np.linspace(1.0, 2.9, 40), np.linspace(2.6, 19, 190)
SUN, SHADE = np.array([1.0, 0.84, 0.62]), np.array([0.52, 0.57, 0.70])


def density() -> np.ndarray:
    """Return the cloud volume over (y, z, x): heaps with flat bases, gathered in fields."""
    y, z, x = np.meshgrid(Y, Z, X, indexing="ij")
    fields = noise(205, x[0] / 3.4 + 0.4, z[0] / 3.4) + 0.5 * noise(206, x[0] / 1.5, z[0] / 1.5)
    shape = fractal(221, 4, x / 0.95, y / 0.8, z / 0.95)
    rise = (y - Y[0]) / (Y[-1] - Y[0])
    body = 0.62 * shape + 0.72 * fields - 0.44 - 1.25 * rise**1.3
    return np.clip(3.2 * body, 0, 1) * step(0.0, 0.07, rise)


def light(cloud: np.ndarray) -> np.ndarray:
    """Return how much sun reaches each place, swept from the left through the volume."""
    reach = np.ones_like(cloud)
    down, away = 0.30, 0.12
    for k in range(1, len(X)):
        seen = reach[:, :, k - 1] * np.exp(-0.42 * cloud[:, :, k - 1])
        seen = (1 - down) * seen + down * np.concatenate([seen[1:], np.ones_like(seen[:1])])
        reach[:, :, k] = (1 - away) * seen + away * np.concatenate(
            [np.ones_like(seen[:, :1]), seen[:, :-1]], axis=1
        )
    return reach


def look(plane: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return bilinear lookups in a flat grid; indices must lie inside."""
    r, c = row.astype(int), column.astype(int)
    a, b = row - r, column - c
    top = plane[r, c] * (1 - b) + plane[r, c + 1] * b
    return top * (1 - a) + (plane[r + 1, c] * (1 - b) + plane[r + 1, c + 1] * b) * a


def backdrop(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return the clear sky: blue above, pale gold at the horizon, warmer toward the sun."""
    low, warm = np.exp(-v / 0.085)[..., None], np.clip(0.5 - 0.55 * u, 0, 1)[..., None]
    blue = (
        np.array([0.30, 0.48, 0.72])
        + (np.array([0.44, 0.60, 0.78]) - [0.30, 0.48, 0.72]) * np.exp(-v / 0.25)[..., None]
    )
    glow = np.array([0.90, 0.83, 0.74]) * (1 - warm) + np.array([1.0, 0.85, 0.62]) * warm
    return blue * (1 - low) + glow * low


def sky(width: int = 1800) -> np.ndarray:
    """Return the sky as 8-bit pixels, horizon at the bottom."""
    cloud = density()
    sun = light(cloud)
    u, v = np.meshgrid(np.linspace(-WIDE, WIDE, width), np.linspace(HIGH, 0, width // 4))
    n = np.linspace(0, 40, 512)
    detail = fractal(251, 5, n[None, :], n[:, None], gain=0.6)
    color, clear = np.zeros((*u.shape, 3)), np.ones(u.shape)
    for k, z in enumerate(Z):
        x, y = u * z, v * z
        inside = (np.abs(x) < X[-1] - 0.1) & (y > Y[0]) & (y < Y[-1] - 0.05) & (clear > 0.01)
        at = (y[inside] - Y[0]) / (Y[1] - Y[0]), (x[inside] - X[0]) / (X[1] - X[0])
        here = look(cloud[:, k], *at)
        rough = detail[
            (y[inside] * 150 + 4 * k).astype(int) % 512, (x[inside] * 150 + 3 * k).astype(int) % 512
        ]
        here = np.clip(here - 0.26 * (1 - here) * np.clip(rough + 0.75, 0, None), 0, 1)
        opacity = 1 - np.exp(-2.1 * here)
        top = np.clip((y[inside] - Y[0]) / 1.1, 0, 1)[:, None]
        tone = look(sun[:, k], *at)[:, None] * SUN * 0.85 + SHADE * (0.78 + 0.45 * top)
        haze = np.exp(-z / 26)
        tone = tone * haze + backdrop(u[inside], v[inside]) * (1 - haze)
        color[inside] += (clear[inside] * opacity)[:, None] * tone
        clear[inside] *= 1 - opacity
    return ((color + clear[..., None] * backdrop(u, v)).clip(0, 1) * 255 + 0.5).astype(np.uint8)
