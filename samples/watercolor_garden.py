"""Plants of the watercolor sample: irises, hydrangeas, sword leaves, foliage and lilies.

All places and sizes are shares of the picture's width.
"""

from __future__ import annotations

import numpy as np

from paper import Array, blade, blob, spline
from watercolor_sheet import Look, Sheet, pigment

VIOLET, ULTRAMARINE, COBALT = pigment("5a2f96"), pigment("2b3f9f"), pigment("4a7fcb")
ROSE, MAGENTA, PEACH = pigment("d2477a"), pigment("a12c7c"), pigment("f3a06c")
GOLD, LEMON, SIENNA = pigment("f0a81c"), pigment("f2d640"), pigment("b4562a")
SAP, HOOKER, TEAL, INDIGO = (
    pigment("7f9a2a"),
    pigment("2c6a3c"),
    pigment("1f8a86"),
    pigment("1f2f5a"),
)
PETAL = Look(soft=0.12, ragged=0.0028, rim=0.85, grain=0.32, lift=0.93, drift=0.26)
GLAZE = Look(soft=0.35, ragged=0.005, rim=0.15, grain=0.45, drift=0.3)
LINE = Look(soft=0.25, ragged=0.0009, rim=0.1, grain=0.2, drift=0.25)
LEAF = Look(soft=0.14, ragged=0.0018, rim=0.7, grain=0.35, lift=0.9, drift=0.3)
DAB = Look(soft=0.14, ragged=0.0026, rim=0.7, grain=0.4, drift=0.35)

# Iris petals: center line and widest half width; unit is the flower's height, y downward.
BACK = (((0.0, 0.0), (0.03, -0.45), (-0.02, -1.0)), 0.27)
STANDARDS = (
    (((0.0, 0.03), (-0.36, -0.38), (-0.12, -0.97)), 0.21),
    (((0.0, 0.03), (0.36, -0.36), (0.16, -0.92)), 0.21),
)
FALLS = (
    (((0.0, 0.0), (-0.48, -0.02), (-0.80, 0.34), (-0.74, 0.84)), 0.25),
    (((0.0, 0.0), (0.46, -0.02), (0.78, 0.30), (0.80, 0.78)), 0.25),
    (((0.0, 0.02), (0.03, 0.36), (0.10, 0.72), (0.04, 1.06)), 0.30),
)
# First and second pigment of the standards, then of the falls, and the veins.
SUITS = (
    (COBALT, VIOLET, VIOLET, ULTRAMARINE, INDIGO),
    (ROSE, VIOLET, MAGENTA, VIOLET, INDIGO),
    (LEMON, PEACH, ROSE, MAGENTA, VIOLET),
    (VIOLET, ROSE, ULTRAMARINE, VIOLET, INDIGO),
    (COBALT * 0.6, COBALT, ULTRAMARINE, COBALT, INDIGO),
)


def petal(sheet: Sheet, line: Array, half: float, first: Array, second: Array, tone: float) -> None:
    """Wash one ruffled petal, charge its throat with darker paint, and draw its veins."""
    rng, count = sheet.rng, len(line)
    t = np.linspace(0, 1, count)
    width = half * (0.14 + np.sin(np.pi * t**1.25) ** 0.75) * (1 - t**9 * 0.6)
    ruffle = np.sin(t * rng.uniform(24, 34) + rng.uniform(0, 6)) * t * 0.11
    width *= 1 + ruffle + 0.10 * t * rng.standard_normal(count)
    ends = tuple(line[0]), tuple(line[-1])
    sheet.wash(blade(line, width), first, second, tone, PETAL, ends)
    side = half * 0.42 * rng.choice([-1, 1])
    shade = line + np.array([side, 0], np.float32) * np.sin(np.pi * t)[:, None]
    sheet.wash(blade(shade, width * 0.45), second, second, tone * 0.5, GLAZE, ends)


def veins(sheet: Sheet, line: Array, half: float, ink: Array) -> None:
    """Fine lines fanning out from the throat."""
    rng, t = sheet.rng, np.linspace(0, 1, len(line))
    run = np.gradient(line, axis=0)
    side = np.stack([-run[:, 1], run[:, 0]], axis=1) / (np.hypot(*run.T)[:, None] + 1e-9)
    for spread in np.linspace(-0.72, 0.72, 7):
        reach = int(len(line) * rng.uniform(0.5, 0.85))
        path = line + side * (spread * half * np.sin(np.pi * t**1.2))[:, None]
        thin = half * 0.034 * np.linspace(1, 0.25, reach)
        sheet.wash(blade(path[2:reach], thin[2:]), ink, ink, 0.55, LINE)


