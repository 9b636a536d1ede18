"""Strollers on the bank of the pointillist sample: a lady with a parasol, a child, a couple."""

from __future__ import annotations

import numpy as np

from drawing import Array, Point, blend, disk, grid, mask, rgb, soften, spline

LADY = (
    (
        "2b2f78",
        (
            (-0.10, 0.0),
            (0.36, 0.0),
            (0.30, 0.24),
            (0.26, 0.42),
            (0.12, 0.52),
            (0.02, 0.52),
            (0.0, 0.40),
            (-0.06, 0.20),
        ),
    ),
    (
        "7a3f9c",
        (
            (0.02, 0.50),
            (0.13, 0.51),
            (0.15, 0.62),
            (0.13, 0.74),
            (0.06, 0.78),
            (0.0, 0.72),
            (-0.02, 0.60),
        ),
    ),
)
GENT = (
    ("23305f", ((-0.10, 0.0), (0.12, 0.0), (0.11, 0.45), (-0.08, 0.45))),
    (
        "37478c",
        ((-0.12, 0.38), (0.13, 0.38), (0.14, 0.66), (0.08, 0.80), (-0.06, 0.80), (-0.12, 0.66)),
    ),
)


def strollers(color: Array, angle: Array) -> Array:
    """Set the figures on the grass, each with its shadow and a thin halo of light."""
    color = figure(color, angle, LADY, (0.560, 0.735), 0.215)
    color = parasol(color, (0.548, 0.476), 0.078, ("f4572c", "ffb347"))
    color = figure(color, angle, GENT, (0.345, 0.590), 0.110)
    color = figure(color, angle, LADY, (0.368, 0.592), 0.102)
    color = parasol(color, (0.362, 0.466), 0.036, ("fff2cf", "d9b8e0"))
    return child(color, angle, (0.668, 0.745), 0.125)


def figure(color: Array, angle: Array, parts: tuple, foot: Point, tall: float) -> Array:
    """One standing figure, lit from the right."""
    height, width = color.shape[:2]
    x, _ = grid(width, height)
    shapes = [[(foot[0] + px * tall, foot[1] - py * tall) for px, py in part] for _, part in parts]
    shapes = [spline(shape, 60, closed=True) for shape in shapes]
    head = (foot[0] + 0.055 * tall, foot[1] - 0.845 * tall)
    whole = mask(width, height, [*shapes, disk(*head, 0.060 * tall, 0.072 * tall)])
    shadow = [disk(foot[0] - 0.35 * tall, foot[1] + 0.01 * tall, 0.46 * tall, 0.035 * tall)]
    color = blend(color, rgb("2f4a86"), 0.8 * mask(width, height, shadow))
    halo = np.clip(soften(whole, width / 110) * 1.6, 0, 1) * (1 - whole)
    color = blend(color, rgb("fff0a8"), 0.5 * halo)
    for (code, _), shape in zip(parts, shapes, strict=True):
        light = np.clip((x - foot[0] - 0.10 * tall) / (0.2 * tall), 0, 1) ** 1.5
        cloth = blend(np.broadcast_to(rgb(code), color.shape), rgb("e88ab0"), 0.75 * light)
        color = blend(color, cloth, mask(width, height, [shape]))
    color = blend(
        color, rgb("f4b088"), mask(width, height, [disk(*head, 0.046 * tall, 0.066 * tall)])
    )
    hat = [disk(head[0], head[1] - 0.045 * tall, 0.085 * tall, 0.018 * tall),
           disk(head[0], head[1] - 0.075 * tall, 0.048 * tall, 0.042 * tall)]  # fmt: skip
    color = blend(color, rgb("3a2a62"), mask(width, height, hat))
    angle[whole > 0.5] = np.pi / 2
    return color


def parasol(color: Array, top: Point, half: float, tints: tuple[str, str]) -> Array:
    """An open parasol: a scalloped dome in gores, and its stick."""
    height, width = color.shape[:2]
    x, y = grid(width, height)
    turn = np.linspace(np.pi, 2 * np.pi, 40)
    dome = [(top[0] + half * np.cos(a), top[1] + half * 0.62 * (1 + np.sin(a))) for a in turn]
    hem = np.linspace(0, 1, 40)
    drop = top[1] + half * (0.62 - 0.05 * np.abs(np.sin(hem * 4 * np.pi)))
    dome += list(zip(top[0] + half * (1 - 2 * hem), drop, strict=True))
    ends = ((-0.02, 0.0), (0.03, 0.0), (0.36, 1.7), (0.30, 1.7))
    stick = [(top[0] + half * px, top[1] + half * py) for px, py in ends]
    color = blend(color, rgb("4a2a3a"), mask(width, height, [stick]))
    bulge = np.sqrt(np.clip(1 - ((y - top[1] - half * 0.62) / (half * 0.62)) ** 2, 0.02, 1))
    gore = np.sin((x - top[0]) / (half * bulge) * 7.5)
    light = np.clip(0.45 + 0.55 * (x - top[0]) / half - 0.2 * gore, 0, 1)
    cloth = blend(np.broadcast_to(rgb(tints[0]), color.shape), rgb(tints[1]), light)
    return blend(color, cloth, mask(width, height, [dome]))


def child(color: Array, angle: Array, foot: Point, tall: float) -> Array:
    """A child in a white frock and a red hat."""
    frock = (
        (
            "fff4e0",
            ((-0.17, 0.05), (0.17, 0.05), (0.10, 0.45), (0.08, 0.68), (-0.08, 0.68), (-0.10, 0.45)),
        ),
        ("e0563a", ((-0.10, 0.40), (0.10, 0.40), (0.10, 0.47), (-0.10, 0.47))),
    )
    color = figure(color, angle, frock, foot, tall)
    height, width = color.shape[:2]
    brim = disk(foot[0] + 0.055 * tall, foot[1] - 0.90 * tall, 0.13 * tall, 0.03 * tall)
    return blend(color, rgb("e23b28"), mask(width, height, [brim]))
