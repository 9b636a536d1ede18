"""Lay tesserae over a cartoon: in rows along the contours (andamento), then settled and cut.

All lengths here are pixels of the working picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from drawing import Array, soften

Whole = NDArray[np.int_]


def edge_distance(part: Whole) -> Array:
    """Distance of every pixel from the edge of its part, by jump flooding at half size."""
    small = part[::2, ::2]
    edge = np.zeros(small.shape, bool)
    for axis in (0, 1):
        change = np.diff(small, axis=axis) != 0
        edge |= np.pad(change, [(0, 1) if k == axis else (0, 0) for k in (0, 1)])
    ys, xs = np.mgrid[0 : small.shape[0], 0 : small.shape[1]].astype(np.float32)
    near_y, near_x = np.where(edge, ys + 0.5, -1e4), np.where(edge, xs + 0.5, -1e4)
    best = (near_y - ys) ** 2 + (near_x - xs) ** 2
    for jump in (256, 128, 64, 32, 16, 8, 4, 2, 1, 1):
        for dy in (-jump, 0, jump):
            for dx in (-jump, 0, jump):
                if dx or dy:
                    flood(near_y, near_x, best, (ys, xs), (dy, dx))
    size = (part.shape[1], part.shape[0])
    field = Image.fromarray(np.sqrt(best).astype(np.float32) * 2)
    return np.asarray(field.resize(size, Image.Resampling.BILINEAR), np.float32)


def flood(
    near_y: Array, near_x: Array, best: Array, at: tuple[Array, Array], step: tuple[int, int]
) -> None:
    """Offer every pixel the nearest edge that its neighbor at ``step`` knows."""
    to = tuple(slice(max(s, 0), n + min(s, 0)) for s, n in zip(step, best.shape, strict=True))
    of = tuple(slice(max(-s, 0), n + min(-s, 0)) for s, n in zip(step, best.shape, strict=True))
    gap = (near_y[of] - at[0][to]) ** 2 + (near_x[of] - at[1][to]) ** 2
    closer = gap < best[to]
    for target, source in (
        (best[to], gap),
        (near_y[to], near_y[of].copy()),
        (near_x[to], near_x[of].copy()),
    ):
        target[closer] = source[closer]


def row_angle(field: Array, blur: float) -> Array:
    """Direction across the rows: the field's gradient, averaged without regard to sign."""
    gy, gx = np.gradient(soften(field, 3))
    double = np.arctan2(soften(2 * gx * gy, blur), soften(gx * gx - gy * gy, blur))
    return (double / 2).astype(np.float32)


class Layer:
    """Plants tesserae one by one where there is room."""

    def __init__(self, part: Whole, field: Array, angle: Array, sizes: Array) -> None:
        """``sizes`` is the tile size of every part."""
        self.part, self.field, self.angle, self.sizes = part, field, angle, sizes
        self.taken = np.zeros(part.shape, bool)
        self.tiles: list[tuple[float, float]] = []

    def free(self, y: float, x: float, kind: int) -> bool:
        """Whether a tile of this part may be centered here."""
        row, column = round(y), round(x)
        inside = 0 <= row < self.part.shape[0] and 0 <= column < self.part.shape[1]
        return inside and self.part[row, column] == kind and not self.taken[row, column]

    def set(self, y: float, x: float, size: float) -> None:
        """Plant a tile and close the space around it."""
        self.tiles.append((y, x))
        reach = int(size * 0.80)
        top, left = max(round(y) - reach, 0), max(round(x) - reach, 0)
        patch = self.taken[top : round(y) + reach + 1, left : round(x) + reach + 1]
        ys, xs = np.ogrid[0 : patch.shape[0], 0 : patch.shape[1]]
        patch |= (ys + top - y) ** 2 + (xs + left - x) ** 2 < (0.80 * size) ** 2

    def walk(self, y: float, x: float, kind: int, sense: int) -> None:
        """Go along a row, planting a tile at every step, until something is in the way."""
        size = float(self.sizes[kind])
        level = (np.floor(self.field[round(y), round(x)] / size) + 0.5) * size
        heading: tuple[float, float] | None = None
        for _ in range(2000):
            turn = float(self.angle[round(y), round(x)])
            across = (np.sin(turn), np.cos(turn))
            along = (across[1] * sense, -across[0] * sense)
            if heading and along[0] * heading[0] + along[1] * heading[1] < 0:
                along = (-along[0], -along[1])
            heading = along
            y, x = y + along[0] * size, x + along[1] * size
            if not self.free(y, x, kind):
                return
            drift = float(self.field[round(y), round(x)]) - level
            ahead = (min(max(round(y + across[0] * 3), 0), self.part.shape[0] - 1),
                     min(max(round(x + across[1] * 3), 0), self.part.shape[1] - 1))  # fmt: skip
            slope = np.sign(self.field[ahead] - self.field[round(y), round(x)])
            if abs(drift) < 0.5 * size:
                y, x = y - across[0] * drift * slope, x - across[1] * drift * slope
            if not self.free(y, x, kind):
                return
            self.set(y, x, size)


