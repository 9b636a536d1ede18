"""Boats of the harbor scene: lofted hull meshes, decks, cabins, masts and rigging as POV text."""

from __future__ import annotations

import math
from dataclasses import dataclass

STATIONS, SECTIONS = 28, 10
Point = tuple[float, float, float]


def srgb(code: str) -> str:
    """POV-Ray color from ``rrggbb``."""
    return "srgb <" + ", ".join(f"{int(code[i : i + 2], 16) / 255:.3f}" for i in (0, 2, 4)) + ">"


@dataclass(frozen=True)
class Hull:
    """Main measures of a hull in meters; the bow is at +x and the waterline at y = 0."""

    length: float
    beam: float
    freeboard: float
    bow: float
    stern: float
    rake: float
    full: float = 0.25

    def half(self, t: float) -> float:
        """Half breadth of the gunwale at share ``t`` from stern to stem."""
        if t > 0.4:
            return self.beam / 2 * max(1 - ((t - 0.4) / 0.6) ** 2.3, 0.012)
        return self.beam / 2 * (1 - self.full * ((0.4 - t) / 0.4) ** 2)

    def sheer(self, t: float) -> float:
        """Height of the gunwale."""
        rise = self.bow * ((t - 0.4) / 0.6) ** 2 if t > 0.4 else self.stern * ((0.4 - t) / 0.4) ** 2
        return self.freeboard + rise

    def point(self, t: float, s: float, side: int) -> Point:
        """Hull skin point at station ``t`` and share ``s`` from keel to gunwale."""
        keel, top = -0.55, self.sheer(t)
        y = keel + (top - keel) * s
        flare = 0.36 + 0.55 * max(0.0, t - 0.45)
        lean = self.rake * max(0.0, t - 0.55) / 0.45 * (y / top)
        return self.length * (t - 0.5) + lean, y, side * self.half(t) * s**flare

    def rail(self, side: int) -> list[Point]:
        """Gunwale line from stern to stem."""
        return [self.point(i / STATIONS, 1.0, side) for i in range(STATIONS + 1)]


def vec(point: Point) -> str:
    """POV vector."""
    return f"<{point[0]:.3f}, {point[1]:.3f}, {point[2]:.3f}>"


def mesh(points: list[Point], faces: list[tuple[int, int, int]], texture: str) -> str:
    """A mesh2 of the given triangles."""
    corners = ", ".join(map(vec, points))
    triangles = ", ".join(f"<{a}, {b}, {c}>" for a, b, c in faces)
    return (
        f"mesh2 {{ vertex_vectors {{ {len(points)}, {corners} }} "
        f"face_indices {{ {len(faces)}, {triangles} }} {texture} }}"
    )


def skin(hull: Hull, texture: str) -> str:
    """Both sides and the transom."""
    points: list[Point] = []
    faces: list[tuple[int, int, int]] = []
    row = SECTIONS + 1
    for side in (-1, 1):
        base = len(points)
        points += [hull.point(i / STATIONS, j / SECTIONS, side)
                   for i in range(STATIONS + 1) for j in range(row)]  # fmt: skip
        for i in range(STATIONS):
            for j in range(SECTIONS):
                a = base + i * row + j
                faces += [(a, a + 1, a + row), (a + 1, a + row + 1, a + row)]
    other = (STATIONS + 1) * row
    for j in range(SECTIONS):
        faces += [(j, j + 1, other + j), (j + 1, other + j + 1, other + j)]
    return mesh(points, faces, texture)


def deck(hull: Hull, drop: float) -> str:
    """Deck surface a little below the gunwale."""
    left, right = hull.rail(-1), hull.rail(1)
    points = [(x, y - drop, z * 0.96) for x, y, z in left + right]
    shift = len(left)
    faces = []
    for i in range(STATIONS):
        faces += [(i, i + 1, shift + i), (i + 1, shift + i + 1, shift + i)]
    return mesh(points, faces, "texture { Deck_Wood }")


