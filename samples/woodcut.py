"""Print the woodcut style sample: a wave breaking before the sun, in four inks and black.

Nothing is copied from an existing picture. ``woodcut_scene.py`` and ``woodcut_waves.py`` carve
one block for every ink; here the blocks are printed one over another on soft paper, each with its
plank's grain, its uneven pressure and a slightly wrong place.

Usage: python samples/woodcut.py OUT.jpg
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from PIL import Image

import woodcut_scene
import woodcut_waves
from drawing import Array, grid, main, noise, rgb, save, soften
from woodcut_block import Block, Blocks
from woodcut_waves import Wave

WIDTH, HEIGHT, SCALE = 768, 576, 2
SEED = 5
FAR = (
    Wave(0.30, 0.560, 0.085),
    Wave(0.02, 0.575, 0.075, 1),
    Wave(0.52, 0.590, 0.110),
    Wave(0.16, 0.625, 0.120),
)
NEAR = (
    Wave(0.865, 0.700, 0.560, -1, 0.06),
    Wave(0.47, 0.700, 0.135),
    Wave(0.20, 0.735, 0.165, -1, 0.05),
    Wave(0.60, 0.770, 0.120),
    Wave(0.86, 0.790, 0.150),
    Wave(0.40, 0.800, 0.105),
    Wave(0.02, 0.800, 0.12, 1),
)


@dataclass(frozen=True)
class Ink:
    """How one block prints: color, body, strength of the grain, shift (x, y) and turn."""

    color: str
    body: float
    grain: float
    shift: tuple[float, float]
    turn: float


# Printed in this order; shifts are shares of the width, turns are degrees.
INKS = {
    "ochre": Ink("e2a53c", 0.92, 0.22, (0.0016, -0.0012), 0.08),
    "pale": Ink("8dbcae", 0.92, 0.22, (-0.0014, 0.0012), -0.06),
    "blue": Ink("1f5590", 0.95, 0.20, (0.0012, 0.0016), 0.07),
    "red": Ink("cf3a22", 0.96, 0.20, (-0.0018, -0.0010), -0.08),
    "key": Ink("14162a", 0.97, 0.07, (0.0, 0.0), 0.0),
}


def plank(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Grain of a plank, 0..1: long flat rings around the tree's heart, and short pores."""
    x, y = grid(shape[1], shape[0])
    heart = rng.uniform(-0.5, 1.2)
    warp = noise(shape, (shape[0] / 7, shape[1] / 2), rng, 2)
    ring = np.hypot((y - heart) + 0.022 * warp, 0.17 * (x - rng.uniform(0.2, 0.8)))
    knot = np.hypot((x - rng.uniform(0, 1)) * 0.45, y - rng.uniform(0, 0.7))
    ring += 0.035 * np.exp(-((knot / 0.045) ** 2))
    wave = ring * 62 + 0.5 * noise(shape, (shape[0] / 30, shape[1] / 3), rng)
    late = (wave % 1) ** 3
    pores = noise(shape, (1.6, 46), rng) * 0.5 + noise(shape, (3.2, 90), rng) * 0.5
    return (0.62 * late + 0.34 * np.clip(pores, 0, 2)).clip(0, 1).astype(np.float32)


def place(standing: Array, ink: Ink) -> Array:
    """Lay a block down a little off its marks."""
    sheet = Image.fromarray(standing)
    offset = (ink.shift[0] * sheet.width, ink.shift[1] * sheet.width)
    moved = sheet.rotate(ink.turn, Image.Resampling.BILINEAR, translate=offset)
    moved = np.array(moved, np.float32)
    edge = 8
    for side in (np.s_[:edge], np.s_[-edge:], np.s_[:, :edge], np.s_[:, -edge:]):
        moved[side] = standing[side]
    return moved


def bokashi(name: str, shape: tuple[int, int]) -> Array | float:
    """Hand-wiped shading of an ink over the sheet."""
    _, y = grid(shape[1], shape[0])
    if name == "blue":
        return np.clip(
            1.10
            - 1.5 * np.clip(y - 0.02, 0, 0.26) * (y < 0.30)
            - 0.9 * np.exp(-(((y - 0.455) / 0.05) ** 2)) * 0.5,
            0,
            1,
        )
    if name == "ochre":
        return np.clip(0.40 + 2.2 * (y - 0.10), 0.3, 1)
    return 1.0


def impress(sheet: Array, block: Block, name: str, rng: np.random.Generator) -> Array:
    """Print one block over the sheet."""
    ink, shape = INKS[name], sheet.shape[:2]
    standing = place(block.standing(), ink)
    rough = 0.16 * noise(shape, 3, rng, 2) + 0.10 * noise(shape, 14, rng)
    edge = ((soften(standing, 2) - 0.5 + rough * 0.55) * 2.2 + 0.5).clip(0, 1)
    squeeze = np.clip(edge - soften(edge, 5), 0, 1) * 0.35
    mottle = 0.05 * noise(shape, 60, rng, 3) + 0.035 * noise(shape, 2.5, rng)
    film = ink.body - ink.grain * plank(shape, rng) * 2.2 - np.abs(mottle) + squeeze
    missed = noise(shape, 2.4, rng, 2) > 2.35
    cover = edge * (film * bokashi(name, shape)).clip(0, 1) * np.where(missed, 0.35, 1)
    return sheet * (1 - cover[..., None] * (1 - rgb(ink.color)))


def paper(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Cream mulberry paper with fibers and a little age."""
    tone = (
        0.010 * noise(shape, 2, rng, 2)
        + 0.005 * noise(shape, (2, 40), rng)
        + 0.008 * noise(shape, 7, rng)
    )
    age = 0.018 * noise(shape, 300, rng, 2)
    return rgb("f3e6c8") * (1 + tone + age)[..., None]


def carve(seed: int = SEED) -> Blocks:
    """Cut all blocks."""
    rng = np.random.default_rng(seed)
    blocks = {name: Block(WIDTH * SCALE, HEIGHT * SCALE) for name in INKS}
    woodcut_scene.carve(blocks, rng)
    woodcut_waves.carve(blocks, rng, FAR)
    woodcut_scene.boat(blocks, 0.300, 0.585, 0.050)
    woodcut_waves.carve(blocks, rng, NEAR)
    return blocks


def paint(seed: int = SEED) -> Array:
    """Carve and print the whole picture at working size."""
    blocks, rng = carve(seed), np.random.default_rng(seed + 1)
    sheet = paper((HEIGHT * SCALE, WIDTH * SCALE), rng)
    for name, block in blocks.items():
        sheet = impress(sheet, block, name, rng)
    return sheet


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], __doc__, lambda path: save(paint(), (WIDTH, HEIGHT), path)))
