"""Trees, grass and flowers of the valley scene: a few meshes each, and where they stand.

A crown is many small leaf triangles around a few lumps; each leaf's normal points away from its
lump, so light falls over a lump as over a solid. The uv coordinate u says how deep a leaf lies.
"""

from __future__ import annotations

import numpy as np

import povray
from valley_land import fields, fractal, height, river, shore, step

# Kind: lumps, leaves per lump, leaf size, lump size, crown base, crown top, crown radius.
TREES = {
    "Oak": (46, 210, 0.34, 1.25, 2.2, 10.0, 4.6),
    "Ash": (34, 190, 0.30, 0.95, 3.0, 12.0, 3.0),
    "Poplar": (40, 130, 0.30, 0.75, 1.5, 17.0, 1.15),
    "Birch": (36, 110, 0.20, 0.75, 2.8, 11.0, 2.2),
    "Bush": (16, 140, 0.20, 0.60, 0.2, 2.2, 1.7),
}


def directions(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return random unit vectors."""
    way = rng.normal(size=(count, 3))
    return way / np.linalg.norm(way, axis=1, keepdims=True)


def leaves(
    name: str,
    at: np.ndarray,
    out: np.ndarray,
    depth: np.ndarray,
    size: float,
    rng: np.random.Generator,
) -> str:
    """Return a mesh of one triangle per place in ``at``, shaded by the normals ``out``."""
    count = len(at)
    sides = np.cross(directions(rng, count), out + 0.6 * directions(rng, count))
    sides /= np.linalg.norm(sides, axis=1, keepdims=True) + 1e-9
    across = np.cross(sides, directions(rng, count))
    points = np.stack(
        [at - size * sides, at + size * sides, at + 1.2 * size * across], axis=1
    ).reshape(-1, 3)
    tint = np.clip(depth + rng.normal(0, 0.10, count), 0.01, 0.99)
    return (
        f"#declare {name} = mesh2 {{ vertex_vectors {{ {povray.vectors(points, 3)} }}\n"
        f"normal_vectors {{ {povray.vectors(np.repeat(out, 3, axis=0), 2)} }}\n"
        f"uv_vectors {{ {povray.vectors(np.stack([tint, 0 * tint], axis=1), 2)} }}\n"
        f"face_indices {{ {povray.vectors(np.arange(3 * count).reshape(-1, 3))} }}\n"
        f"uv_indices {{ {povray.vectors(np.repeat(np.arange(count), 3).reshape(-1, 3))} }} }}\n"
    )


def crown(name: str, rng: np.random.Generator) -> str:
    """Return leaves, trunk and branches of a broadleaf tree."""
    lumps, each, size, lump, base, top, wide = TREES[name]
    way = directions(rng, lumps) * rng.uniform(0.55, 0.92, (lumps, 1))
    middle = np.array([0, (base + top) / 2, 0])
    spots = middle + way * [wide, (top - base) / 2, wide]
    taper = 1 - 0.35 * np.clip((spots[:, 1:2] - middle[1]) / (top - base), 0, 1)
    spots[:, ::2] *= taper
    out = directions(rng, lumps * each)
    girth = np.repeat(lump * rng.uniform(0.7, 1.25, lumps), each)[:, None]
    at = np.repeat(spots, each, axis=0) + out * girth * [1, 0.8, 1] * rng.uniform(
        0.75, 1.0, (lumps * each, 1)
    )
    center_out = (at - middle) / [wide, (top - base) / 2, wide]
    depth = 0.28 + 0.42 * np.linalg.norm(center_out, axis=1) * 0.8 + 0.22 * out[:, 1]
    mix = out + 0.8 * center_out + [0, 0.25, 0]
    mix /= np.linalg.norm(mix, axis=1, keepdims=True)
    wood = [f"cone {{ <0,-1,0>, {0.028 * top:.2f}, <0,{middle[1]:.2f},0>, {0.014 * top:.2f} }}"]
    wood += [
        f"cone {{ <0,{0.5 * base + 0.2 * y:.2f},0>, {0.014 * top:.2f},"
        f" <{x:.2f},{y:.2f},{z:.2f}>, 0.03 }}"
        for x, y, z in spots[::2]
    ]
    return (
        leaves(f"{name}_Leaves", at, mix, depth, size, rng)
        + f"#declare {name}_Wood = union {{ {' '.join(wood)} }}\n"
    )


def spruce(rng: np.random.Generator) -> str:
    """Return a conifer: drooping branches around a straight trunk, shorter toward the top."""
    count = 9000
    level = 1 - np.sqrt(rng.uniform(0.0, 1, count))
    level = np.clip(np.floor(level * 17) / 17 + rng.uniform(0, 0.03, count), 0, 0.985)
    angle = (
        np.floor(rng.uniform(0, 11, count)) / 11 * 2 * np.pi
        + level * 40
        + rng.normal(0, 0.17, count)
    )
    reach = rng.uniform(0.1, 1, count) ** 0.6
    radius = 3.1 * (1 - level) ** 0.85 * reach
    y = 1.2 + 14 * level - 0.55 * radius * reach + rng.normal(0, 0.09, count)
    way = np.stack([np.cos(angle), 0.35 + 0 * angle, np.sin(angle)], axis=1)
    at = np.stack([radius * np.cos(angle), y, radius * np.sin(angle)], axis=1)
    return leaves("Spruce_Leaves", at, way / np.sqrt(1.1225), 0.05 + 0.75 * reach, 0.24, rng) + (
        "#declare Spruce_Wood = union { cone { <0,-1,0>, 0.34, <0,15,0>, 0.03 } }\n"
    )


def blades(name: str, count: int, reach: float, tall: float, rng: np.random.Generator) -> str:
    """Return a tuft of bent grass blades, dark at the root."""
    root = np.stack(
        [rng.normal(0, reach, count), np.full(count, -0.05), rng.normal(0, reach, count)], axis=1
    )
    lean = rng.normal(0, 0.20, (count, 3)) * [1, 0, 1]
    long = tall * rng.uniform(0.45, 1.1, (count, 1))
    side = directions(rng, count) * [0.008, 0, 0.008]
    knee, tip = (
        root + long * (lean + np.array([0, 0.6, 0])),
        root + long * (2.4 * lean + np.array([0, 1, 0])),
    )
    points = np.stack(
        [root - side, root + side, knee - 0.8 * side, knee + 0.8 * side, tip], axis=1
    ).reshape(-1, 3)
    faces = (
        np.arange(count)[:, None, None] * 5 + np.array([[0, 1, 2], [1, 3, 2], [2, 3, 4]])
    ).reshape(-1, 3)
    uv = np.tile([[0.02, 0], [0.02, 0], [0.6, 0], [0.6, 0], [0.98, 0]], (count, 1))
    return povray.mesh(name, points, faces, uv, smooth=False)


def put(name: str, x: float, z: float, size: float, turn: float, y: float) -> str:
    """Return one placed object."""
    place = f"rotate y*{turn:.0f} translate <{x:.2f},{y:.2f},{z:.2f}>"
    return f"object {{ {name} scale {size:.3f} {place} }}"


def groups(rng: np.random.Generator) -> list[tuple[str, float, float, float]]:
    """Return the trees that make the composition, as (kind, x, z, scale)."""
    trees = [("Oak_1", -16.0, 31.0, 1.25), ("Bush", -11.5, 31, 0.9), ("Bush", -20, 28, 1.3)]
    trees += [
        ("Birch", 27.0, 62.0, 1.0),
        ("Birch", 30.5, 66.0, 1.15),
        ("Birch", 25.2, 70.0, 0.85),
        ("Bush", 24.6, 60, 0.8),
    ]
    trees += [("Poplar", -54 + 4.6 * k, 137 + 1.5 * k, rng.uniform(0.95, 1.25)) for k in range(6)]
    trees += [
        ("Ash", -44.0, 138.0, 0.95),
        ("Oak", -20, 142, 0.95),
        ("Ash", -13, 139, 0.8),
        ("Oak", 17, 141, 1.0),
        ("Ash", 23, 136, 0.9),
    ]
    trees += [
        ("Spruce", 60 + 13 * rng.normal(), 125 + 14 * rng.normal(), rng.uniform(0.7, 1.25))
        for _ in range(16)
    ]
    for _ in range(60):
        z = rng.uniform(52, 112)
        x = river(z) + rng.choice([-1, 1]) * rng.uniform(11, 14.5)
        trees.append((rng.choice(["Bush", "Bush", "Ash"]), x, z, rng.uniform(0.35, 0.9)))
    return [tree for tree in trees if not in_view_of_house(tree)]


def in_view_of_house(tree: tuple[str, float, float, float]) -> bool:
    """Tell whether a tree stands in the house, or hides it or the bridge from the viewer."""
    _, x, z, _ = tree
    return -42 < x * 118 / z < 22 and 48 < z < 133


def woods(rng: np.random.Generator) -> list[tuple[str, float, float, float]]:
    """Return hedges along the fields and woods on the slopes, as (kind, x, z, scale)."""
    z = np.exp(rng.uniform(np.log(90), np.log(1500), 26000))
    x = rng.uniform(-0.6, 0.6, z.size) * z
    _, border = fields(x, z)
    dry = shore(x, z) > 6
    hedge = (border < 1.6) & (z < 700) & (rng.uniform(size=z.size) < 0.5)
    wood = fractal(91, 5, x / 260, z / 260) + 0.0016 * (height(x, z) - 10) > 0.18 - 0.12 * step(
        100, 300, np.abs(x)
    )
    lake_view = (np.abs(x / z + 0.06) < 0.30) & (z < 260)
    keep = dry & ~lake_view & (hedge | (wood & (z > 150)))
    trees = []
    for a, b, thick in zip(x[keep], z[keep], wood[keep], strict=True):
        kind = (
            rng.choice(["Spruce", "Oak", "Ash"])
            if thick
            else rng.choice(["Bush", "Bush", "Oak", "Ash"])
        )
        trees.append((str(kind), float(a), float(b), rng.uniform(0.6, 1.1)))
    return [tree for tree in trees if not in_view_of_house(tree)][:3200]


def meadow(rng: np.random.Generator) -> list[str]:
    """Return tufts and flowers near the viewer, denser where they are closer."""
    z = 3.6 + 54 * rng.uniform(0, 1, 15000) ** 1.55
    x = rng.uniform(-0.62, 0.62, z.size) * (z + 2)
    y, patch = height(x, z), fractal(301, 3, x / 6, z / 6)
    lines = []
    for a, b, c, p, d in zip(x, y, z, patch, shore(x, z), strict=True):
        if d < 1.5:
            continue
        name = f"Tuft_{rng.integers(1, 4)}"
        flower = rng.uniform()
        if flower < 0.07 + 0.20 * (np.abs(p) > 0.25):
            name = ("Cornflower", "Daisy", "Poppy")[
                int(np.clip(1.5 + 2.2 * p + rng.uniform(-0.7, 0.7), 0, 2))
            ]
        lines.append(put(name, a, c, rng.uniform(0.7, 1.25), rng.uniform(0, 360), b))
    return lines


def plants(rng: np.random.Generator) -> str:
    """Return the include file: meshes first, then everything in its place."""
    parts = [crown(name, rng) for name in TREES] + [spruce(rng)]
    parts += [blades(f"Grass_{k}", 70, 0.16, 0.42, rng) for k in (1, 2, 3)]
    parts.append('#include "valley_parts.inc"\nunion {')
    trees = groups(rng) + woods(rng)
    feet = height(np.array([t[1] for t in trees]), np.array([t[2] for t in trees]))
    for (kind, x, z, size), y in zip(trees, feet, strict=True):
        name = kind if "_" in kind else f"{kind}_{rng.integers(1, 4)}"
        parts.append(put(name, x, z, size, rng.uniform(0, 360), y - 0.1))
    return "\n".join([*parts, "}\nunion {", *meadow(rng), "}\n"])
