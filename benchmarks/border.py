"""Border against inside: the same place painted as the rim of a picture and in the middle of one.

    python benchmarks/border.py --look FOLDER [--size 512] [--cut 64] [--contents 6] [--styles 8]

A photograph has a border of its own (a frame, a sky), so a finished picture's figure says little
about marks that painting leaves there. Here a content is painted whole, and the content less
`--cut` pixels on each side is painted by itself, at the same scale, in stages and strokes of the
same sizes. What is the rim of the second lies inside the first: the ratio of their border figures
(`impasto.metrics.border`) is what painting at a border does, and 1 is nothing. Two paintings are
never alike, so the same is done `--cut` pixels further inside, where neither has a border: the
spread there is chance. Prints both for each pair, and how many lie within 10%.
"""

import argparse
from pathlib import Path
from statistics import median

import torch

import impasto
from impasto.images.codec import decode
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size
from impasto.metrics.border import border
from impasto.recipe_files import named
from sheet import CONTENTS, STYLES


def ratios(options: argparse.Namespace, content: str, style: str) -> tuple[float, float]:
    """Figure of a pair painted cut over that of the same window painted whole: rim, and inside."""
    picture = decode(options.look / "content" / f"{content}.jpg").batch
    height, width = scaled_size(*picture.shape[-2:], options.size)
    whole = resize(picture, height, width)
    part = _cut(whole, options.cut)
    other = options.look / "style" / f"{style}.jpg"
    painted = impasto.stylize(Picture(whole[0]), other, recipe=options.recipe, size=options.size)
    share = max(part.shape[-2:]) / options.size
    first = named(options.recipe).schedule.first
    by_itself = impasto.stylize(
        Picture(part[0]),
        other,
        recipe=options.recipe,
        size=max(part.shape[-2:]),
        settings={"style.scale": 1 / share, "schedule.first": round(first * share)},
    )
    alone, inside = by_itself.image[None], _cut(painted.image[None], options.cut)
    deep = [_cut(image, options.cut) for image in (alone, inside)]
    return border(alone) / border(inside), border(deep[0]) / border(deep[1])


def _cut(image: torch.Tensor, cut: int) -> torch.Tensor:
    return image[..., cut:-cut, cut:-cut].contiguous()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--look", type=Path, required=True)
    parser.add_argument("--recipe", default="default")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--cut", type=int, default=64)
    parser.add_argument("--contents", type=int, default=len(CONTENTS))
    parser.add_argument("--styles", type=int, default=len(STYLES))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    found = []
    for content in CONTENTS[: options.contents]:
        for style in STYLES[: options.styles]:
            found.append(ratios(options, content, style))
            print(
                f"{content} {style}: rim {found[-1][0]:.3f}, chance {found[-1][1]:.3f}", flush=True
            )
    for name, values in zip(("rim", "chance"), zip(*found, strict=True), strict=True):
        near = sum(abs(value - 1) <= 0.1 for value in values)
        print(
            f"{name}: {min(values):.3f} {median(values):.3f} {max(values):.3f} (least, median, "
            f"most); {near} of {len(values)} within 10%"
        )


if __name__ == "__main__":
    main()
