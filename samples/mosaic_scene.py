"""The cartoon behind the mosaic sample: a peacock before a gold ground, over a meadow."""

from __future__ import annotations

import numpy as np

from drawing import Array, disk, noise, spline
from mosaic_parts import Cartoon, ribbon

HUB = (0.5, 0.715)
CENTER = 0.5


def draw(width: int, height: int, rng: np.random.Generator) -> Cartoon:
    """Paint all parts from the back to the front; the size is in pixels."""
    cartoon = Cartoon(width, height, rng)
    for step in (ground, fan, vines, bird, border):
        step(cartoon)
    return cartoon


def polar(angle: float, radius: float) -> tuple[float, float]:
    """Point of the fan at an angle from straight up."""
    return HUB[0] + radius * np.sin(angle), HUB[1] - radius * np.cos(angle)


def ground(cartoon: Cartoon) -> None:
    """Gold heaven with rosettes, and the meadow with flowers."""
    x, y = cartoon.x, cartoon.y
    glow = (
        0.62
        - 0.25 * np.hypot(x - 0.5, y - 0.4)
        + 0.10 * noise(x.shape, cartoon.width / 6, cartoon.rng)
    )
    cartoon.paint("gold", np.ones_like(x), glow)
    hill = 0.776 + 0.008 * np.sin(x * 11 + 1) + 0.03 * np.abs(x - 0.5)
    cartoon.paint(
        "meadow",
        y > hill,
        0.85 - 3.2 * (y - hill) + 0.12 * noise(x.shape, cartoon.width / 16, cartoon.rng),
    )
    for cx in (0.115, 0.885):
        flower(cartoon, (cx, 0.115), 0.058, 8, ("pupil", "white", "petal"))


def flower(
    cartoon: Cartoon, at: tuple[float, float], size: float, count: int, kinds: tuple[str, str, str]
) -> None:
    """A round flower: a disk, petals and a heart."""
    cartoon.paint(kinds[0], cartoon.shape(disk(*at, size * 1.12)), 0.4)
    for k in range(count):
        turn = 2 * np.pi * k / count
        px, py = at[0] + 0.60 * size * np.cos(turn), at[1] + 0.60 * size * np.sin(turn)
        cartoon.paint(
            kinds[1],
            cartoon.shape(disk(px, py, size * 0.40, size * 0.22, turn)),
            0.55 + 0.35 * (k % 2),
        )
    cartoon.paint(kinds[2], cartoon.shape(disk(*at, size * 0.27)), 0.6)


def eyes() -> list[tuple[float, float, float, float]]:
    """Eyes of the tail: x, y, size and the angle of their feather."""
    found = []
    for ring, (radius, count, size) in enumerate(
        ((0.235, 9, 0.027), (0.325, 12, 0.033), (0.425, 15, 0.039), (0.535, 18, 0.044))
    ):
        reach = 1.86 - 0.04 * ring
        for k in range(count):
            angle = reach * (2 * (k + 0.5) / count - 1)
            found.append((*polar(angle, radius), size, angle))
    return found


def fan(cartoon: Cartoon) -> None:
    """The spread tail: plumage that rounds each eye, quills, and the eyes themselves."""
    x, y = cartoon.x, cartoon.y
    spots = eyes()
    outer = [disk(ex, ey, 1.62 * size) for ex, ey, size, _ in spots]
    wedge = [HUB, *(polar(a, 0.52) for a in np.linspace(-1.84, 1.84, 60))]
    whole = cartoon.shape(
        *(disk(ex, ey, 1.62 * size + 0.017) for ex, ey, size, _ in spots), np.array(wedge)
    )
    cartoon.paint("rim", whole, 0.55)
    gap = np.full_like(x, 9.0)
    for ex, ey, size, _ in spots:
        gap = np.minimum(gap, np.hypot(x - ex, y - ey) / size)
    angle = np.arctan2(x - HUB[0], HUB[1] - y)
    barbs = 0.62 - 0.36 * (gap - 1.3) + 0.12 * np.sin(angle * 60)
    cartoon.paint("plume", cartoon.shape(*outer, np.array(wedge)), barbs)
    quills = [
        ribbon(np.linspace(polar(a, 0.10), (ex, ey), 20), 0.0035, 0.0052) for ex, ey, _, a in spots
    ]
    for quill in quills:
        cartoon.paint("quill", cartoon.shape(quill), 0.6)
    for ex, ey, size, a in spots:
        for name, share, shift in (
            ("plume", 1.34, 0.0),
            ("ring", 1.10, 0.0),
            ("iris", 0.74, -0.08),
            ("pupil", 0.40, -0.16),
        ):
            cx, cy = ex + shift * size * np.sin(a), ey - shift * size * np.cos(a)
            tone = {"plume": 0.06, "ring": 0.6, "iris": 0.75, "pupil": 0.35}[name]
            cartoon.paint(
                name, cartoon.shape(disk(cx, cy, share * size, share * size * 1.12, a)), tone
            )


