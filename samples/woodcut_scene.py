"""What the woodcut sample shows behind its waves: striped sky, sun, mountain, gulls, a boat."""

from __future__ import annotations

import numpy as np

from drawing import Array, disk, spline
from woodcut_block import Block, Blocks, clear, outline, pieces

HORIZON = 0.445
SUN = (0.455, 0.315, 0.090)
PEAK = (0.185, 0.155)


def carve(blocks: Blocks, rng: np.random.Generator) -> None:
    """Cut the background into all blocks."""
    sky(blocks, rng)
    sun(blocks, rng)
    mist(blocks, rng)
    mountain(blocks, rng)
    for x, y, size in ((0.325, 0.100, 0.046), (0.415, 0.152, 0.030), (0.275, 0.178, 0.025)):
        gull(blocks, x, y, size)
    far_sea(blocks, rng)


def band(level: float, count: int = 160) -> Array:
    """A line of the sky: it drifts, and swings around the sun."""
    x = np.linspace(-0.02, 1.02, count)
    drift = 0.014 * np.sin(x * 6.5 + level * 9) + 0.006 * np.sin(x * 17 + level * 31)
    swing = np.exp(-(((x - SUN[0]) / 0.17) ** 2)) * np.exp(-(((level - SUN[1] + 0.02) / 0.13) ** 2))
    lift = np.tanh((level - SUN[1]) / 0.035) * 0.050 * swing
    return np.stack([x, level + drift + lift], axis=1).astype(np.float32)


def sky(blocks: Blocks, rng: np.random.Generator) -> None:
    """Black overhead that breaks into blue bands and then an ochre glow at the horizon."""
    strip(blocks["ochre"], 0.13, HORIZON + 0.02)
    strip(blocks["blue"], -0.06, 0.240)
    strip(blocks["key"], -0.06, 0.085)
    for level in np.arange(-0.05, 0.245, 0.0105):
        fade = np.clip((level + 0.02) / 0.25, 0, 1)
        for path in pieces(band(level + rng.normal(0, 0.0006)), 0.20 - 0.05 * fade, 0.010, rng):
            blocks["blue"].gouge(path, 0.0016 + 0.0105 * fade**1.6 * rng.uniform(0.8, 1.1))
    for level in np.arange(-0.05, 0.090, 0.0088):
        fade = np.clip((level + 0.03) / 0.11, 0, 1)
        for path in pieces(band(level + 0.004), 0.15, 0.012, rng):
            blocks["key"].gouge(path, 0.0022 + 0.0072 * fade * rng.uniform(0.7, 1.15))
    for level in np.arange(0.085, 0.24, 0.0155):
        for path in pieces(
            band(level + rng.normal(0, 0.002)), 0.11, 0.09 + 0.5 * (level - 0.08), rng
        ):
            blocks["key"].gouge(path, rng.uniform(0.0018, 0.0036), 255)
    for level in np.arange(0.135, HORIZON, 0.0092):
        ease = np.clip((0.27 - level) / 0.14, 0, 1)
        for path in pieces(band(level), 0.15, 0.02 + 0.03 * ease, rng):
            blocks["ochre"].gouge(path, 0.0020 + 0.0050 * ease * rng.uniform(0.7, 1.1))


def strip(block: Block, top: float, bottom: float) -> None:
    """Leave the sky standing between two of its lines."""
    block.ink(np.concatenate([band(top), band(bottom)[::-1]]))


def sun(blocks: Blocks, rng: np.random.Generator) -> None:
    """A flat red disk with the cut-out rings around it."""
    x, y, r = SUN
    clear(blocks, disk(x, y, r * 1.11))
    blocks["red"].ink(disk(x, y, r))
    for level in np.arange(y + 0.25 * r, y + r, 0.0125):
        for path in pieces(band(level - 0.01), 0.12, 0.03, rng):
            inside = np.hypot(path[:, 0] - x, path[:, 1] - y) < 1.02 * r
            blocks["red"].gouge(path[inside], 0.0015 + 0.05 * (level - y - 0.25 * r))
    turns = np.arange(0, 2 * np.pi, 2 * np.pi / 88)
    for turn in turns + rng.normal(0, 0.008, len(turns)):
        reach = np.linspace(1.20, rng.uniform(1.45, 1.9), 8)[:, None] * r
        ray = np.array([x, y]) + reach * [np.cos(turn), np.sin(turn)]
        blocks["ochre"].gouge(ray[::-1], 0.0042)


