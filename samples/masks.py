"""Paint masks for some samples, and make the pictures of docs/masks.md with them.

python samples/masks.py docs/images/masks     # about 4 minutes on a quiet core
"""

import argparse
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFilter

import impasto
from triptych import side_by_side

PICTURES = Path(impasto.__file__).parent / "samples"
SIZE, HEIGHT = 512, 300
LARGEST = 78_000  # bytes of a figure
Polygon = list[tuple[float, float]]

# Corners as shares of width and height.
FACE: Polygon = [
    (0.325, 0.235), (0.42, 0.195), (0.52, 0.215), (0.60, 0.30), (0.66, 0.40), (0.665, 0.47),
    (0.62, 0.56), (0.53, 0.62), (0.46, 0.635), (0.38, 0.59), (0.31, 0.50), (0.29, 0.42),
    (0.30, 0.31),
]  # fmt: skip
SKYLINE: Polygon = [
    (0, 0.36), (0.06, 0.35), (0.13, 0.36), (0.19, 0.37), (0.225, 0.30), (0.23, 0.18), (0.272, 0.03),
    (0.315, 0.18), (0.315, 0.31), (0.35, 0.33), (0.45, 0.35), (0.52, 0.36), (0.58, 0.345),
    (0.66, 0.355), (0.72, 0.31), (0.80, 0.33), (0.86, 0.34), (0.94, 0.25), (1, 0.27),
]  # fmt: skip
VALLEY_HILLS: Polygon = [
    (0, 0.27), (0.08, 0.21), (0.18, 0.25), (0.28, 0.32), (0.42, 0.29), (0.60, 0.22), (0.75, 0.17),
    (0.90, 0.15), (1, 0.20),
]  # fmt: skip
PAINTED_HILLS: Polygon = [(0, 0.50), (0.2, 0.47), (0.45, 0.53), (0.65, 0.48), (1, 0.50)]
SKY, GROUND = (70, 130, 230), (60, 170, 60)


def size_of(name: str) -> tuple[int, int]:
    with Image.open(PICTURES / f"{name}.jpg") as picture:
        return picture.size


def polygon(name: str, corners: Polygon, soft: float = 0.0) -> Image.Image:
    """White inside corners, on a picture's grid; softened by a share of its width."""
    width, height = size_of(name)
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).polygon([(x * width, y * height) for x, y in corners], fill=255)
    return mask.filter(ImageFilter.GaussianBlur(soft * width))


def above(name: str, line: Polygon) -> Image.Image:
    """White above a line that goes from the left to the right."""
    return polygon(name, [(0, 0), *line, (1, 0)])


def halves(name: str, line: Polygon) -> Image.Image:
    """A label map of what is above and below a line."""
    labels = Image.new("RGB", size_of(name), GROUND)
    labels.paste(SKY, mask=above(name, line))
    return labels


def paint_masks(folder: Path) -> dict[str, Path]:
    """Paint every mask into a folder; return the files by name."""
    sky = above("harbor", SKYLINE)
    masks = {
        "face": polygon("bust", FACE).filter(ImageFilter.ModeFilter(25)),
        "sky": sky,
        "town": sky.point(lambda value: 255 - value),
        "valley-labels": halves("valley", VALLEY_HILLS),
        "strokes-labels": halves("strokes", PAINTED_HILLS),
    }
    for name, mask in masks.items():
        mask.save(folder / f"{name}.png")
    return {name: folder / f"{name}.png" for name in masks}


def cases(masks: dict[str, Path]) -> dict[str, tuple[str, list[str], dict[str, object], list[str]]]:
    """For each figure: content, styles, what guides them, and masks to show."""
    return {
        "protect": ("bust", ["strokes"], {"protect": masks["face"]}, ["face"]),
        "subject": ("bust", ["woodcut"], {"protect": "subject"}, []),
        "styles": (
            "harbor",
            ["strokes", "woodcut"],
            {"style_masks": [masks["sky"], masks["town"]]},
            ["sky"],
        ),
        "labels": (
            "valley",
            ["strokes"],
            {"regions": [masks["valley-labels"], masks["strokes-labels"]]},
            ["valley-labels", "strokes-labels"],
        ),
        "auto": ("harbor", ["woodcut"], {"regions": "auto"}, []),
    }


def painted(path: Path, content: str, styles: list[str], guides: dict[str, object]) -> Path:
    """Stylize, unless that was done before; return the file."""
    if not path.exists():
        files = [PICTURES / f"{style}.jpg" for style in styles]
        impasto.stylize(PICTURES / f"{content}.jpg", files, size=SIZE, **guides).save(path)
    return path


def figure(name: str, work: Path, masks: dict[str, Path]) -> Image.Image:
    """Guides, the result without them, and the result with them, in a row."""
    content, styles, guides, shown = cases(masks)[name]
    plain = painted(work / f"{content}-{'-'.join(styles)}.png", content, styles, {})
    sheet = work / f"{name}-guides.png"
    guided = painted(work / f"{name}.png", content, styles, guides | {"save_guides": sheet})
    before = [masks[mask] for mask in shown] or [sheet]
    return side_by_side([*before, plain, guided], HEIGHT)


def save(picture: Image.Image, path: Path) -> None:
    """Save as JPEG, at the best quality that keeps the file small."""
    for quality in range(85, 20, -5):
        picture.save(path, quality=quality)
        if path.stat().st_size <= LARGEST:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", help="figures; all if left out")
    parser.add_argument("--work", type=Path, default=Path("build/masks"), help="full pictures")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for folder in (options.out, options.work):
        folder.mkdir(parents=True, exist_ok=True)
    masks = paint_masks(options.work)
    for name in options.names or cases(masks):
        save(figure(name, options.work, masks), options.out / f"{name}.jpg")


if __name__ == "__main__":
    main()