def sweep(points: list[Point], radius: float, texture: str) -> str:
    """A rope, rail or sausage through the points."""
    body = ", ".join(f"{vec(p)}, {radius}" for p in points)
    return f"sphere_sweep {{ linear_spline {len(points)}, {body} {texture} }}"


def line(start: Point, end: Point, radius: float = 0.022, texture: str = "texture { Wire }") -> str:
    """A straight stay."""
    return f"cylinder {{ {vec(start)}, {vec(end)}, {radius} {texture} }}"


def hull_texture(color: str, stripe: str, top: float) -> str:
    """Antifouling at the waterline, a stripe, then the topside paint with a little grime."""
    return f"""texture {{
    pigment {{ gradient y turbulence 0 color_map {{
      [0.00 srgb <0.22, 0.10, 0.08>] [0.32 srgb <0.25, 0.12, 0.09>] [0.32 {srgb(stripe)}]
      [0.40 {srgb(stripe)}] [0.40 {srgb(color)}*0.85] [1.00 {srgb(color)}] }}
      scale {top + 0.5:.2f} translate -y*0.5 }}
    normal {{ gradient y 0.25 slope_map {{ [0 <1, 0>] [0.06 <0, 0>] [1 <0, 0>] }} scale 0.19 }}
    finish {{ specular 0.35 roughness 0.02 reflection {{ 0.02, 0.18 }} }} }}
  texture {{ pigment {{ bozo turbulence 0.5 color_map {{ [0 srgbt <0.3, 0.22, 0.15, 1>]
    [0.6 srgbt <0.3, 0.22, 0.15, 1>] [1 srgbt <0.3, 0.2, 0.12, 0.6>] }}
    scale <0.25, 1.2, 1> }} }}"""


def body(hull: Hull, color: str, stripe: str, drop: float, rail: str) -> str:
    """Hull, deck and rub rails."""
    top = hull.freeboard + hull.bow
    rails = "".join(sweep(hull.rail(side), 0.06, rail) for side in (-1, 1))
    return skin(hull, hull_texture(color, stripe, top)) + deck(hull, drop) + rails


def place(parts: list[str], where: str, turn: float, heel: float = 0.0) -> str:
    """Group parts and set them on the water."""
    return f"union {{ {' '.join(parts)} rotate x*{heel} rotate y*{turn:.1f} translate {where} }}"


def fishing_boat(color: str, where: str, turn: float) -> str:
    """The main subject: a wooden trawler with a white wheelhouse, mast, boom and nets."""
    hull = Hull(11.5, 3.9, 1.15, 1.35, 0.35, 1.1)
    parts = [body(hull, color, "f0ead8", 0.42, "texture { White_Paint }")]
    parts.append("object { Wheelhouse translate <-2.6, 0.85, 0> }")
    mast, iron = (1.2, 7.6, 0.0), "texture { White_Paint }"
    parts.append(line((1.2, 0.7, 0), mast, 0.11, "texture { Spar }"))
    parts.append(line((1.1, 2.3, 0), (-1.4, 5.6, 0.3), 0.07, "texture { Spar }"))
    parts.append(line((-2.6, 3, 0), (-2.6, 5.6, 0), 0.06, "texture { Spar }"))
    bow, stern = hull.point(1, 1, 1), hull.point(0, 1, 1)
    parts += [line(mast, (bow[0], bow[1], 0)), line(mast, (stern[0] + 0.3, stern[1], 0)),
              line(mast, (-2.6, 5.6, 0)), line((-1.4, 5.6, 0.3), mast)]  # fmt: skip
    for side in (-1, 1):
        for t in (0.52, 0.66):
            parts.append(line((1.2, 6.9, 0), hull.point(t, 1, side)))
        for t in (0.2, 0.33, 0.5):
            x, y, z = hull.point(t, 1, side)
            parts.append(f"object {{ Fender translate <{x:.2f}, {y - 0.75:.2f}, {z * 1.08:.2f}> }}")
        posts = [hull.point(t, 1, side) for t in (0.6, 0.7, 0.8, 0.9, 1.0)]
        parts += [line(p, (p[0], p[1] + 0.55, p[2]), 0.03, iron) for p in posts]
        parts.append(sweep([(x, y + 0.55, z) for x, y, z in posts], 0.03, iron))
    parts.append("object { Deck_Gear translate <1.6, 0.8, 0> }")
    curve = [(bow[0] + 3.2 * k / 8, bow[1] * (1 - k / 8) ** 1.7 - 0.1, 0.3 * k) for k in range(9)]
    parts.append(sweep(curve, 0.03, "texture { Wire }"))
    return place(parts, where, turn)


