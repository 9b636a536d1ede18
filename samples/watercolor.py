"""Paint the watercolor sample: a lakeside garden with irises and hydrangeas.

Nothing is copied from an existing picture. Washes, glazes and backruns are laid on a sheet of
rough paper in a painter's order: sky, hills, far shore, water, then the flowers up front, whose
shapes are kept clear of the paint behind them.

Usage: python samples/watercolor.py OUT.jpg
"""

from __future__ import annotations

import sys

import numpy as np
from PIL import Image

from drawing import main
from paper import blade, blob, smooth, spline, under
from watercolor_garden import (
    COBALT,
    DAB,
    GOLD,
    HOOKER,
    INDIGO,
    LEMON,
    MAGENTA,
    PEACH,
    ROSE,
    SAP,
    SIENNA,
    TEAL,
    ULTRAMARINE,
    VIOLET,
    broad_leaf,
    foliage,
    hydrangea,
    iris,
    lily_pad,
    sword,
)
from watercolor_sheet import Look, Sheet, pigment

WIDTH, HEIGHT, SCALE = 768, 614, 2
SEED = 11
SHORE = 0.335
TURQUOISE = pigment("3fb3b0")


def sky(sheet: Sheet) -> None:
    """Blue running wet in wet into rose and gold, with clouds left out and backruns."""
    xs, ys = sheet.grid()
    drift, small = sheet.field(0.20, 1.7), sheet.field(0.08, 1.5)
    height = (ys / SHORE + 0.10 * drift).clip(0, 1)
    cloud = smooth(0.8 * drift + 0.55 * small + 0.5 * np.sin(xs * 5 + ys * 6), -0.1, 1.0)
    above = smooth(ys, SHORE + 0.03, SHORE)
    blue = (1 - height) ** 0.8 * 0.95 * (1 - 0.82 * cloud) * above
    sheet.flood(blue, COBALT, ULTRAMARINE, 0.6 - height + 0.25 * small)
    warm = smooth(height, 0.25, 0.95) * (0.55 + 0.20 * small) * above
    sheet.flood(warm.clip(0), PEACH, ROSE, 0.35 + 0.40 * drift)
    glow = np.exp(-(((xs - 0.40) / 0.2) ** 2) - ((ys - 0.27) / 0.11) ** 2)
    sheet.lift(0.55 * glow)
    sheet.flood(glow * 0.65, LEMON, GOLD, 0.3 + 0.3 * small)
    sheet.flood(0.28 * cloud * smooth(small, 0.1, 1.2) * above, VIOLET, ROSE, 0.5 + 0.4 * small)
    for _ in range(9):
        x, y = sheet.rng.uniform(0, 1), sheet.rng.uniform(0.02, 0.24)
        sheet.backrun(x, y, sheet.rng.uniform(0.025, 0.085), sheet.rng.uniform(0.45, 0.8))


def hills(sheet: Sheet) -> None:
    """Three ranges: crisp ridges, each fading into the mist at its foot."""
    ranges = (
        (0.225, 0.035, 4.1, 0.5, COBALT, ROSE, 0.55),
        (0.262, 0.026, 7.0, 2.0, VIOLET, COBALT, 0.62),
        (0.296, 0.018, 9.0, 4.4, ULTRAMARINE, TEAL, 0.75),
    )
    for level, rise, wave, phase, first, second, tone in ranges:

        def ridge(xs, level=level, rise=rise, wave=wave, phase=phase):
            bumps = np.sin(xs * wave + phase) + 0.35 * np.sin(xs * wave * 2.7 + phase)
            return level - rise * bumps - 0.003 * np.sin(xs * 90 + phase)

        look = Look(soft=0.10, ragged=0.004, rim=0.75, grain=0.6, drift=0.35)
        band = under(ridge, lambda xs: np.full_like(xs, SHORE + 0.004))
        sheet.wash(band, first, second * 0.3, tone, look, ((0.4, level - rise), (0.42, SHORE)))
    for _ in range(5):
        sheet.backrun(sheet.rng.uniform(0, 1), 0.29, sheet.rng.uniform(0.02, 0.045), 0.5)


def far_shore(sheet: Sheet) -> None:
    """Trees along the far shore, from gold in the light to blue in the shade."""
    rng = sheet.rng
    warm = ((GOLD, SAP), (LEMON, SAP), (SAP, TEAL))
    cool = ((HOOKER, TEAL), (INDIGO, HOOKER), (TEAL, SAP))
    red = ((ROSE, SIENNA), (MAGENTA, SIENNA), (PEACH, GOLD))
    for x, pairs in zip(
        np.linspace(-0.02, 1.02, 15),
        (cool, cool, warm, cool, red, warm, cool, warm, warm, red, cool, cool, warm, cool, cool),
        strict=True,
    ):
        tall = rng.uniform(0.03, 0.06) * (1.5 if abs(x - 0.5) > 0.34 else 1)
        x = x + rng.normal(0, 0.012)
        trunk = np.array([(x, SHORE), (x + 0.003, SHORE - tall)], np.float32)
        sheet.wash(blade(trunk, np.array([0.003, 0.0012])), SIENNA, INDIGO, 0.9, DAB)
        foliage(sheet, x, SHORE - tall * 0.85, 0.050, tall * 0.85, pairs, 34)
    bank = under(
        lambda xs: SHORE - 0.006 + 0.004 * np.sin(xs * 40), lambda xs: xs * 0 + SHORE + 0.006
    )
    sheet.wash(bank, INDIGO, SIENNA, 0.45, Look(ragged=0.003, rim=0.5, dry=0.2))


