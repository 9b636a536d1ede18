"""Set the mosaic style sample: a peacock in stone, glass and gold tesserae.

Nothing is copied from an existing picture. ``mosaic_scene.py`` draws a cartoon with the materials
of ``mosaic_parts.py``, ``mosaic_tiles.py`` lays tesserae along its contours; here every tessera
gets its own color, tilt, bevel and gloss, and a lamp at the upper left lights the wall.

Usage: python samples/mosaic.py OUT.jpg
"""

from __future__ import annotations

import sys

import numpy as np

from drawing import Array, main, noise, ramp, rgb, save, soften
from mosaic_parts import NAMES, PARTS, Cartoon
from mosaic_scene import draw
from mosaic_tiles import Whole, cut, edge_distance, plant, row_angle, settle

WIDTH, HEIGHT, SCALE = 768, 720, 2
SEED = 11
GROUT = rgb("4a3f36")
LAMP = np.array([-0.52, -0.62, 0.59], np.float32)


def lay(cartoon: Cartoon, rng: np.random.Generator) -> tuple[Array, Whole, Array]:
    """Return tile centers, each pixel's tile, and its distance in pixels from the tile's edge."""
    part, width = cartoon.part, cartoon.width
    sizes = np.array([PARTS[name].size * width for name in NAMES], np.float32)
    field = edge_distance(part)
    angle = row_angle(field, width / 110)
    tiles = plant(part, field, angle, sizes, rng)
    tiles = settle(tiles, part, angle, sizes, 4)
    spots = np.round(tiles).astype(int)
    turn = angle.copy()
    turn[spots[:, 0], spots[:, 1]] += rng.normal(0, 0.06, len(tiles))
    owner, best, second = cut(tiles, part, turn, sizes)
    size = sizes[part]
    inset = np.minimum((second - best) * size / 2, (0.74 - best) * size)
    return tiles, owner, np.minimum(inset, field - 0.4)


def tints(cartoon: Cartoon, tiles: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Color and gloss of every tile."""
    spots = np.round(tiles).astype(int)
    kinds = cartoon.part[spots[:, 0], spots[:, 1]]
    tones = cartoon.tone[spots[:, 0], spots[:, 1]]
    colors, gloss = np.zeros((len(tiles), 3), np.float32), np.zeros(len(tiles), np.float32)
    for number, name in enumerate(NAMES):
        mine, part = kinds == number, PARTS[name]
        count = int(mine.sum())
        spread = rng.normal(0, part.spread, count)
        colors[mine] = ramp(part.colors, tones[mine] + spread)
        gloss[mine] = part.gloss * rng.uniform(0.6, 1.2, count)
    cast = rng.normal(0, 0.022, (len(tiles), 3)) + rng.normal(0, 0.035, (len(tiles), 1))
    return (colors * (1 + cast * 1.6) + cast * 0.4).clip(0.01, 1).astype(np.float32), gloss


def wall(
    cartoon: Cartoon, tiles: Array, owner: Whole, inset: Array, rng: np.random.Generator
) -> Array:
    """Light the tiles: bevel, tilt, grain and gloss, with grout and shadow between them."""
    shape, unit = owner.shape, cartoon.width / 768
    colors, gloss = tints(cartoon, tiles, rng)
    safe = np.where(owner >= 0, owner, 0)
    chip = 0.35 * unit * noise(shape, 3.5 * unit, rng, 2)
    edge = inset - 0.75 * unit + chip * 0.5
    cover = np.where(owner >= 0, (edge + 0.5).clip(0, 1), 0).astype(np.float32)
    rise = np.sqrt(1 - (1 - (edge / (1.6 * unit)).clip(0, 1)) ** 2) * 0.95 * unit
    gy, gx = np.gradient(soften(rise.astype(np.float32), 2) + 0.10 * chip)
    tilt = rng.normal(0, 0.13, (len(tiles), 2)).astype(np.float32)[safe]
    shine = np.stack([-gx + tilt[..., 0], -gy + tilt[..., 1], np.ones(shape, np.float32)], axis=-1)
    shine /= np.linalg.norm(shine, axis=-1, keepdims=True)
    lit = shine @ LAMP / LAMP[2]
    half = LAMP + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    glint = (shine @ half).clip(0, 1) ** 26 * gloss[safe]
    grain = 1 + 0.045 * noise(shape, 2.2 * unit, rng, 2) + 0.03 * noise(shape, 9 * unit, rng)
    face = colors[safe] * ((0.42 + 0.66 * lit) * grain)[..., None]
    face += glint[..., None] * (0.55 * colors[safe] + 0.22)
    return join(face, cover, unit, rng)


def join(face: Array, cover: Array, unit: float, rng: np.random.Generator) -> Array:
    """Fill the gaps with grout, shaded where the tiles stand over it."""
    shape = cover.shape
    lime = (
        GROUT
        * (1 + 0.22 * noise(shape, 2 * unit, rng, 2) + 0.2 * noise(shape, 60 * unit, rng))[
            ..., None
        ]
    )
    shift = round(1.2 * unit)
    cast = soften(np.roll(cover, (shift, shift), (0, 1)), 2.5 * unit)
    lime = lime * (1.35 - 0.75 * cast)[..., None]
    uneven = 1 + 0.05 * noise(shape, shape[1] / 5, rng, 2)
    return (lime + (face - lime) * cover[..., None]) * uneven[..., None]


def paint(seed: int = SEED) -> Array:
    """Set the whole picture at working size."""
    rng = np.random.default_rng(seed)
    cartoon = draw(WIDTH * SCALE, HEIGHT * SCALE, rng)
    tiles, owner, inset = lay(cartoon, rng)
    return wall(cartoon, tiles, owner, inset, rng)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], __doc__, lambda path: save(paint(), (WIDTH, HEIGHT), path)))
