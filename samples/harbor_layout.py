"""Where things stand in the harbor scene: emits POV-Ray text for houses, quay, boats and hills."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

from harbor_boats import fishing_boat, rowboat, sailboat

QUAY = 1.7
CORNERS = ((-78.0, 61.0), (7.0, 37.0), (27.5, -24.0))
WALLS = ("c2583f", "d9a24a", "d9c08a", "5f86a0", "a8443f", "e6d3b0", "7f9a6c", "d98a5a", "dcbb62",
         "9db4b8", "c96f4a", "efe3cc")  # fmt: skip
SHUTTERS = ("2f4f3a", "2c4a6a", "6a2b24", "3a5a5a", "ede4d0", "4a3a2a")
ROOFS = ("a5573f", "98503a", "ad6a4a", "84493a", "5a5a62")


def linear(code: str) -> str:
    """POV-Ray vector in linear light from ``rrggbb``."""
    parts = (int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return "<" + ", ".join(f"{part**2.2:.3f}" for part in parts) + ">"


def along(
    start: tuple[float, float], end: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Length, unit direction and the POV y-rotation that lays +x along the segment."""
    dx, dz = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dz)
    return length, dx / length, dz / length, -math.degrees(math.atan2(dz, dx))


def house(rng: random.Random, width: float, wall: str) -> str:
    """One House macro call in local coordinates."""
    floors = rng.choice((2, 3, 3, 3, 4))
    gable = int(rng.random() < 0.45)
    pitch = rng.uniform(44, 54) if gable else rng.uniform(36, 44)
    bays = max(2, round(width / rng.uniform(2.1, 2.5)))
    cloth = linear(rng.choice(("a8322a", "2f5a4a", "2a4a72"))) if rng.random() < 0.45 else ""
    dormers = 0 if gable else rng.choice((0, 1, 2))
    return (
        f"House({width:.2f}, {rng.uniform(8.5, 10):.2f}, {floors}, {rng.uniform(2.8, 3.15):.2f}, "
        f"{bays}, {rng.choice((0, 0, 0, 1, 2))}, {linear(wall)}, {linear(rng.choice(SHUTTERS))}, "
        f"{int(rng.random() < 0.6)}, {gable}, {linear(rng.choice(ROOFS))}, {pitch:.1f}, "
        f"{cloth or '<-1, 0, 0>'}, {dormers})"
    )


def house_row(
    rng: random.Random, start: tuple[float, float], end: tuple[float, float], setback: float
) -> Iterator[str]:
    """Fill a quay segment with houses side by side, never the same color twice in a row."""
    length, ux, uz, turn = along(start, end)
    at, last = 0.0, ""
    while at < length - 5:
        width = min(rng.uniform(5.6, 8.6), length - at)
        wall = rng.choice([code for code in WALLS if code != last])
        depth = setback + rng.uniform(-0.15, 0.15)
        x, z = start[0] + ux * at - uz * depth, start[1] + uz * at + ux * depth
        yield (
            f"object {{ {house(rng, width, wall)} rotate y*{turn:.3f} "
            f"translate <{x:.3f}, {QUAY}, {z:.3f}> }}"
        )
        at, last = at + width + 0.02, wall