def iris(sheet: Sheet, x: float, y: float, size: float, suit: int, lean: float) -> None:
    """A bearded iris with its stem, seen from the side; (x, y) is the flower's throat."""
    up, up2, down, down2, ink = SUITS[suit]
    rng, c, s = sheet.rng, np.cos(lean), np.sin(lean)

    def placed(points: tuple[tuple[float, float], ...]) -> Array:
        p = np.array(points) * (1, 0.9) + rng.normal(0, 0.035, (len(points), 2))
        return spline(
            np.stack([c * p[:, 0] - s * p[:, 1], s * p[:, 0] + c * p[:, 1]], 1) * size + (x, y)
        )

    def draw(part: tuple, first: Array, second: Array, tone: float, veined: bool) -> None:
        line, half = placed(part[0]), part[1] * size
        petal(sheet, line, half, first, second, tone)
        if veined:
            veins(sheet, line, half, ink)

    stalk = spline(
        [
            (x, y + 0.1 * size),
            (x - lean * size, y + 1.6 * size),
            (x - 2 * lean * size, y + 4.5 * size),
        ]
    )
    sheet.wash(blade(stalk, np.full(len(stalk), 0.055 * size)), SAP, HOOKER, 1.0, LEAF)
    draw(BACK, up2 * 0.8, up, 0.8, False)
    for part in FALLS[:2]:
        draw(part, down2, down * 0.75, 1.1, True)
    for part in STANDARDS:
        draw(part, up2 * 0.45, up, 0.7, True)
    draw(FALLS[2], down2, down * 0.7, 1.1, True)
    for part in FALLS:
        beard(sheet, placed(part[0]), size)


def beard(sheet: Sheet, line: Array, size: float) -> None:
    """Yellow tuft at a petal's throat."""
    tuft = Look(soft=0.15, ragged=0.0012, rim=0.4, lift=0.9)
    t = np.linspace(0, 1, 9)
    sheet.wash(blade(line[2:11], 0.045 * size * np.sin(np.pi * t) ** 0.5), LEMON, GOLD, 1.3, tuft)
    for k in range(2, 10, 2):
        spot = blob(*line[k], 0.02 * size, 0.03 * size, sheet.rng)
        sheet.wash(spot, SIENNA, SIENNA, 0.6, LINE)


def sword(sheet: Sheet, x: float, y: float, tall: float, bend: float, half: float) -> None:
    """A long iris leaf, warm where the light comes through, with a dark fold."""
    rng = sheet.rng
    tip = (x + bend, y - tall)
    line = spline([(x, y), (x + bend * 0.15, y - tall * 0.55), tip], 30)
    t = np.linspace(0, 1, 30)
    first, second = [(HOOKER, SAP), (TEAL, LEMON), (INDIGO, TEAL), (SAP, LEMON), (TEAL, HOOKER)][
        rng.integers(5)
    ]
    outline = blade(line, half * (1 - t**2.2) * (0.75 + 0.5 * t) + 0.0004)
    look = Look(soft=0.14, ragged=0.0018, rim=0.7, grain=0.4, lift=0.9, drift=0.3,
                dry=rng.choice([0, 0, 0, 0.22]))  # fmt: skip
    sheet.wash(outline, first, second, rng.uniform(0.4, 0.95), look, ((x, y), tip))
    if half > 0.003:
        fold = line + np.array([half * 0.35, 0], np.float32)
        sheet.wash(blade(fold, half * 0.45 * (1 - t**1.4)), INDIGO, HOOKER, 0.22, GLAZE)


def hydrangea(sheet: Sheet, x: float, y: float, size: float, colors: tuple[Array, ...]) -> None:
    """A globe of four-petaled florets; those in the light are pale, those below deep."""
    rng = sheet.rng
    base = Look(soft=0.2, ragged=0.010, rim=0.5, grain=0.5, lift=0.88, drift=0.4)
    sheet.wash(blob(x, y, size, size * 0.86, rng), colors[0], colors[1], 0.55, base)
    spots = []
    while len(spots) < 74:
        px, py = rng.uniform(-1, 1, 2)
        if px**2 + py**2 < 1.05:
            spots.append((px, py))
    for px, py in sorted(spots, key=lambda p: -(p[0] ** 2 + p[1] ** 2)):
        shade = np.clip(0.5 + 0.45 * px * 0.6 + 0.5 * py, 0, 1)
        floret(
            sheet,
            x + px * size,
            y + py * size * 0.86,
            size * (0.20 - 0.05 * np.hypot(px, py)),
            shade,
            colors,
        )


