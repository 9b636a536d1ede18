"""Show and measure the controls of color, mix and strokes, for docs/color.md and docs/strokes.md.

python samples/controls.py color docs/images/color      # 6 minutes on one core
python samples/controls.py mix docs/images              # 2 minutes
python samples/controls.py strokes docs/images          # 2 minutes
python samples/controls.py sizes                        # 20 minutes; numbers alone
"""

import argparse
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from PIL import Image

import impasto
from gallery import picture, stacked
from impasto.features import networks
from impasto.images.codec import decode
from impasto.images.color import grays, to_oklab
from impasto.images.coloring import match_lightness
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size
from impasto.losses.moments import MomentsLoss
from impasto.metrics.content import ssim_luma
from impasto.metrics.patches import quantile_distance, random_directions, sliced_wasserstein
from impasto.numerics.filters import blurred
from triptych import side_by_side

PAIRS = (("harbor", "strokes"), ("bust", "woodcut"), ("valley", "mosaic"))
WORK = Path("build/controls")
WAYS = ("luminance", "covariance", "histogram")
TAKEN = ("axes", "covariance", "histogram")
SEEN = 128
"""Long side at which strokes are looked at: no result's own last stage, which would flatter it."""
SCALES = [2 ** (half / 2) for half in range(-5, 6)]
LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1")


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
    for way in TAKEN:
        settings = {"color__mode": "palette", "color__palette": way}
        found[f"palette:{way}"] = painted(f"palette-{way}", content, [style], **settings)
    return found


def in_place(image: Picture, other: Picture) -> float:
    """Mean distance in Oklab's a and b, place by place, of pictures shrunk to 64 px."""
    size = scaled_size(image.height, image.width, 64)
    one, two = (to_oklab(resize(p.batch, *size))[:, 1:] for p in (image, other))
    return float((one - two).square().sum(1).sqrt().mean())


def palettes_apart(image: Picture, other: Picture) -> float:
    """Sliced Wasserstein distance of colors in Oklab, of every 7th pixel, wherever they are."""
    axes = random_directions(3, 64, 0)
    one, two = (to_oklab(p.batch)[0].flatten(1).T[::7] @ axes for p in (image, other))
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
    for mode, way in (("style", ""), ("content", ":luminance"), ("palette", ":axes")):
        save(side_by_side([*ends, results[mode + way]], 240), out / f"{mode}.jpg")
    rows = [of_color(*pair) for pair in PAIRS[:2]]
    kept = [side_by_side([row[f"content:{way}"] for way in WAYS], 230) for row in rows]
    save(stacked(kept), out / "content-ways.jpg")
    taken = [
        side_by_side([*map(picture, pair), *(row[f"palette:{way}"] for way in TAKEN)], 180)
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
    rows = [[*map(picture, styles), files[2]], [files[0], files[3], files[4]]]
    save(stacked([side_by_side(row, 200) for row in rows]), out / "mix.jpg")
    scaled = [
        painted("scales-0.5-2", "bust", ["woodcut", "strokes"], style__scales=[0.5, 2.0]),
        painted("scales-2-0.5", "bust", ["woodcut", "strokes"], style__scales=[2.0, 0.5]),
    ]
    save(side_by_side([picture("woodcut"), picture("strokes"), *scaled], 260), out / "scales.jpg")


def strokes(out: Path) -> None:
    """Three scales of one style, and two styles of a scale each."""
    rows = []
    print("| pair | style.scale | apparent scale | by layer |\n|---|---|---|---|")
    for content, style in PAIRS[:2]:
        files = [painted(f"scale{s}", content, [style], style__scale=s) for s in (0.5, 1.0, 2.0)]
        for scale, path in zip((0.5, 1.0, 2.0), files, strict=True):
            print(f"| {content}, {style} | {scale:g} | {scales(path, style)} |", flush=True)
        rows.append(side_by_side(files, 230))
    save(stacked(rows), out / "strokes.jpg")


def sizes(_: Path) -> None:
    """The same strokes, whatever the size of the result?"""
    print("| pair | size | apparent scale | by layer | lightness by octave |")
    print("|---|---|---|---|---|")
    for content, style in PAIRS[:2]:
        for size in (256, 512, 1024, 2048):
            path = painted("style", content, [style], size)
            told = " ".join(f"{deviation:.3f}" for deviation in octaves(decode(path)))
            print(f"| {content}, {style} | {size} | {scales(path, style)} | {told} |", flush=True)


def octaves(image: Picture) -> list[float]:
    """Deviation of lightness by octave: between blurs of 16, 8, 4, 2, 1 and 0 px at 256 px."""
    size = scaled_size(image.height, image.width, 256)
    seen = to_oklab(resize(image.batch, *size))[:, :1]
    blurs = [*(blurred(seen, sigma) for sigma in (16, 8, 4, 2, 1)), seen]
    return [float((finer - coarser).std()) for coarser, finer in pairwise(blurs)]


def scales(path: Path, style: str) -> str:
    """Write the apparent scale of a picture's strokes, over all layers and at each."""
    apart = distances(decode(path), decode(picture(style)))
    each = [apparent(apart[layer]) for layer in LAYERS]
    total = apparent([sum(values) for values in zip(*apart.values(), strict=True)])
    return f"{total:.2f} | " + " ".join(f"{scale:.2f}" for scale in each)


@torch.no_grad()
def distances(image: Picture, style: Picture) -> dict[str, list[float]]:
    """At each layer: how far the features are from the style's, at every one of SCALES.

    The image is looked at with a long side of SEEN, whatever its size.
    """
    extractor, loss = networks.load("pocket-v1").extractor(), MomentsLoss("relative")
    seen = resize(image.batch, *scaled_size(image.height, image.width, SEEN))
    own = {layer: loss.summarize(maps) for layer, maps in extractor(seen, LAYERS).items()}
    found: dict[str, list[float]] = {layer: [] for layer in LAYERS}
    for scale in SCALES:
        ratio = scale * (seen[0, 0].numel() / (style.height * style.width)) ** 0.5
        look = resize(style.batch, round(style.height * ratio), round(style.width * ratio))
        for layer, maps in extractor(look, LAYERS).items():
            found[layer].append(float(loss.distance(own[layer], loss.summarize(maps))))
    return found


def apparent(apart: list[float]) -> float:
    """The scale of least distance, by a parabola through the three points around it."""
    at = min(range(1, len(apart) - 1), key=apart.__getitem__)
    before, here, after = apart[at - 1 : at + 2]
    shift = (before - after) / (2 * (before - 2 * here + after))
    return SCALES[at] * 2 ** (max(-1.0, min(1.0, shift)) / 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = {"color": color, "mix": mix, "strokes": strokes, "sizes": sizes}
    parser.add_argument("what", choices=what)
    parser.add_argument("out", type=Path, nargs="?", default=WORK)
    options = parser.parse_args()
    what[options.what](options.out)


if __name__ == "__main__":
    main()