def quay(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Stone quay wall with a coping, cobbles on top, and bollards along the edge."""
    length, _, _, turn = along(start, end)
    rings = "\n".join(
        f"sphere_sweep {{ linear_spline 2, <{x}, {QUAY}, 0.55>, 0.14, <{x}, {QUAY + 0.5}, 0.55>, "
        f"0.17 texture {{ Iron }} }} torus {{ 0.42, 0.15 rotate x*90 translate <{x + 2}, 0.7, "
        f"-0.14> texture {{ Iron }} }}"
        for x in range(2, int(length), 5)
    )
    return f"""union {{
  box {{ <0, -3, 0>, <{length + 1:.2f}, {QUAY - 0.25}, 30>
    texture {{ Stone }} texture {{ Stone_Wet }} }}
  box {{ <0, {QUAY - 0.25}, -0.12>, <{length + 1:.2f}, {QUAY}, 0.7> texture {{ Stone }} }}
  box {{ <0, {QUAY - 0.2}, 0.6>, <{length + 1:.2f}, {QUAY - 0.02}, 30> texture {{ Cobble }} }}
  {rings}
  rotate y*{turn:.3f} translate <{start[0]}, 0, {start[1]}> }}"""


def quay_life(
    rng: random.Random, start: tuple[float, float], end: tuple[float, float]
) -> Iterator[str]:
    """Lamps, parasols, crates and strollers between the quay edge and the houses."""
    length, _, _, turn = along(start, end)
    parts = [f"object {{ Lamp translate <{x}, {QUAY}, 1.3> }}" for x in range(4, int(length), 11)]
    for _ in range(int(length / 3.2)):
        x, z = rng.uniform(2, length - 2), rng.uniform(1.2, 4.2)
        coat = linear(rng.choice(("30405a", "7a2f2a", "d8cfc0", "3a3a3a", "8a7a4a", "4a6a5a")))
        parts.append(
            f"object {{ Person({coat}) scale {rng.uniform(0.92, 1.05):.2f} "
            f"rotate y*{rng.randrange(360)} translate <{x:.2f}, {QUAY}, {z:.2f}> }}"
        )
    for _ in range(int(length / 9)):
        x = rng.uniform(3, length - 3)
        cloth = linear(rng.choice(("e8dcc4", "b8382c", "2f5f78", "e8dcc4")))
        parts.append(f"object {{ Parasol({cloth}) translate <{x:.2f}, {QUAY}, 3.8> }}")
        parts.append(f"object {{ Crates translate <{x + 2.1:.2f}, {QUAY}, 1.1> }}")
    body = "\n".join(parts)
    yield (f"union {{ {body} rotate y*{turn:.3f} translate <{start[0]}, 0, {start[1]}> }}")


def ridge(x: float, z: float) -> float:
    """Height of the land behind the town."""
    far = max(0.0, (z - 62) / 150)
    rise = 46 * (1 - math.exp(-far * 1.3)) * (0.72 + 0.34 * math.sin(x / 75 + 1.1))
    detail = 2.6 * math.sin(x / 17 + z / 23) + 1.6 * math.sin(x / 9.1 - z / 12)
    fall = 1 / (1 + math.exp(-(x + 95 + 0.25 * z) / 24))
    return (rise + detail * min(1.0, far * 3)) * fall - 4 * (1 - fall) + 0.9


def crest(x: float, z: float) -> float:
    """Height of the blue mountains across the bay."""
    ridges = sum(
        (1 - abs(math.sin(x * f + 2.4 * k + 0.5 + z * f * 0.7))) / 2.0**k
        for k, f in enumerate((0.0052, 0.0117, 0.027, 0.055, 0.11))
    )
    return 205 * math.exp(-(((z - 860) / 190) ** 2)) * (0.34 + 0.52 * ridges) - 6


def terrain(
    height: Callable[[float, float], float],
    origin: tuple[float, float],
    step: float,
    size: tuple[int, int],
    texture: str,
) -> str:
    """Mesh of a height function on a regular grid."""
    columns, rows = size
    spots = [(origin[0] + step * i, origin[1] + step * j)
             for j in range(rows) for i in range(columns)]  # fmt: skip
    corner = ", ".join(f"<{x:.1f}, {height(x, z):.2f}, {z:.1f}>" for x, z in spots)
    faces = ", ".join(
        f"<{a}, {a + 1}, {a + columns}>, <{a + 1}, {a + columns + 1}, {a + columns}>"
        for j in range(rows - 1)
        for a in range(j * columns, j * columns + columns - 1)
    )
    return (
        f"mesh2 {{ vertex_vectors {{ {len(spots)}, {corner} }} face_indices "
        f"{{ {2 * (rows - 1) * (columns - 1)}, {faces} }} texture {{ {texture} }} }}"
    )


def hillside(rng: random.Random) -> Iterator[str]:
    """Small houses and trees scattered up the slope."""
    for _ in range(46):
        x, z = rng.uniform(-70, 70), rng.uniform(72, 130)
        width = rng.uniform(6, 9)
        call = (
            f"Cottage({width:.1f}, {rng.uniform(4, 7):.1f}, {linear(rng.choice(WALLS))}, "
            f"{linear(rng.choice(ROOFS[:4]))})"
        )
        yield (
            f"object {{ {call} rotate y*{rng.uniform(-40, 40):.0f} "
            f"translate <{x:.1f}, {ridge(x, z) - 0.6:.2f}, {z:.1f}> }}"
        )
    for _ in range(420):
        x, z = rng.uniform(-110, 110), rng.uniform(66, 190)
        if ridge(x, z) < 1.5:
            continue
        size = rng.uniform(2.2, 5.0)
        name = rng.choice(("Tree_A", "Tree_B", "Tree_A", "Cypress"))
        yield (
            f"object {{ {name} scale {size:.2f} rotate y*{rng.randrange(360)} "
            f"translate <{x:.1f}, {ridge(x, z) - 0.3:.2f}, {z:.1f}> }}"
        )


def boats(rng: random.Random) -> Iterator[str]:
    """The fishing boat up front, sailboats along the quays, and dinghies."""
    yield fishing_boat("b3261e", "<-4.2, 0, 2.5>", 158)
    spots = (
        (6.5, 25.0, 200),
        (11.0, 14.0, 288),
        (-9.0, 31.5, 18),
        (-24.0, 36.0, 200),
        (14.5, 2.5, 108),
        (-40.0, 40.5, 16),
        (-33, 20, 150),
    )
    hulls = ("f2efe6", "1f3a5f", "f2efe6", "e8e2d0", "2f5a4a", "f2efe6", "8a2a24")
    for (x, z, turn), hull in zip(spots, hulls, strict=True):
        yield sailboat(hull, rng.uniform(8, 11), f"<{x}, 0, {z}>", turn + rng.uniform(-4, 4))
    for x, z, turn, hull in (
        (3.2, -5.5, 60, "2f6f8f"),
        (-15.5, 9.5, 15, "d8a63c"),
        (9.2, 8.0, 110, "efe8d8"),
        (-1.5, 27, 10, "a83a2a"),
    ):
        yield rowboat(hull, f"<{x}, 0, {z}>", turn)


def gulls() -> Iterator[str]:
    """A few birds against the sky and low over the water."""
    flock = ((-4.0, 12.6, 6, 25, 20), (-1.4, 13.6, 9, 40, -14), (6.2, 14.8, 14, 15, 24),
             (-12.5, 4.3, 0, 60, 12), (2.8, 11.4, 8, -20, -25))  # fmt: skip
    for x, y, z, turn, bank in flock:
        yield f"object {{ Gull rotate x*{bank} rotate y*{turn} translate <{x}, {y}, {z}> }}"


def layout(rng: random.Random) -> str:
    """The whole layout as POV-Ray text."""
    left, corner, right = CORNERS
    parts = [
        "#declare RS = seed(11);",
        terrain(ridge, (-300, 55), 7.5, (90, 40), "Hill"),
        terrain(crest, (-800, 560), 8, (210, 50), "Mountain"),
        *hillside(rng),
    ]
    for start, end in ((left, corner), (corner, right)):
        parts += [quay(start, end), *house_row(rng, start, end, 5.5), *quay_life(rng, start, end)]
    parts += [
        "object { Church rotate y*24 translate <-17.2, 2, 62> }",
        "object { Mole }",
        *boats(rng),
        "object { Piles }",
        *gulls(),
    ]
    return "\n".join(parts) + "\n"
