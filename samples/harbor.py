"""Render the content sample: a harbor town in low sun, from our own POV-Ray scene.

``harbor.pov`` holds camera, light, sky and water, ``harbor_parts.inc`` the building macros. This
script decides, from one seed, what stands where; it writes that as ``layout.inc``, calls POV-Ray
and develops the render a little like a photograph.

Usage: python samples/harbor.py OUT.jpg [WIDTH]
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from PIL import Image

import povray
from harbor_layout import layout

SEED = 7


def render(folder: Path, width: int) -> Image.Image:
    """Write the layout into ``folder``, render the scene there and return the picture."""
    (folder / "layout.inc").write_text(layout(random.Random(SEED)))
    return povray.trace("harbor.pov", folder, width, width * 3 // 4)


if __name__ == "__main__":
    sys.exit(povray.main(sys.argv[1:], __doc__, SEED, render))