def mist(blocks: Blocks, rng: np.random.Generator) -> None:
    """Red evening bars low in the sky."""
    for level in np.arange(0.375, HORIZON, 0.0115):
        thick = 0.0022 + 0.0065 * (level - 0.37) / 0.07
        for path in pieces(band(level), 0.22, 0.05, rng):
            blocks["red"].gouge(path, thick, 255)


def slope(s: float, count: int = 40, start: float = 0.0) -> Array:
    """A line down the mountain; ``s`` runs from -1 (left edge) to 1 (right edge)."""
    t = np.linspace(start, 1, count)
    spread = 0.022 + 0.24 * t**1.45 * (1.0 if s < 0 else 1.18)
    wave = 0.004 * np.sin(t * 14 + s * 9) * t
    return np.stack([PEAK[0] + s * spread + wave, PEAK[1] + (HORIZON + 0.02 - PEAK[1]) * t], axis=1)


def mountain(blocks: Blocks, rng: np.random.Generator) -> None:
    """A volcano with a toothed snow cap; its shaded side is black with cuts down the slope."""
    body = np.concatenate([slope(-1), slope(1)[::-1]])
    clear(blocks, outline(body, 0.003))
    clear(blocks, body)
    blocks["blue"].ink(body)
    blocks["key"].ink(np.concatenate([slope(0.16), slope(1)[::-1]]))
    for s in np.arange(-0.98, 1.0, 0.030):
        for path in pieces(slope(s + rng.normal(0, 0.004)), 0.10, 0.010, rng):
            drop = (path[:, 1].mean() - PEAK[1]) / (HORIZON - PEAK[1])
            wide = rng.uniform(0.55, 1.1) * (0.0022 + 0.0042 * drop)
            blocks["key"].gouge(path, wide * (1.25 if s > 0.16 else 0.50), 0 if s > 0.16 else 255)
            if s < 0.1 and rng.random() < 0.5:
                blocks["blue"].gouge(path + np.array([0.0045, 0.0]), wide * (0.2 + 0.4 * drop))
    snow(blocks, rng)
    for s in (-1, 1):
        blocks["key"].ink(outline(slope(s), 0.0019))


def snow(blocks: Blocks, rng: np.random.Generator) -> None:
    """The snow cap: teeth of bare paper that run down the ridges."""
    teeth = []
    for k, s in enumerate(np.linspace(-1, 1, 27)):
        t = (0.42 + 0.14 * rng.random()) if k % 2 == 0 else 0.25 + 0.05 * rng.random()
        line = slope(s, 100)
        teeth.append(line[int(t * 99)])
    top = [slope(-1, 60)[0], slope(-0.4)[0] - [0, 0.006], slope(0.0)[0] + [0, 0.004],
           slope(0.5)[0] - [0, 0.005], slope(1, 60)[0]]  # fmt: skip
    left, right = slope(-1, 100)[:40], slope(1, 100)[:40][::-1]
    cap = np.concatenate([left, teeth[1:-1], right, np.array(top)[::-1]])
    clear(blocks, cap)
    blocks["key"].ink(outline(np.array(top), 0.0018))
    for s in np.arange(0.16, 0.95, 0.11):
        for path in pieces(slope(s, 60)[4:20], 0.05, 0.012, rng):
            blocks["blue"].gouge(path, 0.0046, 255)
    for s in np.arange(-0.85, 0.1, 0.13):
        for path in pieces(slope(s, 60)[4:20], 0.035, 0.02, rng):
            blocks["pale"].gouge(path, 0.0040, 255)


