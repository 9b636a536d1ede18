"""Put pictures side by side at one height, as on the front page.

python samples/triptych.py OUT.jpg LEFT MIDDLE RIGHT --height 384
"""

import argparse
from pathlib import Path

from PIL import Image

GAP = 8


def side_by_side(paths: list[Path], height: int) -> Image.Image:
    """Scale pictures to one height and put them in a row on white."""
    pictures = []
    for path in paths:
        with Image.open(path) as picture:
            width = round(picture.width * height / picture.height)
            pictures.append(
                picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
            )
    row = Image.new("RGB", (sum(p.width + GAP for p in pictures) - GAP, height), "white")
    left = 0
    for picture in pictures:
        row.paste(picture, (left, 0))
        left += picture.width + GAP
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--height", type=int, default=384)
    options = parser.parse_args()
    side_by_side(options.pictures, options.height).save(options.out, quality=90)


if __name__ == "__main__":
    main()
