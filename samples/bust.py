"""Render the portrait sample: a painted terracotta bust before a curtain, from our own models.

``bust_head.py``, ``bust_hair.py`` and ``bust_cloth.py`` model the parts in the voxel clay of
``bust_clay.py``, ``bust_paint.py`` colors them, and ``bust.pov`` holds camera, light and finishes.

Usage: python samples/bust.py OUT.jpg [HEIGHT]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

import bust_cloth
import bust_hair
import bust_head
import bust_paint
import povray
from bust_clay import Array

SEED = 11
CELL = 0.075  # grid step in centimeters
TURN, HEAD_TURN, HEAD_TILT = 24.0, -20.0, 4.0  # degrees
PIVOT = np.array([0, -15.0, -2.2])
COLORS = 200


def pose(points: Array, normals: Array) -> tuple[Array, Array]:
    """Turn the torso one way, the head the other, and lean the head; the neck twists between."""
    share = bust_paint.ramp(-19.0, -9.5, points[:, 1])
    lean = np.radians(HEAD_TILT) * share
    turn = np.radians(TURN + (HEAD_TURN - TURN) * share)
    points = points - PIVOT
    for rows in (points, normals):
        x, y = rows[:, 0].copy(), rows[:, 1].copy()
        rows[:, 0], rows[:, 1] = (
            x * np.cos(lean) + y * np.sin(lean),
            y * np.cos(lean) - x * np.sin(lean),
        )
        x, z = rows[:, 0].copy(), rows[:, 2].copy()
        rows[:, 0], rows[:, 2] = (
            x * np.cos(turn) + z * np.sin(turn),
            z * np.cos(turn) - x * np.sin(turn),
        )
    return points + PIVOT, normals


def flip(rows: Array) -> Array:
    """Go from z toward the viewer to POV-Ray's z away from the viewer."""
    return rows * (1, 1, -1)


def palette(colors: Array) -> tuple[Array, Array]:
    """Reduce vertex colors to a palette; return it and each vertex's index."""
    row = Image.fromarray((np.clip(colors, 0, 1) * 255 + 0.5).astype(np.uint8)[None])
    small = row.quantize(COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    index = np.asarray(small)[0].astype(int)
    table = np.array(small.getpalette()[: 3 * (index.max() + 1)]).reshape(-1, 3)
    return table / 255, index


def painted(name: str, clay, paint) -> str:
    """Mesh a block of clay, paint and pose it; the scene gives the macro ``name``_Texture."""
    points, normals, faces = clay.mesh()
    table, index = palette(paint(clay, points, normals))
    points, normals = pose(points, normals)
    textures = "\n".join(
        f"texture {{ {name}_Texture(<{r:.3f},{g:.3f},{b:.3f}>) }}" for r, g, b in table
    )
    rows = np.hstack([faces, index[faces]])
    corners = ",\n".join("<{},{},{}>,{},{},{}".format(*row) for row in rows.tolist())
    return (
        f"#declare {name} = mesh2 {{\nvertex_vectors {{ {povray.vectors(flip(points))} }}\n"
        f"normal_vectors {{ {povray.vectors(flip(normals), 3)} }}\n"
        f"texture_list {{ {len(table)},\n{textures} }}\n"
        f"face_indices {{ {len(rows)},\n{corners} }}\n}}\n"
    )


def eyes() -> str:
    """Place the two eyeballs; the scene gives the macro ``Eyeball``."""
    lines = []
    for center in bust_paint.EYE_CENTERS:
        at = flip(pose(center[None].copy(), np.zeros((1, 3)))[0])[0]
        lines.append("Eyeball(<{:.4f},{:.4f},{:.4f}>)".format(*at))
    return "\n".join(lines) + "\n"


def model(cell: float) -> dict[str, str]:
    """Return the include files of the scene by name."""
    skin = bust_head.head(cell)
    gold = bust_paint.plain(bust_paint.GOLD, (0.25, 0.12, 0.05), 0.3)
    blue = bust_paint.plain((0.11, 0.22, 0.42), (0.04, 0.06, 0.13), 0.3)
    body = bust_head.Clay((-24, -36, -15), (24, -13, 15), 0.2)
    bust_head.torso(body)
    parts = {
        "Skin": (skin, bust_paint.skin),
        "Hair": (bust_hair.hair(skin, cell * 1.15, SEED), bust_paint.hair),
        "Cord": (bust_hair.cord(skin, cell * 1.2), blue),
        "Mantle": (bust_cloth.mantle(cell * 1.8, SEED), bust_paint.mantle),
        "Clasp": (bust_cloth.clasp(body, cell), gold),
    }
    files = {f"bust_{name.lower()}.inc": painted(name, *part) for name, part in parts.items()}
    points, rows, columns = bust_cloth.curtain(SEED)
    files["bust_curtain.inc"] = povray.mesh("Curtain", points, povray.grid_faces(rows, columns))
    files["bust_eyes.inc"] = eyes()
    return files


def render(folder: Path, height: int) -> Image.Image:
    """Write the models into ``folder``, render the scene there and return the picture."""
    for name, text in model(max(CELL, CELL * 500 / height)).items():
        (folder / name).write_text(text)
    return povray.trace("bust.pov", folder, height * 4 // 5, height)


if __name__ == "__main__":
    sys.exit(povray.main(sys.argv[1:], __doc__, SEED, render))
