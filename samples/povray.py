"""What the rendered sample pictures share: calling POV-Ray, and developing its render.

The scenes (``harbor.py``, ``still_life.py``, ``valley.py``, ``bust.py``) write their include files
into a folder and hand it to ``trace``; ``develop`` then treats the render a little like a
photograph.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

HERE = Path(__file__).resolve().parent
WIDTH = 768


def trace(scene: str, folder: Path, width: int, height: int, *options: str) -> Image.Image:
    """Render ``scene``, a file beside this one that may include files from ``folder``.

    One thread and no jitter: POV-Ray then gives the same pixels every time. ``options`` come last
    on its command line, so they may set antialiasing otherwise.
    """
    target = folder / "render.png"
    command = [
        "povray", f"+I{HERE / scene}", f"+L{HERE}", f"+L{folder}", f"+O{target}",
        f"+W{width}", f"+H{height}", "+FN16", "-D", "+A0.08", "+AM2", "+R3",
        "-J", "+WT1", "-GS", "-GR", "-GD", *options,
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=folder)
    return Image.open(target).convert("RGB")


def develop(picture: Image.Image, seed: int) -> Image.Image:
    """Add what a camera adds: soft bloom, a film curve, slight vignette and fine grain."""
    glow = picture.filter(ImageFilter.GaussianBlur(picture.width / 90))
    pixels = np.asarray(picture, np.float32) / 255
    bloom = np.clip(np.asarray(glow, np.float32) / 255 - 0.62, 0, 1) * 0.22
    pixels = 1 - (1 - pixels) * (1 - bloom)
    pixels = pixels + 0.30 * (pixels - 0.5) * (1 - np.abs(2 * pixels - 1))
    gray = pixels.mean(axis=2, keepdims=True)
    pixels = gray + 0.93 * (pixels - gray)
    rows, columns = np.mgrid[-1 : 1 : pixels.shape[0] * 1j, -1 : 1 : pixels.shape[1] * 1j]
    pixels *= (1 - 0.10 * (rows**2 + columns**2) ** 1.2 / 2)[..., None]
    grain = np.random.default_rng(seed).normal(0, 0.006, pixels.shape[:2])
    pixels = pixels + grain[..., None]
    return Image.fromarray((pixels.clip(0, 1) * 255 + 0.5).astype(np.uint8))


def main(
    arguments: list[str], usage: str, seed: int, render: Callable[[Path, int], Image.Image]
) -> int:
    """Save ``render(folder, width)``, developed, at the path ``arguments`` name: OUT [WIDTH]."""
    if len(arguments) not in (1, 2):
        print(usage, file=sys.stderr)
        return 2
    width = int(arguments[1]) if len(arguments) == 2 else WIDTH
    with tempfile.TemporaryDirectory() as folder:
        picture = develop(render(Path(folder), width), seed)
    picture.save(Path(arguments[0]), quality=88, optimize=True)
    return 0


def grid_faces(rows: int, columns: int, wrap: bool = False) -> np.ndarray:
    """Return the triangles of a grid of points, by rows; ``wrap`` joins last column to first."""
    right = columns if wrap else columns - 1
    row, column = (axis.ravel() for axis in np.mgrid[: rows - 1, :right])
    here, beside = row * columns + column, row * columns + (column + 1) % columns
    lower = np.stack([here, beside, here + columns], axis=1)
    upper = np.stack([beside, beside + columns, here + columns], axis=1)
    return np.concatenate([lower, upper])


def vertex_normals(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return one normal per point, the mean of the faces around it weighted by their area."""
    a, b, c = (points[faces[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    normals = np.zeros_like(points)
    for k in range(3):
        np.add.at(normals, faces[:, k], face)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)


def vectors(rows: np.ndarray, digits: int = 4) -> str:
    """Write a count and that many vectors as POV-Ray's mesh lists want them."""
    form = (
        "<" + ",".join(["%d" if rows.dtype.kind == "i" else f"%.{digits}f"] * rows.shape[1]) + ">"
    )
    return f"{len(rows)},\n" + "\n".join(form % tuple(row) for row in rows.tolist())


def mesh(
    name: str,
    points: np.ndarray,
    faces: np.ndarray,
    uv: np.ndarray | None = None,
    smooth: bool = True,
) -> str:
    """Return the declaration of a mesh for an include file."""
    parts = [f"vertex_vectors {{ {vectors(points)} }}"]
    if smooth:
        parts.append(f"normal_vectors {{ {vectors(vertex_normals(points, faces))} }}")
    if uv is not None:
        parts.append(f"uv_vectors {{ {vectors(uv)} }}")
    parts.append(f"face_indices {{ {vectors(faces)} }}")
    return f"#declare {name} = mesh2 {{\n" + "\n".join(parts) + "\n}\n"
