"""Voxel clay for the bust: signed-distance shapes pressed together on a grid, then meshed.

Lengths are centimeters; x is to the sitter's left, y up, z toward the viewer. A shape is a
function of the coordinates with the box it fills; distances are approximate away from surfaces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
CORNERS = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
EDGES = [(a, a | bit) for bit in (1, 2, 4) for a in range(8) if not a & bit]


@dataclass
class Shape:
    """A signed distance ``distance(x, y, z)`` and the box outside which it is not needed."""

    distance: Callable[[Array, Array, Array], Array]
    low: Array
    high: Array


def ellipsoid(center, radii, turn: float = 0.0, lean: float = 0.0) -> Shape:
    """Return an ellipsoid, turned about y and then leaned about z (degrees)."""
    center, radii = np.array(center, float), np.array(radii, float)
    a, b = np.radians(turn), np.radians(lean)

    def distance(x, y, z):
        x, y, z = x - center[0], y - center[1], z - center[2]
        x, y = np.cos(b) * x + np.sin(b) * y, np.cos(b) * y - np.sin(b) * x
        x, z = np.cos(a) * x + np.sin(a) * z, np.cos(a) * z - np.sin(a) * x
        near = np.sqrt((x / radii[0]) ** 2 + (y / radii[1]) ** 2 + (z / radii[2]) ** 2)
        slope = np.sqrt(
            (x / radii[0] ** 2) ** 2 + (y / radii[1] ** 2) ** 2 + (z / radii[2] ** 2) ** 2
        )
        return near * (near - 1) / (slope + 1e-6)

    reach = radii if not (turn or lean) else np.full(3, radii.max())
    return Shape(distance, center - reach, center + reach)


def tube(points, radii, near: float = 5.0) -> Shape:
    """Return a round rod along ``points``; ``radii`` is one number or one for each point.

    Beyond ``near`` from a stretch of the rod that stretch is left out, which saves time.
    """
    points = np.asarray(points, float)
    radii = np.broadcast_to(np.asarray(radii, float), (len(points),))

    def distance(x, y, z):
        best = np.full(np.broadcast_shapes(x.shape, y.shape, z.shape), 99.0, np.float32)
        for start, end, r0, r1 in zip(points, points[1:], radii, radii[1:], strict=False):
            along = end - start
            length = max(float(along @ along), 1e-9)
            reach = max(r0, r1) + near
            lo, hi = np.minimum(start, end) - reach, np.maximum(start, end) + reach
            cut = tuple(
                slice(*np.searchsorted(axis.ravel(), (lo[n], hi[n])))
                for n, axis in enumerate((x, y, z))
            )
            px, py, pz = x[cut[0]] - start[0], y[:, cut[1]] - start[1], z[:, :, cut[2]] - start[2]
            t = np.clip((px * along[0] + py * along[1] + pz * along[2]) / length, 0, 1)
            gap = (px - t * along[0]) ** 2 + (py - t * along[1]) ** 2 + (pz - t * along[2]) ** 2
            best[cut] = np.minimum(best[cut], np.sqrt(gap) - (r0 + t * (r1 - r0)))
        return best

    reach = radii.max()
    return Shape(distance, points.min(0) - reach, points.max(0) + reach)


def curve(points, count: int = 24) -> Array:
    """Return ``count`` points on the Catmull-Rom curve through ``points`` (any columns)."""
    p = np.asarray(points, float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    at = np.linspace(0, len(p) - 3 - 1e-9, count)
    n, t = at.astype(int), (at % 1)[:, None]
    a, b, c, d = p[n], p[n + 1], p[n + 2], p[n + 3]
    cubic = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2
    return (cubic + (3 * b - a - 3 * c + d) * t**3) / 2


class Clay:
    """A block of space that shapes are added to and carved from."""

    def __init__(self, low, high, cell: float) -> None:
        self.low, self.cell = np.array(low, float), cell
        counts = np.ceil((np.array(high, float) - self.low) / cell).astype(int) + 1
        self.axes = [
            (self.low[n] + cell * np.arange(counts[n])).astype(np.float32) for n in range(3)
        ]
        self.field = np.full(counts, 9.0, np.float32)

    def window(self, low, high):
        """Return the index of a box and open coordinate arrays over it."""
        cut = tuple(
            slice(*np.searchsorted(axis, (low[n], high[n]))) for n, axis in enumerate(self.axes)
        )
        return cut, np.ix_(*(axis[part] for axis, part in zip(self.axes, cut, strict=True)))

    def add(self, shape: Shape, soft: float = 0.0) -> None:
        """Join a shape on, with a fillet about ``soft`` wide."""
        self._blend(shape, soft, 1)

    def carve(self, shape: Shape, soft: float = 0.0) -> None:
        """Cut a shape away, with edges rounded over about ``soft``."""
        self._blend(shape, soft, -1)

    def _blend(self, shape: Shape, soft: float, sign: int) -> None:
        margin = 2.5 * soft + 4 * self.cell
        cut, at = self.window(shape.low - margin, shape.high + margin)
        old, new = sign * self.field[cut], shape.distance(*at).astype(np.float32)
        low = np.minimum(old, new)
        if soft:
            low -= np.maximum(soft - np.abs(old - new), 0) ** 2 * np.float32(0.25 / soft)
        self.field[cut] = sign * low

    def press(self, center, radii, amount: float) -> None:
        """Raise (or with a negative amount dent) the surface around a point, like a thumb."""
        center, radii = np.array(center, float), np.array(radii, float)
        cut, (x, y, z) = self.window(center - 3 * radii, center + 3 * radii)
        q = [((v - center[n]) / radii[n]) ** 2 for n, v in enumerate((x, y, z))]
        self.field[cut] -= np.float32(amount) * np.exp(-q[0]) * np.exp(-q[1]) * np.exp(-q[2])

    def sample(self, points: Array) -> Array:
        """Return the field at points, by trilinear interpolation."""
        at = (points - self.low) / self.cell
        at = np.clip(at, 0, np.array(self.field.shape) - 1.001)
        base = at.astype(int)
        t = at - base
        total = np.zeros(len(points))
        for corner in CORNERS:
            weight = np.prod(np.where(corner, t, 1 - t), axis=1)
            total += weight * self.field[tuple((base + corner).T)]
        return total

    def slope(self, points: Array) -> Array:
        """Return the field's gradient at points."""
        step = np.eye(3) * self.cell
        pairs = [self.sample(points + s) - self.sample(points - s) for s in step]
        return np.stack(pairs, axis=1) / (2 * self.cell)

    def settle(self, points: Array, height: float | Array = 0.0, rounds: int = 12) -> Array:
        """Move points along the gradient until they lie ``height`` above the surface."""
        points = np.array(points, float)
        for _ in range(rounds):
            g = self.slope(points)
            step = (self.sample(points) - height) / np.maximum((g**2).sum(1), 0.05)
            points -= np.clip(step, -0.8, 0.8)[:, None] * g
        return points

    def mesh(self) -> tuple[Array, Array, Array]:
        """Return vertices, unit normals and triangles of the surface (surface nets)."""
        inside = self.field < 0
        shape = np.array(inside.shape) - 1
        count = np.zeros(shape, np.int8)
        for i, j, k in CORNERS:
            count += inside[i : i + shape[0], j : j + shape[1], k : k + shape[2]]
        cells = np.argwhere((count > 0) & (count < 8))
        number = np.full(shape, -1, np.int32)
        number[tuple(cells.T)] = np.arange(len(cells))
        values = np.stack([self.field[tuple((cells + c).T)] for c in CORNERS], axis=1)
        points = self.low + self.cell * (cells + _crossing(values))
        points = self.settle(points, rounds=2)
        normals = self.slope(points)
        normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
        return points, normals, _triangles(inside, number)


