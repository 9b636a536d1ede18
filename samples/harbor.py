"""Render the content sample: a harbor town in low sun, from our own POV-Ray scene.

``harbor.pov`` holds camera, light, sky and water, ``harbor_parts.inc`` the building macros. This
script decides, from one seed, what stands where; it writes that as ``layout.inc``, calls POV-Ray
and develops the render a little like a photograph.

Usage: python samples/harbor.py OUT.jpg [WIDTH]
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from harbor_layout import layout

HERE = Path(__file__).resolve().parent
SEED = 7
WIDTH = 768


def render(folder: Path, width: int) -> Image.Image:
    """Write the layout into ``folder``, render the scene there and return the picture.

    One thread and no jitter: POV-Ray then gives the same pixels every time.
    """
    (folder / "layout.inc").write_text(layout(random.Random(SEED)))
    target = folder / "harbor.png"
    command = [
        "povray", f"+I{HERE / 'harbor.pov'}", f"+L{HERE}", f"+L{folder}", f"+O{target}",
        f"+W{width}", f"+H{width * 3 // 4}", "+FN16", "-D", "+A0.08", "+AM2", "+R3",
        "-J", "+WT1", "-GS", "-GR", "-GD",
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=folder)
    return Image.open(target).convert("RGB")


def develop(picture: Image.Image) -> Image.Image:
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
    grain = np.random.default_rng(SEED).normal(0, 0.006, pixels.shape[:2])
    pixels = pixels + grain[..., None]
    return Image.fromarray((pixels.clip(0, 1) * 255 + 0.5).astype(np.uint8))


def main(arguments: list[str]) -> int:
    """Render to the path given on the command line."""
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    width = int(arguments[1]) if len(arguments) == 2 else WIDTH
    with tempfile.TemporaryDirectory() as folder:
        picture = develop(render(Path(folder), width))
    picture.save(Path(arguments[0]), quality=88, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
