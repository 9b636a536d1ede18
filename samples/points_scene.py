"""The scene behind the pointillist sample: a sunny riverside with sails, a tree and strollers.

``cartoon`` paints it flat, as a color and a dab direction for every pixel; the painter in
``points.py`` then breaks those colors up into dots.
"""

from __future__ import annotations

import numpy as np

from drawing import Array, Point, blend, disk, grid, mask, noise, ramp, rgb, soften, spline, stops
from points_figures import strollers

SHORE = 0.335
SKY = stops((0, "4f8ed6"), (0.10, "6aa9e2"), (0.20, "a4d2dc"), (0.28, "f6d99a"), (0.34, "f8b878"))
CLOUD = stops((0, "fff6e0"), (0.5, "f8d9c4"), (1, "c3b4da"))
RANGE = stops((0, "8ea3dc"), (1, "b3a6d8"))
WOOD = stops((0, "2f5f86"), (0.45, "3f8a70"), (0.8, "86b04e"), (1, "e0cf5a"))
LEAF = stops((0, "16264f"), (0.3, "1f5a4a"), (0.55, "3f9040"), (0.8, "a9c23c"), (1, "f6d63f"))
LAWN = stops((0, "5fa843"), (0.4, "9dc644"), (0.75, "d9d94c"), (1, "f9dd70"))
SHADE = stops((0, "1d3a6e"), (0.5, "2a6b5e"), (1, "4f8f55"))
# Boats: mast x, waterline y, sail height, direction of the boom, sail color, hull color.
BOATS = (
    (0.705, 0.462, 0.285, 1, "fff3d6", "a8382c"),
    (0.505, 0.392, 0.125, -1, "fbd9a8", "3a3f86"),
    (0.885, 0.405, 0.150, 1, "f4b27a", "2f4f8f"),
    (0.600, 0.365, 0.062, 1, "fff0d0", "45508f"),
)


def bank(x: Array) -> Array:
    """Height of the near bank's edge: it runs from mid left down to the lower right corner."""
    return 0.475 + 0.21 * x**1.5 + 0.012 * np.sin(x * 9 + 1) + 0.006 * np.sin(x * 31)


def sail(x: float, foot: float, tall: float, side: int, flip: int = 1) -> tuple[list, list, list]:
    """Mainsail, jib and hull polygons; ``flip`` -1 hangs them below the waterline."""
    rows = np.linspace(0, 1, 12)
    belly = 0.05 * np.sin(rows * np.pi)
    leech = [
        (x + side * tall * (0.44 * (1 - t) ** 0.8 + b * 0.6), t)
        for t, b in zip(rows, belly, strict=True)
    ]
    luff = [(x, t) for t in rows[::-1]]
    front = [
        (x - side * tall * (0.27 * (1 - t) + b * 0.5), 0.06 + 0.74 * t)
        for t, b in zip(rows, belly, strict=True)
    ]
    front += [(x - side * tall * 0.02, t * 0.8 + 0.06) for t in rows[::-1]]
    hull = [(x - side * tall * 0.33, 0.02), (x + side * tall * 0.45, 0.0),
            (x + side * tall * 0.36, -0.060), (x - side * tall * 0.22, -0.060)]  # fmt: skip

    def place(shape: list[Point]) -> list[Point]:
        return [(px, foot - flip * tall * (0.060 + py)) for px, py in shape]

    return place(leech + luff), place(front), place(hull)


def heavens(x: Array, y: Array, rng: np.random.Generator) -> Array:
    """Sky with drifting clouds that warm toward the horizon."""
    shape = x.shape
    color = ramp(SKY, y + 0.012 * noise(shape, shape[1] / 6, rng))
    puff = (
        noise(shape, (shape[1] / 13, shape[1] / 4.5), rng, 4) - 2.2 * np.abs(y - 0.14) / 0.16 + 0.55
    )
    body = np.clip(puff / 1.1, 0, 1)
    lit = np.clip(0.5 + 3.5 * (y - 0.14) / 0.3 - 0.25 * puff, 0, 1)
    color = blend(color, ramp(CLOUD, lit), body * 0.9)
    glow = np.exp(-(((x - 0.80) / 0.34) ** 2) - ((y - 0.30) / 0.16) ** 2)
    return blend(color, rgb("ffd987"), 0.7 * glow)


