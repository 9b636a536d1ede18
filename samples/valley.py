"""Render the content sample: a river valley in evening light, from our own POV-Ray scene.

``valley.pov`` holds camera, light, water, farm and bridge, ``valley_parts.inc`` the textures of
plants. This script makes the land (``valley_land.py``), the clouds (``valley_sky.py``) and the
trees and grass (``valley_plants.py``), calls POV-Ray and develops the render.

Usage: python samples/valley.py OUT.jpg [WIDTH]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

import povray
from valley_land import ground_picture, terrain
from valley_plants import plants
from valley_sky import sky

SEED = 11


def render(folder: Path, width: int) -> Image.Image:
    """Write land, sky and plants into ``folder``, render the scene and return the picture."""
    Image.fromarray(ground_picture()).save(folder / "ground.png")
    Image.fromarray(sky()).save(folder / "sky.png")
    (folder / "land.inc").write_text(terrain())
    (folder / "plants.inc").write_text(plants(np.random.default_rng(SEED)))
    return povray.trace("valley.pov", folder, width, width * 3 // 4)


if __name__ == "__main__":
    sys.exit(povray.main(sys.argv[1:], __doc__, SEED, render))
