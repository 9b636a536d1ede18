"""A recipe over a contact sheet: every content in every style, judged by numbers and by eye.

    python benchmarks/sheet.py --look FOLDER --out build/sheet [--recipe default] [--size 512]

FOLDER has pictures in `content` and `style`; six and eight of them make the sheet. Writes each
picture, one sheet to look at, and a table; prints the smallest and the median figures, to be held
against the floors in RESULTS.md. With `--judge FILE` (a compressed VGG-19) the distances are
measured in a network that made none of the pictures.
"""

import argparse
import json
import time
from pathlib import Path
from statistics import median

import torch
from PIL import Image

import impasto
from impasto.features import networks
from impasto.images.codec import decode
from impasto.metrics.judge import Judgement, judge
from impasto.recipe_files import assignment

CONTENTS = (
    "portrait_curls",
    "barn",
    "beach_house",
    "street_procession",
    "lighthouse",
    "knitted_bear",
)
STYLES = (
    "cafe_terrace_at_night",
    "sunflowers",
    "naruto_whirlpools",
    "adele_bloch_bauer",
    "mont_sainte_victoire",
    "jakuchu_rooster",
    "impression_sunrise",
    "bathers_at_asnieres",
)
THUMBNAIL = 260


def painted(options: argparse.Namespace, content: str, style: str) -> tuple[Path, float]:
    """Stylize a pair, unless its file is there; return the file and the seconds it took."""
    file = options.out / f"{content}-{style}.png"
    began = time.perf_counter()
    if not file.exists():
        pair = (
            options.look / "content" / f"{content}.jpg",
            options.look / "style" / f"{style}.jpg",
        )
        settings = dict(map(assignment, options.set))
        result = impasto.stylize(*pair, recipe=options.recipe, size=options.size, settings=settings)
        result.save(file)
    return file, time.perf_counter() - began


def judged(options: argparse.Namespace) -> list[Judgement]:
    """Every pair of the sheet, with a line printed for each."""
    network = "vgg19-compressed" if options.judge else "pocket-v1"
    extractor = networks.load(network, options.judge).extractor()
    found = []
    for content in CONTENTS[: options.contents]:
        for style in STYLES[: options.styles]:
            file, seconds = painted(options, content, style)
            originals = (
                decode(options.look / kind / f"{name}.jpg")
                for kind, name in (("content", content), ("style", style))
            )
            found.append(judge(file.stem, decode(file), *originals, extractor, network=network))
            row = found[-1].to_dict() | {"seconds": round(seconds, 1)}
            print(json.dumps(row), flush=True)
    return found


def sheet(options: argparse.Namespace) -> None:
    """Put all pictures on one, contents as rows and styles as columns."""
    side, styles = THUMBNAIL, STYLES[: options.styles]
    whole = Image.new("RGB", (side * len(styles), side * options.contents), "white")
    for row, content in enumerate(CONTENTS[: options.contents]):
        for column, style in enumerate(styles):
            with Image.open(options.out / f"{content}-{style}.png") as picture:
                small = picture.convert("RGB")
                small.thumbnail((side - 4, side - 4), Image.Resampling.LANCZOS)
                whole.paste(small, (side * column, side * row))
    whole.save(options.out / "sheet.jpg", quality=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--look", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("build/sheet"))
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--recipe", default="default")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--contents", type=int, default=len(CONTENTS))
    parser.add_argument("--styles", type=int, default=len(STYLES))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    found = judged(options)
    sheet(options)
    for name in ("ssim", "grain", "border", "edges"):
        values = sorted(getattr(judgement, name) for judgement in found)
        print(
            f"{name}: {values[0]:.3f} {median(values):.3f} {values[-1]:.3f} (least, median, most)"
        )


if __name__ == "__main__":
    main()