def floret(sheet: Sheet, x: float, y: float, r: float, shade: float, colors: tuple) -> None:
    """Four small petals around an eye."""
    rng = sheet.rng
    look = Look(soft=0.2, ragged=0.0016, rim=0.9, grain=0.25, lift=0.85, drift=0.3)
    turn, squash = rng.uniform(0, 1.6), rng.uniform(0.6, 1)
    pick = colors[rng.integers(len(colors))], colors[rng.integers(len(colors))]
    tone = (0.16 + 0.85 * shade**1.3) * rng.uniform(0.7, 1.25)
    for k in range(4):
        angle = turn + k * np.pi / 2
        dx, dy = np.cos(angle), np.sin(angle) * squash
        spot = blob(x + dx * r * 0.55, y + dy * r * 0.55, r * 0.55, r * 0.5, rng)
        sheet.wash(spot, *pick, tone, look)
    sheet.wash(blob(x, y, r * 0.16, r * 0.16, rng), VIOLET, INDIGO, 0.7, LINE)


def broad_leaf(sheet: Sheet, x: float, y: float, length: float, angle: float) -> None:
    """A hydrangea leaf with a pale mid rib."""
    rng = sheet.rng
    way = np.array([np.cos(angle), np.sin(angle)])
    bow = np.array([-way[1], way[0]]) * length * rng.normal(0, 0.10)
    line = spline([(x, y), (x, y) + way * length * 0.5 + bow, (x, y) + way * length], 22)
    t = np.linspace(0, 1, 22)
    width = length * 0.27 * np.sin(np.pi * t**0.8) ** 0.85 * (1 + 0.05 * np.sin(t * 70))
    pair = [(HOOKER, SAP), (TEAL, HOOKER), (INDIGO, TEAL), (SAP, LEMON)][rng.integers(4)]
    sheet.wash(
        blade(line, width), *pair, rng.uniform(0.6, 1.1), LEAF, (tuple(line[0]), tuple(line[-1]))
    )
    for k in range(4, 18, 3):
        for sign in (-1, 1):
            end = line[k] + way * length * 0.14 + sign * bow_side(way) * width[k] * 0.8
            rib = np.linspace(line[k], end, 5).astype(np.float32)
            sheet.wash(blade(rib, np.full(5, 0.0007)), INDIGO, HOOKER, 0.5, LINE)


def bow_side(way: Array) -> Array:
    """Unit vector at a right angle."""
    return np.array([-way[1], way[0]])


def foliage(
    sheet: Sheet, x: float, y: float, rx: float, ry: float, pairs: tuple, count: int
) -> None:
    """A loose crown of a tree: wet blots first, then crisp leaf dabs toward its edge."""
    rng = sheet.rng
    wet = Look(soft=0.16, ragged=0.006, rim=0.7, grain=0.5, drift=0.45, lift=0.35)
    dab = Look(soft=0.14, ragged=0.0022, rim=0.8, grain=0.35, lift=0.35, drift=0.35)
    for _ in range(5):
        dx, dy = rng.normal(0, 0.38, 2)
        spot = blob(x + dx * rx, y + dy * ry, rx * 0.55, ry * 0.5, rng)
        sheet.wash(spot, *pairs[rng.integers(len(pairs))], rng.uniform(0.25, 0.6), wet)
    for _ in range(count):
        angle, reach = rng.uniform(0, 6.3), rng.random() ** 0.45
        px, py = x + np.cos(angle) * rx * reach, y + np.sin(angle) * ry * reach
        size = rng.uniform(0.25, 1) * 0.012
        tone = rng.uniform(0.25, 0.85) * (1.3 if np.sin(angle) > 0 else 0.75)
        first, second = pairs[rng.integers(len(pairs))]
        sheet.wash(blob(px, py, size * 1.3, size * 0.8, rng), first, second, tone, dab)


def lily_pad(sheet: Sheet, x: float, y: float, r: float, flower: bool) -> None:
    """A floating leaf, now and then with a pink flower."""
    rng = sheet.rng
    sheet.wash(blob(x, y, r, r * 0.30, rng), SAP, TEAL, rng.uniform(0.6, 1.0), LEAF)
    shade = Look(soft=0.3, ragged=0.002, rim=0.1, drift=0.3)
    sheet.wash(blob(x, y + r * 0.33, r * 0.95, r * 0.13, rng), INDIGO, HOOKER, 0.8, shade)
    if not flower:
        return
    for k in np.linspace(-1.25, 1.25, 6):
        line = spline([(x, y), (x + np.sin(k) * r * 0.5, y - r * (0.15 + 0.5 * np.cos(k)))], 12)
        half = r * 0.12 * np.sin(np.pi * np.linspace(0.05, 1, 12) ** 0.8)
        sheet.wash(blade(line, half + 0.0003), ROSE, PEACH, 0.55, PETAL)