def vines(cartoon: Cartoon) -> None:
    """Vine scrolls in the meadow, with leaves and grapes, and flowers between them."""
    for side in (-1, 1):
        for cx, cy, radius in ((0.355, 0.838, 0.038), (0.195, 0.838, 0.038)):
            x = CENTER + side * cx
            turn = np.linspace(-0.6, 2.2 * np.pi, 70)
            shrink = radius * (1 - 0.035 * turn)
            path = np.stack([x + side * shrink * np.cos(turn), cy - shrink * np.sin(turn)], axis=1)
            cartoon.paint("vine", cartoon.shape(ribbon(path, 0.0060, 0.0050)), 0.6)
            grapes(cartoon, x + side * 0.002, cy - 0.010)
            for k, out in ((-0.25, 1.75), (0.9, 1.5), (2.3, 1.45)):
                leaf(
                    cartoon,
                    (x + side * radius * out * np.cos(k), cy - radius * out * 0.92 * np.sin(k)),
                    -k if side > 0 else np.pi + k,
                    0.026,
                )
    for at in (
        (0.415, 0.845),
        (0.585, 0.845),
        (0.227, 0.850),
        (0.773, 0.850),
        (0.085, 0.838),
        (0.915, 0.838),
    ):
        flower(cartoon, at, 0.027, 6, ("leaf", "petal", "white"))


def grapes(cartoon: Cartoon, x: float, y: float) -> None:
    """A small bunch."""
    for row, count in enumerate((3, 2, 1)):
        for k in range(count):
            px, py = x + (k - (count - 1) / 2) * 0.0150, y + row * 0.0130
            cartoon.paint(
                "grape", cartoon.shape(disk(px, py, 0.0080)), 0.7 - 0.2 * row + 0.15 * (k % 2)
            )


def leaf(cartoon: Cartoon, at: tuple[float, float], turn: float, size: float) -> None:
    """A pointed leaf of three lobes."""
    for lobe, share in ((-0.8, 0.75), (0.8, 0.75), (0.0, 1.0)):
        a = turn + lobe
        cx, cy = at[0] + 0.5 * size * np.cos(a), at[1] + 0.5 * size * np.sin(a)
        cartoon.paint(
            "leaf",
            cartoon.shape(disk(cx, cy, size * share * 0.62, size * share * 0.32, a)),
            0.55 + 0.3 * lobe,
        )


BODY = (
    (0.500, 0.300),
    (0.530, 0.312),
    (0.541, 0.345),
    (0.535, 0.395),
    (0.538, 0.450),
    (0.566, 0.520),
    (0.597, 0.600),
    (0.603, 0.680),
    (0.575, 0.755),
    (0.527, 0.800),
    (0.473, 0.795),
    (0.430, 0.745),
    (0.409, 0.670),
    (0.420, 0.590),
    (0.451, 0.510),
    (0.474, 0.440),
    (0.473, 0.390),
    (0.458, 0.350),
    (0.468, 0.313),
)