def far_bank(color: Array, x: Array, y: Array, rng: np.random.Generator) -> Array:
    """Lilac hills, a line of woods lit from the right, cottages and poplars."""
    height, width = x.shape
    ridge = 0.268 - 0.030 * np.sin(x * 4.4 + 0.8) - 0.010 * np.sin(x * 11)
    color = blend(color, ramp(RANGE, (y - ridge) / 0.07), np.clip((y - ridge) * width / 2, 0, 1))
    crowns, lit = np.zeros_like(x), np.zeros_like(x)
    spots = [
        (cx, 0.318 + rng.normal(0, 0.004), rng.uniform(0.012, 0.026))
        for cx in np.arange(0, 1.02, 0.017)
    ]
    spots += [(cx, 0.290, 0.0105) for cx in (0.615, 0.640, 0.662, 0.795, 0.815)]
    for cx, cy, r in spots:
        tall = r * (3.6 if cy == 0.290 else 0.95)
        inside = 1 - ((x - cx) / r) ** 2 - ((y - cy) / tall) ** 2
        fresh = inside > 0
        tone = 0.52 + 0.34 * (x - cx) / r - 0.38 * (y - cy) / tall + rng.normal(0, 0.06)
        lit = np.where(fresh, tone, lit)
        crowns = np.maximum(crowns, fresh)
    crowns = np.maximum(crowns, y > 0.322)
    color = blend(color, ramp(WOOD, lit + 0.10 * noise(x.shape, width / 90, rng)), crowns)
    for cx, size in ((0.425, 1.0), (0.452, 0.75), (0.93, 1.1), (0.965, 0.8), (0.735, 0.7)):
        w, top = 0.014 * size, 0.325 - 0.022 * size
        walls = [(cx - w, 0.327), (cx + w, 0.327), (cx + w, top), (cx - w, top)]
        roof = [
            (cx - w * 1.3, top),
            (cx + w * 1.3, top),
            (cx + w * 0.8, top - w),
            (cx - w * 0.7, top - w),
        ]
        color = blend(color, rgb("fff0cf"), mask(width, height, [walls]))
        color = blend(color, rgb("e8662f"), mask(width, height, [roof]))
    return blend(color, rgb("f3dc86"), np.exp(-(((y - SHORE + 0.003) / 0.004) ** 2)))


def boats(color: Array, flip: int) -> Array:
    """Sails and hulls, or (``flip`` -1) their reflections."""
    height, width = color.shape[:2]
    for x, foot, tall, side, cloth, hull in BOATS:
        main, jib, body = sail(x, foot, tall, side, flip)
        if flip == 1:  # the sky darkens against a bright edge, as divisionists painted it
            whole = mask(width, height, [main, jib])
            color = blend(
                color, rgb("4f7fd0"), 0.72 * np.clip(soften(whole, width / 45) * 1.7, 0, 1)
            )
        shade = np.linspace(0, 1, width, dtype=np.float32)[None, :].repeat(height, 0)
        shade = np.clip(0.5 + (x - shade) * side / tall * 1.6, 0, 1)
        fabric = blend(np.broadcast_to(rgb(cloth), color.shape), rgb("8f8fe0"), 0.80 * shade)
        color = blend(color, fabric, mask(width, height, [main]))
        color = blend(color, blend(fabric, rgb("ffffff"), 0.35), mask(width, height, [jib]))
        color = blend(color, rgb(hull), mask(width, height, [body]))
    return color


def water(above: Array, x: Array, y: Array, rng: np.random.Generator) -> Array:
    """The far shore and the sky upside down, drawn out into ripples."""
    height, width = x.shape
    depth = np.clip((y - SHORE) / 0.3, 0, 1)
    rows = ((2 * SHORE - y) * width).clip(0, height - 1)
    rows = np.where(y > SHORE, SHORE * width - (y - SHORE) * width * 0.95, rows).clip(0, height - 1)
    mirror = above[rows.astype(int), (x * width).clip(0, width - 1).astype(int)]
    mirror = blend(
        mirror,
        ramp(stops((0, "8fc3d8"), (0.4, "4f93c9"), (1, "2a5fae")), depth),
        0.30 + 0.45 * depth,
    )
    mirror = boats(mirror, -1)
    ripple = noise(x.shape, (width / 190, width / 22), rng, 2)
    shift = ((x + 0.0085 * ripple * (0.3 + depth)) * width).clip(0, width - 1).astype(int)
    mirror = mirror[np.arange(height)[:, None], shift]
    swell = noise(x.shape, (width / 130, width / 16), rng, 2)
    mirror = blend(mirror, rgb("1f4a9c"), np.clip(-swell - 0.5, 0, 1) * 0.45 * (0.4 + depth))
    track = np.exp(-(((x - 0.83) / (0.06 + 0.11 * depth)) ** 2))
    return blend(
        mirror, rgb("fff0b8"), np.clip(swell - 0.1 + 0.7 * track, 0, 1) * (0.18 + 0.62 * track)
    )


def lawn(x: Array, y: Array, rng: np.random.Generator) -> Array:
    """Sunlit grass with the long violet shadow of the tree across it."""
    shape, width = x.shape, x.shape[1]
    far = np.clip((y - bank(x)) / 0.22, 0, 1)
    tuft = 0.16 * noise(shape, (width / 60, width / 30), rng, 2)
    sunny = ramp(LAWN, 0.92 - 0.62 * far + tuft)
    dim = ramp(SHADE, 0.5 + tuft * 1.8)
    edge = 0.035 * noise(shape, (width / 40, width / 18), rng, 2)
    pool = 1.0 - np.hypot((x - 0.07) / 0.40, (y - 0.635 - 0.05 * x) / 0.085) + 4 * edge
    trunk = np.clip(pool / 0.12, 0, 1)
    front = np.clip((y - 0.725 + 0.09 * (x - 0.3) + edge) / 0.014, 0, 1)
    color = blend(sunny, dim, np.maximum(trunk, front) * 0.94)
    return bloom(color, np.maximum(trunk, front), rng)


