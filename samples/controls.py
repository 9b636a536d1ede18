"""Show and measure the controls of color, mix and strokes, for docs/color.md and docs/strokes.md.

python samples/controls.py color docs/images/color      # 6 minutes on one core
python samples/controls.py mix docs/images              # 2 minutes
python samples/controls.py strokes docs/images          # 2 minutes
python samples/controls.py sizes                        # 6 minutes; numbers alone
"""

import argparse
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

import impasto
from gallery import picture, stacked
from impasto.images.codec import decode
from impasto.images.color import grays, to_oklab
from impasto.images.coloring import match_lightness
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size
from impasto.metrics.content import ssim_luma
from impasto.metrics.patches import quantile_distance, random_directions, sliced_wasserstein
from impasto.numerics.filters import blurred
from triptych import side_by_side

PAIRS = (("harbor", "strokes"), ("bust", "woodcut"), ("valley", "mosaic"))
WORK = Path("build/controls")
WAYS = ("luminance", "covariance", "histogram")
SEEN = 256
"""Long side at which results of all sizes are looked at."""


def painted(name: str, content: str, styles: list[str], size: int = 512, **settings: Any) -> Path:
    """Stylize samples unless that was done before; return the file."""
    path = WORK / f"{name}-{content}-{'-'.join(styles)}-{size}.png"
    if not path.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        changed = {key.replace("__", "."): value for key, value in settings.items()}
        pictures = [picture(style) for style in styles]
        impasto.stylize(picture(content), pictures, size=size, settings=changed).save(path)
    return path


def save(row: Image.Image, path: Path) -> None:
    """Save as JPEG of less than 80 KB."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(90, 50, -5):
        row.save(path, quality=quality, optimize=True)
        if path.stat().st_size < 80_000:
            return


# --- color -----------------------------------------------------------------------------------


def of_color(content: str, style: str) -> dict[str, Path]:
    """Every mode and way of color, for a pair."""
    found = {"style": painted("style", content, [style])}
    for way in WAYS:
        settings = {"color__mode": "content", "color__content": way}
        found[f"content:{way}"] = painted(f"content-{way}", content, [style], **settings)
    for way in WAYS[1:]:
        settings = {"color__mode": "palette", "color__palette": way}
        found[f"palette:{way}"] = painted(f"palette-{way}", content, [style], **settings)
    return found


def in_place(image: Picture, other: Picture) -> float:
    """Mean distance in Oklab's a and b, place by place, of pictures shrunk to 64 px."""
    size = scaled_size(image.height, image.width, 64)
    one, two = (to_oklab(resize(p.batch, *size))[:, 1:] for p in (image, other))
    return float((one - two).square().sum(1).sqrt().mean())


def palettes_apart(image: Picture, other: Picture) -> float:
    """Sliced Wasserstein distance of all colors in Oklab, wherever they are."""
    axes = random_directions(3, 64, 0)
    one, two = (to_oklab(p.batch)[0].flatten(1).T @ axes for p in (image, other))
    return float(quantile_distance(one, two).mean())


def strokes_apart(image: Picture, style: Picture) -> float:
    """Sliced Wasserstein distance of patches, of lightness alone."""
    gray = grays(to_oklab(image.batch)[:, :1])
    return sliced_wasserstein(gray, match_lightness(style, image).batch).total


def color(out: Path) -> None:
    print(
        "| pair | color | to content, in place | to content, palette | to style, palette | ", end=""
    )
    print("to style, strokes | SSIM |\n|---|---|---|---|---|---|---|")
    for content, style in PAIRS:
        shown, look = decode(picture(content)), decode(picture(style))
        for name, path in of_color(content, style).items():
            image = decode(path)
            ssim = ssim_luma(image.batch, shown.batch)
            numbers = (in_place(image, shown), palettes_apart(image, shown))
            numbers += (palettes_apart(image, look), strokes_apart(image, look), ssim)
            told = " | ".join(f"{number:.3f}" for number in numbers)
            print(f"| {content}, {style} | {name} | {told} |", flush=True)
    first, *_ = PAIRS
    results = of_color(*first)
    ends = [picture(name) for name in first]
    for mode, way in (("style", ""), ("content", ":luminance"), ("palette", ":covariance")):
        save(side_by_side([*ends, results[mode + way]], 240), out / f"{mode}.jpg")
    rows = [of_color(*pair) for pair in PAIRS[:2]]
    kept = [side_by_side([row[f"content:{way}"] for way in WAYS], 230) for row in rows]
    save(stacked(kept), out / "content-ways.jpg")
    taken = [
        side_by_side([*map(picture, pair), *(row[f"palette:{way}"] for way in WAYS[1:])], 200)
        for pair, row in zip(PAIRS[1:], [of_color(*pair) for pair in PAIRS[1:]], strict=True)
    ]
    save(stacked(taken), out / "palette-ways.jpg")