def bird(cartoon: Cartoon) -> None:
    """The bird itself, head turned to the left: legs, breast, scaled shoulders, head and crest."""
    x, y = cartoon.x, cartoon.y
    for side in (-1, 1):
        foot = CENTER + side * 0.034
        leg = np.array([(foot, 0.77), (foot + side * 0.006, 0.845)])
        heel = (foot + side * 0.006, 0.842)
        toes = [
            ribbon(np.array([heel, (heel[0] + spread, 0.868)]), 0.006, 0.004)
            for spread in (-0.026, 0.0, 0.026)
        ]
        cartoon.paint("leg", cartoon.shape(ribbon(leg, 0.0085, 0.007), *toes), 0.5)
    for k in np.linspace(-0.55, 0.75, 6):
        tip = (0.505 + 0.105 * np.sin(k), 0.318 - 0.100 * np.cos(k))
        stem = np.linspace((0.505, 0.318), tip, 12)
        cartoon.paint("quill", cartoon.shape(ribbon(stem, 0.0042, 0.0042)), 0.7)
        cartoon.paint("pupil", cartoon.shape(disk(*tip, 0.0175)), 0.2)
        cartoon.paint("iris", cartoon.shape(disk(*tip, 0.0125)), 0.8)
    outline = spline(BODY, 200, closed=True)
    thick = [disk(px, py, 0.0065) for px, py in outline]
    cartoon.paint("dark", cartoon.shape(*thick), 0.2)
    core = cartoon.shape(outline)
    round_ = 0.74 - 5.0 * np.abs(x - 0.485 + 0.12 * (y - 0.5)) - 0.5 * np.clip(y - 0.6, 0, 1)
    cartoon.paint("neck", core, round_ + 0.10 * np.sin(y * 120 + 14 * np.abs(x - 0.5) / 0.1))
    scales(cartoon, core)
    head(cartoon)


def scales(cartoon: Cartoon, core: Array) -> None:
    """Rows of round scales over the breast."""
    for row, cy in enumerate(np.arange(0.560, 0.80, 0.034)):
        for cx in np.arange(0.37, 0.65, 0.044) + 0.022 * (row % 2):
            if np.hypot((cx - 0.505) / 0.075, (cy - 0.665) / 0.115) > 1:
                continue
            spot = cartoon.shape(disk(cx, cy, 0.0175, 0.0175)) * core
            cartoon.paint("scale", spot, 0.85 - 2.0 * np.abs(cartoon.x - 0.48))
            cartoon.paint("ring", cartoon.shape(disk(cx, cy + 0.002, 0.0078)) * core, 0.65)


def head(cartoon: Cartoon) -> None:
    """Cheek, eye and beak."""
    beak = np.array(
        [(0.474, 0.322), (0.440, 0.334), (0.412, 0.358), (0.440, 0.358), (0.470, 0.360)]
    )
    cartoon.paint("dark", cartoon.shape(ribbon(beak, 0.006, 0.006), beak), 0.2)
    beak = beak + np.array([0.003, 0.0])
    cartoon.paint("beak", cartoon.shape(beak), 0.7)
    cartoon.paint("face", cartoon.shape(disk(0.494, 0.339, 0.026, 0.019)), 0.8)
    cartoon.paint("dark", cartoon.shape(disk(0.492, 0.337, 0.0105)), 0.2)


def border(cartoon: Cartoon) -> None:
    """A frame of lozenges that runs off the picture on all sides."""
    x, y = cartoon.x, cartoon.y
    tall = cartoon.height / cartoon.width
    inset = np.minimum(np.minimum(x, 1 - x), np.minimum(y, tall - y))
    cartoon.paint("white", inset < 0.051, 0.5)
    cartoon.paint("border", inset < 0.038, 0.4)
    middle = 0.019
    columns, rows = round(1 / 0.0476), round(tall / 0.0476)
    spots = [((k + 0.5) / columns, v) for k in range(columns) for v in (middle, tall - middle)]
    spots += [
        (u, (k + 0.5) * tall / rows) for k in range(1, rows - 1) for u in (middle, 1 - middle)
    ]
    for cx, cy in spots:
        wide, high = (0.0205, 0.0165) if cy in (middle, tall - middle) else (0.0165, 0.0205)
        diamond = np.array([(cx - wide, cy), (cx, cy - high), (cx + wide, cy), (cx, cy + high)])
        cartoon.paint("ring", cartoon.shape(diamond), 0.6)
        cartoon.paint("lozenge", cartoon.shape(disk(cx, cy, 0.0062)), 0.6)