def plant(part: Whole, field: Array, angle: Array, sizes: Array, rng: np.random.Generator) -> Array:
    """Fill every part with tiles: rows from its edge inward, then whatever holes are left."""
    layer = Layer(part, field, angle, sizes)
    for kind in np.unique(part):
        size = float(sizes[kind])
        for gate in (0.15, None):
            inside = part == kind
            inside &= np.abs(field / size % 1 - 0.5) < gate if gate else field > 0.22 * size
            ys, xs = np.nonzero(inside)
            pick = rng.permutation(len(ys))[: max(len(ys) // (3 if gate else 1), 1)]
            depth = field[ys[pick], xs[pick]]
            order = np.argsort(np.floor(depth / size) if gate else -depth, kind="stable")
            for y, x in zip(ys[pick][order].tolist(), xs[pick][order].tolist(), strict=True):
                if not layer.taken[y, x]:
                    layer.set(y, x, size)
                    layer.walk(y, x, int(kind), 1)
                    layer.walk(y, x, int(kind), -1)
    return np.array(layer.tiles, np.float32)


def cut(tiles: Array, part: Whole, angle: Array, sizes: Array) -> tuple[Whole, Array, Array]:
    """Give pixels to the nearest tile of their part, as a square sees distance.

    Returns the tile number (or -1), the distance to it and to the second nearest, in tile sizes.
    """
    owner = np.full(part.shape, -1, np.int32)
    best, second = np.full(part.shape, 0.95, np.float32), np.full(part.shape, 0.95, np.float32)
    for number, (y, x) in enumerate(tiles.tolist()):
        kind = part[round(y), round(x)]
        size = float(sizes[kind])
        reach, turn = int(size * 1.3) + 1, float(angle[round(y), round(x)])
        window = (slice(max(round(y) - reach, 0), round(y) + reach + 1),
                  slice(max(round(x) - reach, 0), round(x) + reach + 1))  # fmt: skip
        first, other = best[window], second[window]
        ys = (
            np.arange(window[0].start, window[0].start + first.shape[0], dtype=np.float32)[:, None]
            - y
        )
        xs = (
            np.arange(window[1].start, window[1].start + first.shape[1], dtype=np.float32)[None] - x
        )
        c, s = np.cos(turn) / size, np.sin(turn) / size
        gap = np.maximum(np.abs(c * xs + s * ys), np.abs(c * ys - s * xs))
        gap[part[window] != kind] = 9
        closer = gap < first
        other[...] = np.where(closer, first, np.minimum(other, gap))
        first[closer] = gap[closer]
        owner[window][closer] = number
    return owner, best, second


def settle(tiles: Array, part: Whole, angle: Array, sizes: Array, rounds: int) -> Array:
    """Move every tile to the middle of its cell a few times, which evens the rows."""
    ys, xs = np.mgrid[0 : part.shape[0], 0 : part.shape[1]]
    for _ in range(rounds):
        owner, _, _ = cut(tiles, part, angle, sizes)
        held = owner >= 0
        count = np.bincount(owner[held], minlength=len(tiles))
        middle = [
            np.bincount(owner[held], axis[held], len(tiles)) / np.maximum(count, 1)
            for axis in (ys, xs)
        ]
        moved = np.stack(middle, axis=1).astype(np.float32)
        spots, old = np.round(moved).astype(int), np.round(tiles).astype(int)
        keep = (count > 0) & (part[spots[:, 0], spots[:, 1]] == part[old[:, 0], old[:, 1]])
        tiles = np.where(keep[:, None], moved, tiles)[count > 6]
    return tiles