# --- mix and strokes -------------------------------------------------------------------------


def mix(out: Path) -> None:
    """Two styles: each alone, half and half, and by layer both ways round."""
    styles = ["strokes", "mosaic"]
    fine, coarse = [1.0, 0.0], [0.0, 1.0]
    files = [
        painted("style", "harbor", styles[:1]),
        painted("style", "harbor", styles[1:]),
        painted("half", "harbor", styles),
        painted("fine-first", "harbor", styles, style__layer_mix={"fine": fine, "coarse": coarse}),
        painted("fine-other", "harbor", styles, style__layer_mix={"fine": coarse, "coarse": fine}),
    ]
    top = side_by_side([*map(picture, styles), *files[:1]], 210)
    save(
        stacked([top, side_by_side(files[1:4], 210), side_by_side(files[4:], 210)][:2]),
        out / "mix.jpg",
    )


def strokes(out: Path) -> None:
    """Three scales of one style, and two styles of a scale each."""
    rows = []
    print("| pair | style.scale | stroke, % of the long side |\n|---|---|---|")
    for content, style in PAIRS[:2]:
        files = [painted(f"scale{s}", content, [style], style__scale=s) for s in (0.5, 1.0, 2.0)]
        for scale, path in zip((0.5, 1.0, 2.0), files, strict=True):
            told = stroke(decode(path), decode(picture(content)))
            print(f"| {content}, {style} | {scale:g} | {100 * told:.2f} |", flush=True)
        rows.append(side_by_side(files, 230))
    save(stacked(rows), out / "strokes.jpg")


def sizes(_: Path) -> None:
    """The same strokes, whatever the size of the result?"""
    print("| pair | size | stroke, % of the long side | energy by octave, coarse to fine |")
    print("|---|---|---|---|")
    for content, style in PAIRS[:2]:
        shown = decode(picture(content))
        for size in (256, 512, 1024):
            image = decode(painted("style", content, [style], size))
            told = " ".join(f"{share:.3f}" for share in octaves(image))
            wide = 100 * stroke(image, shown)
            print(f"| {content}, {style} | {size} | {wide:.2f} | {told} |", flush=True)


def seen(image: Picture) -> Tensor:
    """Oklab lightness at the long side at which all are looked at."""
    size = scaled_size(image.height, image.width, SEEN)
    return to_oklab(resize(image.batch, *size))[:, :1]


def stroke(image: Picture, content: Picture) -> float:
    """Half width at half height of the autocorrelation of what painting added, over the long side.

    What was added is the lightness less the content's, without what is broader than 1/32 of the
    long side: light and shade.
    """
    added = seen(image) - resize(seen(content), *seen(image).shape[-2:])
    added = added - blurred(added, SEEN / 32)
    spectrum = torch.fft.rfft2(added[0, 0].double()).abs().square()
    wide = torch.fft.irfft2(spectrum, s=added.shape[-2:])
    lines = [wide[0, :40] / wide[0, 0], wide[:40, 0] / wide[0, 0]]
    return sum(map(_half, lines)) / len(lines) / SEEN


def _half(line: Tensor) -> float:
    """Where a falling line first crosses one half."""
    for at, (here, after) in enumerate(pairwise(line.tolist())):
        if after < 0.5:
            return at + (here - 0.5) / (here - after)
    return float(len(line))


def octaves(image: Picture) -> list[float]:
    """Deviation of lightness in each octave, from blurs of 16 down to 1 px at 256 px."""
    blurs = [blurred(seen(image), sigma) for sigma in (16, 8, 4, 2, 1)] + [seen(image)]
    return [float((finer - coarser).std()) for coarser, finer in pairwise(blurs)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = {"color": color, "mix": mix, "strokes": strokes, "sizes": sizes}
    parser.add_argument("what", choices=what)
    parser.add_argument("out", type=Path, nargs="?", default=WORK)
    options = parser.parse_args()
    what[options.what](options.out)


if __name__ == "__main__":
    main()