def bloom(color: Array, shadow: Array, rng: np.random.Generator) -> Array:
    """Drifts of red, white and pink flowers in the grass, smaller with distance."""
    height, width = color.shape[:2]
    for code in ("f0402e", "fff6ea", "f58aa8", "ff9a2e"):
        shift = 6 * ord(code[1])
        petals = [
            disk(cx, cy, 1.2 * size, size)
            for cx, cy in rng.uniform((0, 0.5), (1, 0.8), (260, 2))
            if np.sin(cx * 9 + cy * 23 + shift) > 0.35
            for size in (0.0016 + 0.016 * max(cy - 0.52, 0),)
        ]
        color = blend(color, rgb(code), mask(width, height, petals) * (0.9 - 0.45 * shadow))
    return color


def tree(color: Array, angle: Array, x: Array, y: Array, rng: np.random.Generator) -> Array:
    """A leaning trunk with boughs at the left, and its canopy along the top."""
    height, width = x.shape
    limbs = []
    for path, base, tip in TRUNKS:
        line = spline(path, 40)
        half = np.linspace(base, tip, 40)[:, None]
        step = np.gradient(line, axis=0)
        side = np.stack([-step[:, 1], step[:, 0]], axis=1) / np.hypot(*step.T)[:, None]
        limbs.append(np.concatenate([line + side * half, (line - side * half)[::-1]]))
    wood = mask(width, height, limbs)
    bark = (
        0.45
        + 0.22 * noise(x.shape, (width / 25, width / 110), rng)
        + 3.2 * (x - 0.115 - 0.1 * (0.4 - y) * 0.3)
    )
    color = blend(
        color,
        ramp(stops((0, "1b2452"), (0.4, "4a3a78"), (0.7, "b0603f"), (1, "f4b45a")), bark),
        wood,
    )
    angle[wood > 0.5] = np.pi / 2
    clumps = [
        (cx + rng.normal(0, 0.022), cy + rng.normal(0, 0.016), rng.uniform(0.030, 0.062))
        for cx, cy in canopy(rng)
    ]
    clumps.sort(key=lambda clump: -clump[1] + rng.normal(0, 0.03))
    ragged = noise(x.shape, width / 55, rng, 3)
    for cx, cy, r in clumps:
        gap = np.hypot((x - cx) / 1.25, y - cy) / r
        inside = np.clip((1.0 + 0.20 * ragged - gap) / 0.10, 0, 1)
        tone = 0.44 + 0.30 * (x - cx) / r - 0.36 * (y - cy) / r + 0.14 * ragged
        color = blend(color, ramp(LEAF, tone), inside)
        angle[:] = np.where(inside > 0.5, 0.6 + 0.9 * ragged, angle)
    return color


TRUNKS = (
    (((0.105, 0.665), (0.125, 0.52), (0.112, 0.36), (0.150, 0.22), (0.145, 0.05)), 0.034, 0.012),
    (((0.120, 0.37), (0.205, 0.27), (0.300, 0.185), (0.40, 0.12)), 0.015, 0.004),
    (((0.112, 0.40), (0.060, 0.30), (0.0, 0.21)), 0.014, 0.006),
)


def canopy(rng: np.random.Generator) -> list[Point]:
    """Centers of leaf clumps: thick at the upper left, thinning along the bough."""
    top = [(cx, cy) for cx in np.arange(-0.02, 0.50, 0.040) for cy in np.arange(-0.02, 0.30, 0.040)
           if cy < 0.225 - 0.38 * max(cx - 0.06, 0) and rng.random() < 0.86]  # fmt: skip
    return [*top, (0.43, 0.105), (0.47, 0.085), (0.36, 0.15), (0.01, 0.245), (0.05, 0.25)]


def cartoon(width: int, height: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return the flat picture and the direction of dabs at every pixel."""
    x, y = grid(width, height)
    above = far_bank(heavens(x, y, rng), x, y, rng)
    color = np.where((y > SHORE)[..., None], water(above, x, y, rng), above)
    color = boats(color, 1)
    angle = np.where(
        y > SHORE, 0.05 * noise(x.shape, width / 20, rng), 0.5 * noise(x.shape, width / 8, rng)
    )
    land = y > bank(x)
    lip = np.exp(-(((y - bank(x)) / 0.006) ** 2))
    color = np.where(land[..., None], lawn(x, y, rng), color)
    color = blend(color, rgb("3c5a4a"), 0.75 * lip)
    angle = np.where(land, -0.25 + 0.5 * noise(x.shape, width / 30, rng), angle).astype(np.float32)
    color = strollers(color, angle)
    color = tree(color, angle, x, y, rng)
    return soften(color, width / 768 * 1.2).clip(0, 1), angle
