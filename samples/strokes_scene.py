"""The scene behind the painted sample: what color and direction each point has.

Coordinates are shares of the canvas width: x runs 0..1, y runs 0..aspect downward. Everything
is a formula, so the painter can ask for any point at any brush size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

# Parts of the scene from far to near; the painter works in this order.
DEPTH = {"sky": 0, "far": 1, "near": 2, "field": 3, "river": 4, "poplar": 5}
SUN = (0.685, 0.345)
# Bumps of the sky's stream function: x, y, radius, height.
EDDIES = ((0.33, 0.17, 0.125, -0.21), (0.56, 0.13, 0.10, 0.06), (0.97, 0.16, 0.12, -0.16),
          (0.06, 0.33, 0.10, 0.09), (SUN[0], SUN[1] - 0.034, 0.15, 0.36))  # fmt: skip
# Poplars: foot x, foot y, height, half width.
POPLARS = ((0.135, 0.69, 0.60, 0.047), (0.215, 0.66, 0.37, 0.034), (0.060, 0.67, 0.43, 0.036))
EYE = (0.64, 0.43)


def rgb(code: str) -> Array:
    """Turn ``rrggbb`` into a color vector."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)


def stops(*items: tuple[float, str]) -> tuple[list[float], Array]:
    """Prepare (position, color) stops for ``ramp``."""
    return [place for place, _ in items], np.array([rgb(code) for _, code in items])


def ramp(table: tuple[list[float], Array], t: float) -> Array:
    """Blend along color stops."""
    places, colors = table
    return np.array([np.interp(t, places, colors[:, k]) for k in range(3)], np.float32)


INK = rgb("0f1638")
NIGHT = stops((0, "141f5c"), (0.14, "1d3d92"), (0.25, "2c69ac"), (0.33, "5f9fb4"), (0.39, "d8bf7c"),
              (0.45, "f0a548"))  # fmt: skip
CLOUD = stops((0, "3563ad"), (0.16, "7fb3d0"), (0.26, "d7dfcb"), (0.33, "f7e3ae"),
              (0.42, "f8c069"))  # fmt: skip
HALO = stops((0, "fff6cf"), (0.042, "ffe98c"), (0.052, "f9bd38"), (0.09, "f2952d"),
             (0.13, "f2b552"), (0.18, "dcae6a"))  # fmt: skip
FAR = stops((0, "4a62ad"), (0.5, "38428c"), (1, "6b5596"))
NEAR = stops((0, "a3a54a"), (0.4, "3f7a60"), (1, "1c4a5c"))
TREE = stops((0, "0b1730"), (0.45, "123c30"), (0.8, "33632c"), (1.0, "8f8a2c"), (1.3, "d0a83a"))
WATER = stops((0, "1d3f86"), (0.35, "3f7fb0"), (0.6, "b7b58a"), (0.8, "f5bf55"), (1, "fff0b0"))
FIELDS = (
    stops((0, "c07f1c"), (0.5, "e6b136"), (1, "f6d978")),
    stops((0, "34632c"), (0.5, "6f9037"), (1, "b5b54c")),
    stops((0, "93301c"), (0.5, "c9512a"), (1, "e8963c")),
    stops((0, "b8791c"), (0.5, "dda235"), (1, "f1cf6d")),
    stops((0, "28584c"), (0.5, "47835c"), (1, "9db560")),
)


def far_hill(x: float) -> float:
    """Height of the blue range on the horizon."""
    return 0.405 - 0.036 * np.sin(x * 5.2 + 0.2) - 0.014 * np.sin(x * 13 + 1)


def near_hill(x: float) -> float:
    """Height of the green hills in front of it."""
    return 0.462 + 0.022 * np.sin(x * 6.3 + 2.4) + 0.008 * np.sin(x * 17)


def field_top(x: float) -> float:
    """Where the striped fields begin."""
    return 0.510 - 0.018 * np.sin(x * 3.4 + 0.4)


def poplar(x: float, y: float) -> float | None:
    """Signed share of the half-width inside a poplar (-1..1), or None outside."""
    for foot_x, foot_y, tall, half in POPLARS:
        rise = (foot_y - y) / tall
        if not 0 < rise < 1:
            continue
        sway = 0.013 * np.sin(rise * 6 + foot_x * 40) * rise
        width = half * 1.25 * min(rise / 0.05, 1) ** 0.5 * (1 - rise) ** 0.62
        width *= 1 + 0.15 * np.sin(rise * 26 + foot_x * 90)
        offset = (x - foot_x - sway) / max(width, 1e-4)
        if abs(offset) < 1:
            return float(offset)
    return None


def river(x: float, y: float) -> float:
    """Signed offset from the river, in half widths; it winds toward the viewer."""
    depth = max((y - 0.505) / 0.295, 0.0)
    center = 0.615 - 0.19 * np.sin(depth**0.7 * 5.4) * (0.15 + 0.85 * depth) + 0.10 * depth
    return float((x - center) / (0.006 + 0.125 * depth**1.35))


def stream(x: float, y: float) -> float:
    """Stream function of the sky: strokes and cloud bands follow its level lines."""
    value = y + 0.032 * np.sin(x * 6 + y * 3) + 0.017 * np.sin(x * 12 - y * 6 + 2)
    for cx, cy, size, rise in EDDIES:
        value += rise * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / size**2)
    return float(value)


