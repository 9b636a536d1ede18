"""Border against inside: the same place painted as the rim of a picture and in the middle of one.

    python benchmarks/border.py --look FOLDER [--size 512] [--cut 64] [--contents 6] [--styles 8]

A photograph has a border of its own (a frame, a sky), so a finished picture's figure says little
about marks that painting leaves there. Here a content is painted whole, and the content less
`--cut` pixels on each side is painted by itself, at the same scale, in stages and strokes of the
same sizes. What is the rim of the second lies inside the first: the ratio of their border figures
(`impasto.metrics.border`) is what painting at a border does, and 1 is nothing. Prints it for each
pair, and how many lie within 10%.
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


def ratio(options: argparse.Namespace, content: str, style: str) -> tuple[float, float, float]:
    """Border of the pair painted cut, of the same window painted whole, and of the photograph."""
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
    inside = _cut(painted.image[None], options.cut)
    return border(by_itself.image[None]), border(inside), border(part)


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
    ratios = []
    for content in CONTENTS[: options.contents]:
        for style in STYLES[: options.styles]:
            rim, inside, own = ratio(options, content, style)
            ratios.append(rim / inside)
            print(
                f"{content} {style}: rim {rim:.3f}, inside {inside:.3f}, ratio {ratios[-1]:.3f}; "
                f"photograph {own:.3f}",
                flush=True,
            )
    near = sum(abs(value - 1) <= 0.1 for value in ratios)
    print(
        f"ratio: {min(ratios):.3f} {median(ratios):.3f} {max(ratios):.3f} (least, median, most); "
        f"{near} of {len(ratios)} within 10%"
    )


if __name__ == "__main__":
    main()
