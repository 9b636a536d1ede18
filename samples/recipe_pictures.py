"""Make the small pictures by which the studio shows its recipes: the harbor, painted by each.

python samples/recipe_pictures.py src/impasto/studio/page/pictures      # 2 minutes on one core
"""

import argparse
from io import BytesIO
from pathlib import Path

from PIL import Image

import impasto
from impasto import recipe_files
from impasto.images.codec import png_bytes
from impasto.studio.page.choices import LOOKS

SAMPLES = Path(impasto.__file__).parent / "samples"
SIZE, SIDE = 384, 224
"""Long side at which they are painted, and at which they are kept, in pixels."""


def painted(name: str) -> Image.Image:
    """Paint the harbor by a recipe, in the style that it brings or in strokes."""
    style = recipe_files.named(name).style.sample or "strokes"
    result = impasto.stylize(
        SAMPLES / "harbor.jpg", SAMPLES / f"{style}.jpg", recipe=name, size=SIZE
    )
    picture = Image.open(BytesIO(png_bytes(result.picture)))
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return picture.convert("RGB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    for name in LOOKS:
        painted(name).save(out / f"{name}.webp", quality=82, method=6)


if __name__ == "__main__":
    main()