def water(sheet: Sheet) -> None:
    """Mirror the far shore, glaze it with blue, then drag ripples and spare glints."""
    rng, (xs, ys) = sheet.rng, sheet.grid()
    below = smooth(ys, SHORE - 0.001, SHORE + 0.002)
    shift = 0.006 * sheet.field(0.006, 5.0) * (0.3 + 8 * (ys - SHORE).clip(0))
    rows = ((2 * SHORE - ys + shift * 0.6).clip(0, SHORE - 0.004) * sheet.px).astype(int)
    columns = ((xs + shift).clip(0, 0.999) * sheet.px).astype(int)
    mirror = sheet.density[rows, columns]
    sheet.density += below[..., None] * (
        0.75 * mirror * (1 - 0.6 * smooth(ys, SHORE, 0.5))[..., None]
        - sheet.density * below[..., None]
    )
    depth = smooth(ys, SHORE, 0.62) * below
    sheet.flood(
        0.14 * below + 0.42 * depth, TURQUOISE, COBALT, depth - 0.1 + 0.2 * sheet.field(0.06, 3.0)
    )
    ripples = sheet.field(0.007, 7.0)
    sheet.lift(0.85 * below * smooth(ripples + 0.9 * (sheet.tooth - 0.5), 1.1, 1.7))
    for _ in range(110):
        y = SHORE + 0.012 + 0.33 * rng.random() ** 1.2
        wide = rng.uniform(0.02, 0.09) * (0.4 + 3 * (y - SHORE))
        x = rng.uniform(0, 1)
        line = spline([(x - wide, y), (x, y + rng.normal(0, 0.002)), (x + wide, y)], 20)
        half = (0.0012 + 0.011 * (y - SHORE)) * np.sin(np.linspace(0, np.pi, 20)) ** 0.7
        look = Look(soft=0.15, ragged=0.0016, rim=0.5, dry=rng.choice([0.2, 0.42, 0.55]), drift=0.3)
        pair = [(INDIGO, TEAL), (ULTRAMARINE, VIOLET), (TEAL, HOOKER)][rng.integers(3)]
        sheet.wash(blade(line, half + 0.0004), *pair, rng.uniform(0.25, 0.6), look)
    for _ in range(6):
        sheet.backrun(rng.uniform(0.1, 0.9), rng.uniform(0.37, 0.5), rng.uniform(0.02, 0.05), 0.5)
    for x, y, r, flower in ((0.36, 0.425, 0.022, 1), (0.42, 0.44, 0.026, 0),
                        (0.545, 0.415, 0.018, 1),
                            (0.50, 0.463, 0.030, 1), (0.62, 0.45, 0.026, 0),
                            (0.30, 0.455, 0.028, 0),
                            (0.40, 0.49, 0.034, 0), (0.58, 0.50, 0.036, 1)):  # fmt: skip
        lily_pad(sheet, x, y, r, bool(flower))


def bough(sheet: Sheet) -> None:
    """A branch in young leaf and blossom hanging in from the upper right."""
    rng = sheet.rng
    branches = (
        ([(1.03, 0.02), (0.88, 0.055), (0.76, 0.05), (0.63, 0.10)], 0.0085),
        ([(0.90, 0.05), (0.84, 0.11), (0.78, 0.16)], 0.005),
        ([(1.03, 0.10), (0.95, 0.15), (0.90, 0.225)], 0.006),
        ([(0.78, 0.05), (0.70, 0.02), (0.62, 0.03)], 0.0035),
    )
    bark = Look(soft=0.12, ragged=0.0016, rim=0.6, dry=0.25, lift=0.4)
    for points, half in branches:
        line = spline(points, 40)
        sheet.wash(blade(line, half * np.linspace(1, 0.2, 40)), SIENNA, INDIGO, 1.3, bark)
        for _ in range(int(14000 * half)):
            x, y = line[rng.integers(6, 40)] + rng.normal(0, (0.030, 0.022))
            spray(sheet, x, y, rng.uniform(0.006, 0.016))


