"""Stylize the samples: contact sheets for docs/gallery.md, small pictures for the tests.

python samples/gallery.py sheets docs/images        # about 10 minutes on two cores
python samples/gallery.py references tests/gallery  # after a change of taste, looked at by a person
"""

import argparse
from pathlib import Path

from PIL import Image

import impasto
from impasto.images.codec import decode, encode
from impasto.images.contact_sheet import Grid, contact_sheet
from impasto.recipe_files import named
from triptych import side_by_side

PICTURES = Path(impasto.__file__).parent / "samples"
CONTENTS = ("bust", "harbor", "valley", "still_life")
STYLES = ("strokes", "woodcut", "mosaic", "points", "watercolor", "ink")
RECIPES = ("draft", "default", "fine", "gatys")
LOOKS = ("oil", "watercolor", "sketch", "mosaic", "photo", "portrait")
"""Recipes that bring a style of their own; portrait needs OpenCV."""
SIZE, HEIGHT = 512, 300
REFERENCES = (("bust", "ink"), ("harbor", "strokes"), ("valley", "woodcut"))
SMALL = {
    "schedule.size": 144,
    "schedule.first": 96,
    "schedule.steps": 60,
    "network.precision": "fp32",
}
"""Settings of the regression gallery: seconds a picture, the same arithmetic on every machine."""


def picture(name: str) -> Path:
    """A sample by name."""
    return PICTURES / f"{name}.jpg"


def painted(content: str, style: str, recipe: str, folder: Path) -> Path:
    """Stylize a pair at full size, unless that was done before; return the file."""
    path = folder / f"{content}-{style}-{recipe}.png"
    if not path.exists():
        size = min(SIZE, named(recipe).schedule.size)
        impasto.stylize(picture(content), picture(style), recipe=recipe, size=size).save(path)
    return path


def looks(out: Path, work: Path) -> None:
    """Two contents by every recipe that brings a style of its own, labeled."""
    rows = []
    for content in ("bust", "harbor"):
        row = []
        for look in LOOKS:
            style = named(look).style.sample
            row.append(decode(painted(content, style, look, work)))
        rows.append(row)
    sheet = contact_sheet(Grid(rows, LOOKS, ["", ""]), side=256)
    encode(sheet, out / "gallery-looks.jpg", quality=85)


def stacked(rows: list[Image.Image]) -> Image.Image:
    """Put rows under one another, brought to one width."""
    width = min(row.width for row in rows)
    rows = [row.resize((width, round(row.height * width / row.width))) for row in rows]
    sheet = Image.new("RGB", (width, sum(row.height + 8 for row in rows) - 8), "white")
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height + 8
    return sheet


def sheets(out: Path, work: Path) -> None:
    """Every content in every style, and one pair by every recipe."""
    work.mkdir(parents=True, exist_ok=True)
    side_by_side([picture(style) for style in STYLES], 200).save(out / "styles.jpg", quality=88)
    for content in CONTENTS:
        done = [painted(content, style, "default", work) for style in STYLES]
        first = side_by_side([picture(content), *done[:3]], HEIGHT)
        second = side_by_side([picture(content), *done[3:]], HEIGHT)
        stacked([first, second]).save(out / f"gallery-{content}.jpg", quality=88)
    done = [painted("harbor", "strokes", recipe, work) for recipe in RECIPES]
    side_by_side(done, HEIGHT).save(out / "gallery-recipes.jpg", quality=88)
    looks(out, work)


def references(out: Path) -> None:
    """The pictures that tests/test_gallery.py compares with."""
    out.mkdir(parents=True, exist_ok=True)
    for content, style in REFERENCES:
        result = impasto.stylize(picture(content), picture(style), settings=SMALL)
        result.save(out / f"{content}-{style}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("sheets", "references"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--work", type=Path, default=Path("build/gallery"), help="full pictures")
    options = parser.parse_args()
    if options.what == "sheets":
        sheets(options.out, options.work)
    else:
        references(options.out)


if __name__ == "__main__":
    main()