def sky_flow(x: float, y: float) -> Array:
    """Direction along the stream function's level line."""
    step = 0.002
    across = stream(x, y + step) - stream(x, y - step)
    down = stream(x + step, y) - stream(x - step, y)
    return np.array([across, -down])


def furrow(x: float, y: float) -> Array:
    """Rows of crops run toward a point near the sun and bend with the ground."""
    return np.array([x - EYE[0] + 0.035 * np.sin(x * 11 + y * 16), y - EYE[1]])


def sky_color(x: float, y: float) -> Array:
    """Dusk gradient, cloud bands along the flow, and the sun with its glow."""
    base = ramp(NIGHT, y + 0.02 * np.sin(x * 9))
    level = stream(x, y)
    band = 0.5 + 0.5 * np.sin(level * 58 + 1.5 * np.sin(x * 5 + 1))
    body = 0.5 + 0.5 * np.sin(x * 7.5 + 5.0 * level + 0.6) * np.cos(y * 9 - x * 3.0)
    share = np.clip((0.55 * band + 0.75 * body - 0.52) / 0.5, 0, 1) * 0.92
    base = base + share * (ramp(CLOUD, y + 0.12 * band) - base)
    for cx, cy, size, rise in EDDIES[:1]:
        near = np.exp(-(((x - cx) ** 2 + (y - cy + 0.038) ** 2) / (0.36 * size) ** 2))
        base = base + 0.9 * near * (ramp(CLOUD, 0.08 - 1.2 * (near - 0.2) * rise) - base)
    gap = float(np.hypot(x - SUN[0], y - SUN[1]))
    ring = 0.016 * np.sin(gap * 150) * (gap > 0.06)
    return base + np.exp(-((gap / 0.135) ** 3)) * (ramp(HALO, gap + ring) - base)


def field_color(x: float, y: float) -> Array:
    """Crop stripes fanning out from the horizon, darker at the viewer's feet."""
    bearing = (x - EYE[0]) / (y - EYE[1])
    stripe = int(np.floor(bearing * 1.45 + 0.45 * np.sin(y * 20))) % len(FIELDS)
    row = 0.5 + 0.5 * np.sin(bearing * 46 + 3 * np.sin(y * 26))
    return ramp(FIELDS[stripe], row) * np.float32(0.72 + 0.28 * np.clip((0.80 - y) / 0.2, 0, 1))


def river_color(x: float, y: float) -> Array:
    """Evening sky in the water, with the sun's glitter in the middle."""
    glitter = np.exp(-(((x - SUN[0] + 0.03) / 0.085) ** 2)) * 0.48
    ripple = 0.30 * np.sin(y * 150 + 3 * np.sin(x * 21))
    return ramp(WATER, 0.20 + glitter + ripple)


class Scene:
    """A low sun over hills and striped fields, a river, and poplars at the left."""

    def region(self, x: float, y: float) -> str:
        """Name the part of the scene at a point."""
        if poplar(x, y) is not None:
            return "poplar"
        if y < far_hill(x):
            return "sky"
        if y < near_hill(x):
            return "far"
        if y < field_top(x):
            return "near"
        return "river" if abs(river(x, y)) < 1 else "field"

    def direction(self, point: Array) -> Array:
        """Unit direction a stroke takes at a point."""
        x, y = float(point[0]), float(point[1])
        where = self.region(x, y)
        if where == "sky":
            flow = sky_flow(x, y)
        elif where == "poplar":
            flow = np.array([0.5 * (poplar(x, y) or 0.0) + 0.4 * np.sin(y * 42), -1.0])
        elif where == "river":
            flow = np.array([1.0, 0.10 * np.sin(x * 30 + y * 50)])
        elif where == "field":
            flow = furrow(x, y)
        else:
            hill = far_hill if where == "far" else near_hill
            flow = np.array([0.02, hill(x + 0.01) - hill(x - 0.01) + 0.006 * np.sin(x * 60)])
        return (flow / (np.hypot(*flow) + 1e-9)).astype(np.float32)

    def color(self, point: Array) -> Array:
        """Color of the scene at a point."""
        x, y = float(point[0]), float(point[1])
        where = self.region(x, y)
        if where == "sky":
            return sky_color(x, y)
        if where == "far":
            return ramp(FAR, (y - far_hill(x)) / 0.06 + 0.25 * np.sin(x * 40))
        if where == "near":
            return ramp(NEAR, (y - near_hill(x)) / 0.05 + 0.3 * np.sin(x * 33 + 1))
        if where == "poplar":
            side = poplar(x, y) or 0.0
            return ramp(TREE, 0.42 + 0.42 * side + 0.30 * np.sin(x * 210 + y * 95))
        return river_color(x, y) if where == "river" else field_color(x, y)

    def brush(self, point: Array) -> float:
        """Relative brush size: small on far hills, trees and at eddy centers, big up front."""
        x, y = float(point[0]), float(point[1])
        where = self.region(x, y)
        if where == "sky":
            gap = min(float(np.hypot(x - cx, y - cy)) for cx, cy, *_ in EDDIES)
            return 0.40 + 0.60 * min(gap / 0.09, 1.0)
        sizes = {"far": 0.55, "near": 0.5, "poplar": 0.7, "river": 0.35 + 1.6 * (y - 0.5)}
        return sizes.get(where, 0.55 + 2.2 * max(y - 0.5, 0))