def spray(sheet: Sheet, x: float, y: float, size: float) -> None:
    """A leaf or a blossom dab of the bough."""
    rng = sheet.rng
    look = Look(soft=0.15, ragged=0.0018, rim=0.85, grain=0.3, lift=0.5, drift=0.3)
    if rng.random() < 0.42:
        pair = [(ROSE, PEACH), (MAGENTA, ROSE), (ROSE, VIOLET)][rng.integers(3)]
        sheet.wash(blob(x, y, size * 0.75, size * 0.65, rng), *pair, rng.uniform(0.3, 0.8), look)
        return
    angle = rng.normal(0.9, 0.7)
    line = spline([(x, y), (x + np.cos(angle) * size * 1.9, y + np.sin(angle) * size * 1.9)], 12)
    pair = [(SAP, LEMON), (HOOKER, SAP), (SAP, GOLD), (TEAL, SAP)][rng.integers(4)]
    half = size * 0.36 * np.sin(np.pi * np.linspace(0.02, 1, 12) ** 0.8)
    sheet.wash(blade(line, half), *pair, rng.uniform(0.5, 1.0), look)


def garden(sheet: Sheet) -> None:
    """The near bank: undergrowth, sword leaves, hydrangeas, and irises before it all."""
    rng = sheet.rng
    for tone, level in ((0.34, 0.555), (0.40, 0.65)):
        bank = under(
            lambda xs, level=level: (
                level - 0.10 * np.abs(xs - 0.5) + 0.02 * np.sin(xs * 23 + level * 50)
            ),
            lambda xs: xs * 0 + 0.85,
        )
        look = Look(soft=0.3, ragged=0.016, rim=0.5, grain=0.6, drift=0.6)
        sheet.wash(bank, SAP, HOOKER, tone, look, ((0.5, level), (0.5, 0.82)))
    for _ in range(10):
        sheet.backrun(rng.uniform(0, 1), rng.uniform(0.58, 0.78), rng.uniform(0.03, 0.07), 0.8)
    for _ in range(190):
        x = rng.uniform(-0.02, 1.02)
        tall = rng.uniform(0.10, 0.27) * (0.65 + 0.9 * abs(x - 0.5))
        sword(sheet, x, 0.83, tall, rng.normal(0, 0.05), rng.uniform(0.002, 0.008))
    for x, y, angle in ((0.80, 0.74, 2.6), (0.98, 0.60, 4.2), (0.74, 0.66, 3.3), (0.88, 0.78, 2.2),
                        (0.75, 0.74, 2.8), (0.97, 0.72, 0.4), (0.90, 0.63, 4.5),
                        (0.78, 0.63, 4.1), (0.74, 0.70, 3.6)):  # fmt: skip
        broad_leaf(sheet, x, y, rng.uniform(0.08, 0.11), angle)
    hydrangea(sheet, 0.955, 0.625, 0.075, (COBALT, VIOLET, ROSE))
    hydrangea(sheet, 0.80, 0.665, 0.082, (ROSE, MAGENTA, VIOLET, PEACH))
    hydrangea(sheet, 0.93, 0.765, 0.090, (COBALT, ULTRAMARINE, VIOLET, TURQUOISE))
    flowers = ((0.30, 0.50, 0.060, 4, 0.10), (0.055, 0.46, 0.070, 3, -0.08),
    (0.445, 0.60, 0.066, 1, 0.12),
               (0.175, 0.435, 0.088, 0, 0.05), (0.60, 0.575, 0.074, 0, -0.10),
               (0.08, 0.635, 0.090, 1, -0.1),
               (0.33, 0.655, 0.098, 3, 0.08), (0.205, 0.70, 0.080, 2, -0.05),
               (0.535, 0.715, 0.082, 2, 0.1))  # fmt: skip
    for flower in flowers:
        iris(sheet, *flower)
    for _ in range(46):
        x = rng.uniform(-0.02, 0.78)
        sword(
            sheet, x, 0.83, rng.uniform(0.06, 0.17), rng.normal(0, 0.035), rng.uniform(0.003, 0.007)
        )


def spatter(sheet: Sheet) -> None:
    """Drops flicked from the brush, and a few spots of clear water."""
    rng = sheet.rng
    paints = (ROSE, VIOLET, COBALT, GOLD, HOOKER, SIENNA, MAGENTA, TEAL)
    for _ in range(420):
        x, y = rng.uniform(0, 1), rng.uniform(0, 0.8)
        size = 0.0009 + 0.0035 * rng.random() ** 4
        paint = paints[rng.integers(len(paints))]
        sheet.wash(blob(x, y, size, size, rng), paint, paint, rng.uniform(0.4, 0.9), DAB)
    for _ in range(14):
        sheet.backrun(rng.uniform(0, 1), rng.uniform(0.3, 0.8), rng.uniform(0.008, 0.02), 0.6)


def paint(scale: float = SCALE, seed: int = SEED) -> Image.Image:
    """Paint the whole picture and return it at its final size."""
    sheet = Sheet(int(WIDTH * scale), int(HEIGHT * scale), np.random.default_rng(seed))
    for step in (sky, hills, far_shore, water, bough, garden, spatter):
        step(sheet)
    dry = (sheet.picture() * 255 + 0.5).astype(np.uint8)
    size = (WIDTH, HEIGHT) if scale >= 1 else dry.shape[1::-1]
    return Image.fromarray(dry).resize(size, Image.Resampling.LANCZOS)


if __name__ == "__main__":
    sys.exit(
        main(sys.argv[1:], __doc__, lambda path: paint().save(path, quality=86, optimize=True))
    )