def sailboat(color: str, size: float, where: str, turn: float) -> str:
    """A moored sloop with furled sails."""
    hull = Hull(size, size * 0.3, 0.85, 0.4, 0.05, size * 0.10, 0.35)
    parts = [body(hull, color, "2a3f66" if color != "1f3a5f" else "d8cfb8", 0.05,
                  "texture { Spar }")]  # fmt: skip
    top = (size * 0.06, size * 1.28, 0.0)
    mast = "texture { pigment { srgb <0.82, 0.82, 0.80> } finish { specular 0.5 roughness 0.02 } }"
    parts.append(line((size * 0.06, 0.8, 0), top, 0.075, mast))
    parts.append(line((size * 0.06, 1.9, 0), (-size * 0.34, 1.95, 0), 0.06, mast))
    cover = "texture { pigment { srgb <0.16, 0.27, 0.45> } normal { wrinkles 0.5 scale 0.2 } }"
    if int(size * 10) % 3 == 0:
        cover = "texture { pigment { srgb <0.85, 0.80, 0.68> } normal { wrinkles 0.5 scale 0.2 } }"
    roll = [(size * (0.05 - 0.39 * k / 7), 2.1 - 0.05 * math.sin(k), 0.0) for k in range(8)]
    parts.append(sweep(roll, 0.17, cover))
    bow, stern = hull.point(1, 1, 1), hull.point(0, 1, 1)
    parts.append(line((bow[0] - 0.1, bow[1], 0), (top[0], top[1] * 0.96, 0), 0.06, mast))
    parts.append(line((stern[0], stern[1], 0), top))
    spread = top[1] * 0.58
    for side in (-1, 1):
        tip = (top[0], spread, side * 0.75)
        foot = hull.point(0.54, 1, side)
        parts += [line(foot, tip), line(tip, top), line((top[0], spread, 0), tip, 0.03, mast)]
        posts = [hull.point(t, 1, side) for t in (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)]
        parts += [line(p, (p[0], p[1] + 0.6, p[2]), 0.02, mast) for p in posts]
        parts.append(sweep([(x, y + 0.6, z) for x, y, z in posts], 0.016, mast))
    parts.append(f"object {{ Cabin scale <{size / 9:.2f}, 1, {size / 9:.2f}> translate y*0.82 }}")
    return place(parts, where, turn, 0.6)


def rowboat(color: str, where: str, turn: float) -> str:
    """An open dinghy with thwarts and oars."""
    hull = Hull(3.8, 1.5, 0.42, 0.22, 0.05, 0.25)
    rail = "texture { Spar }"
    parts = [body(hull, color, "f0ead8", 0.34, rail)]
    for x in (-1.0, 0.1, 1.0):
        parts.append(f"box {{ <{x}, 0.27, -0.62>, <{x + 0.28}, 0.32, 0.62> {rail} }}")
    for side in (-1, 1):
        parts.append(line((-1.5, 0.5, 0.3 * side), (1.3, 0.42, 0.42 * side), 0.03, rail))
    return place(parts, where, turn)