def _crossing(values: Array) -> Array:
    """Return the mean zero crossing inside each cell, in cell units."""
    total, hits = np.zeros((len(values), 3)), np.zeros((len(values), 1))
    for a, b in EDGES:
        fa, fb = values[:, a], values[:, b]
        crossed = (fa < 0) != (fb < 0)
        t = np.where(crossed, fa / np.where(crossed, fa - fb, 1), 0)[:, None]
        spot = CORNERS[a] + t * (CORNERS[b] - CORNERS[a])
        total += np.where(crossed[:, None], spot, 0)
        hits += crossed[:, None]
    return total / np.maximum(hits, 1)


def _triangles(inside: Array, number: Array) -> Array:
    """Return two triangles for each grid edge that crosses the surface."""
    faces = []
    for axis in range(3):
        u, v = np.eye(3, dtype=int)[(axis + 1) % 3], np.eye(3, dtype=int)[(axis + 2) % 3]
        ahead = np.roll(inside, -1, axis)
        edges = np.argwhere(inside != ahead)
        keep = (edges[:, axis] < number.shape[axis]) & np.all(edges - u - v >= 0, axis=1)
        edges = edges[keep & np.all(edges < number.shape, axis=1)]
        quad = np.stack([number[tuple((edges - s).T)] for s in (u + v, v, 0 * u, u)], axis=1)
        quad = quad[np.all(quad >= 0, axis=1)]
        faces += [quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]]
    return np.vstack(faces)