def gull(blocks: Blocks, x: float, y: float, size: float) -> None:
    """A gull in flight, white with a black edge."""
    top = [
        (-1.0, -0.10),
        (-0.55, -0.46),
        (-0.12, -0.06),
        (0.10, -0.12),
        (0.5, -0.62),
        (1.05, -0.42),
    ]
    low = [(0.55, -0.34), (0.22, 0.12), (0.05, 0.22), (-0.15, 0.14), (-0.5, -0.22)]
    wing = spline([(x + size * px, y + size * py) for px, py in top + low], 90, closed=True)
    for block in blocks.values():
        block.ink(outline(wing, 0.0055), 0)
    blocks["key"].ink(outline(wing, 0.0020))
    clear(blocks, wing)
    for px, py in (top[0], top[-1]):
        tip = np.array(
            [(x + size * px, y + size * py), (x + size * px * 0.62, y + size * (py * 0.8 - 0.06))]
        )
        blocks["key"].ink(outline(tip, np.array([0.0012, 0.0036])))


def far_sea(blocks: Blocks, rng: np.random.Generator) -> None:
    """Open water behind the waves: flat blue with level cuts, and black lines nearer."""
    sea = np.array([(-0.1, HORIZON), (1.1, HORIZON), (1.1, 0.80), (-0.1, 0.80)])
    clear(blocks, sea)
    blocks["pale"].ink(sea)
    blocks["blue"].ink(sea)
    for level in np.arange(HORIZON + 0.004, 0.78, 0.0085):
        x = np.linspace(-0.02, 1.02, 160)
        near = (level - HORIZON) / 0.3
        line = np.stack(
            [x, level + (0.001 + 0.005 * near) * np.sin(x * (60 - 30 * near) + level * 300)], axis=1
        )
        for path in pieces(line, 0.05 + 0.05 * near, 0.018, rng):
            blocks["blue"].gouge(path, rng.uniform(0.0022, 0.0056))
        for path in pieces(line + np.array([0.0, 0.004]), 0.05, 0.10, rng):
            blocks["key"].gouge(path, rng.uniform(0.0016, 0.0040), 255)
    blocks["key"].ink(outline(sea[:2], 0.0013))


def boat(blocks: Blocks, x: float, y: float, size: float) -> None:
    """A fishing boat under a square sail."""
    hull = spline([(x - 0.95 * size, y - 0.20 * size), (x - 0.5 * size, y), (x, y + 0.06 * size),
                   (x + 0.6 * size, y), (x + 1.0 * size, y - 0.34 * size)], 30)  # fmt: skip
    hull = np.concatenate(
        [hull, [(x + 0.55 * size, y - 0.14 * size), (x - 0.5 * size, y - 0.12 * size)]]
    )
    cloth = spline(
        [
            (x - 0.42 * size, y - 0.24 * size),
            (x - 0.50 * size, y - 0.8 * size),
            (x - 0.38 * size, y - 1.4 * size),
        ],
        12,
    )
    edge = spline(
        [
            (x + 0.40 * size, y - 1.36 * size),
            (x + 0.46 * size, y - 0.8 * size),
            (x + 0.36 * size, y - 0.22 * size),
        ],
        12,
    )
    sail = np.concatenate([cloth, edge])
    for shape in (hull, sail):
        clear(blocks, outline(np.concatenate([shape, shape[:1]]), 0.0035))
        clear(blocks, shape)
        blocks["key"].ink(outline(np.concatenate([shape, shape[:1]]), 0.0016))
    blocks["key"].ink(hull)
    blocks["ochre"].ink(sail)
    for t in np.linspace(0.2, 0.8, 4):
        seam = np.linspace(
            cloth[0] + (edge[-1] - cloth[0]) * t, cloth[-1] + (edge[0] - cloth[-1]) * t, 10
        )
        blocks["key"].gouge(seam, 0.0022, 255)
    rail = np.array(
        [(x - 0.8 * size, y - 0.16 * size), (x, y - 0.04 * size), (x + 0.8 * size, y - 0.20 * size)]
    )
    blocks["key"].gouge(spline(rail, 16), 0.0030)
