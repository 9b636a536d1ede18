"""Whose colors a result has: what is done to pictures before and after they are painted.

Sources: Gatys, Bethge, Hertzmann and Shechtman 2016, "Preserving color in neural artistic style
transfer" (luminance alone; matched colors), here in Oklab.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from impasto.images.color import from_oklab, grays, to_oklab
from impasto.images.picture import Picture
from impasto.images.resize import resize
from impasto.numerics.bands import pixelwise
from impasto.numerics.guided import guided
from impasto.numerics.storage import MEMORY, Storage
from impasto.numerics.transport import Map, linear_transport, sliced_transport
from impasto.recipe_color import ColorSettings

SAMPLES = 2**16
"""Pixels by which colors are matched, taken evenly over the picture."""
NOISE = 0.004
"""Spread in Oklab of compression and rounding; nobody sees it, and it must not be blown up."""
SMOOTHING = 1 / 100
"""Deviation over which changes of color are smoothed, as a share of the longer side."""
EDGE = 0.03
"""Difference in lightness that counts as an edge there."""

_AT_ONCE = 2**15  # pixels: they stay in the processor's cache, and memory is bounded
_MATCHES: dict[str, Callable[[Tensor, Tensor, float], Map]] = {
    "axes": partial(sliced_transport, rounds=1),
    "covariance": linear_transport,
    "histogram": sliced_transport,
}


def before(
    settings: ColorSettings,
    content: Picture,
    styles: Sequence[Picture],
    storage: Storage = MEMORY,
) -> tuple[Picture, list[Picture]]:
    """Give content and styles the colors in which they are painted."""
    if settings.mode != "content":
        return content, list(styles)
    if settings.content != "luminance":
        return content, [match_colors(style, content, settings.content) for style in styles]
    gray = _with(content, pixelwise(_grayed, content.batch, storage=storage))
    return gray, [match_lightness(style, content) for style in styles]


def after(
    settings: ColorSettings, image: Tensor, content: Picture, storage: Storage = MEMORY
) -> Tensor:
    """Give a painted image (1, 3, H, W) the colors that it is shown in."""
    if settings.mode != "content" or settings.content != "luminance":
        return image
    colors = resize(content.batch, image.shape[-2], image.shape[-1], storage=storage).to(image)
    return pixelwise(_in_colors_of, image, colors, storage=storage)


def _grayed(image: Tensor) -> Tensor:
    return grays(to_oklab(image)[:, :1])


def _in_colors_of(image: Tensor, content: Tensor) -> Tensor:
    """Take the lightness of an image, and the colors of another."""
    lightness, colors = to_oklab(image.clamp(0, 1))[:, :1], to_oklab(content)[:, 1:]
    return from_oklab(torch.cat([lightness, colors], dim=1))


def match_colors(picture: Picture, target: Picture, method: str) -> Picture:
    """Give a picture the distribution of another's colors in Oklab.

    Args:
        picture: whose pixels get other colors.
        target: whose colors they get.
        method: covariance (mean and covariance) or histogram (the whole distribution).
    """
    move = _MATCHES[method](_colors(picture), _colors(target), NOISE)
    return _with(picture, from_oklab(_moved(to_oklab(picture.batch), move)))


def match_lightness(picture: Picture, target: Picture) -> Picture:
    """Make a picture gray, with the mean and deviation of another's Oklab lightness (eq. 10)."""
    lightness, wanted = (to_oklab(p.batch)[:, :1] for p in (picture, target))
    # A picture all of one lightness has no contrast to stretch, only noise.
    stretch = wanted.std() / lightness.std().clamp_min(NOISE)
    return _with(picture, grays((lightness - lightness.mean()) * stretch + wanted.mean()))


def palette(
    settings: ColorSettings, image: Tensor, styles: Sequence[Picture], mix: Sequence[float] = ()
) -> Tensor:
    """Give an image (1, 3, H, W) the colors of styles, and leave what it shows as it is.

    The change of color, not the picture, is smoothed between its edges, so that noise and the steps
    of smooth gradients are not blown up along with the contrast.

    Args:
        settings: how colors are matched.
        image: sRGB in [0, 1].
        styles: whose colors it gets.
        mix: a weight for each style; empty weighs all the same.

    Source:
        Rabin, Delon and Gousseau 2011, "Removing artefacts from color and contrast modifications"
        (smoothing the change).
    """
    lab = to_oklab(image)
    target = _blended([_colors(style) for style in styles], mix)
    move = _MATCHES[settings.palette](_sampled(lab), target, NOISE)
    change = _moved(lab, move) - lab
    sigma = max(1.0, SMOOTHING * max(image.shape[-2:]))
    return from_oklab(lab + guided(change, lab[:, :1], sigma, EDGE))


def _colors(picture: Picture) -> Tensor:
    """Sample Oklab colors (n, 3); what is quite transparent has none."""
    lab, alpha = to_oklab(picture.batch), picture.alpha
    if alpha is None or not (seen := alpha[0] > 0.5).any():
        return _sampled(lab)
    return _sampled(lab[:, :, seen][..., None])


def _sampled(lab: Tensor, count: int = SAMPLES) -> Tensor:
    rows = lab[0].flatten(1).T
    at = torch.linspace(0, len(rows) - 1, min(count, len(rows)), dtype=torch.float64)
    return rows[at.long().to(rows.device)].double()


def _blended(colors: Sequence[Tensor], mix: Sequence[float]) -> Tensor:
    """Take of each sample its share."""
    weights = mix or [1.0] * len(colors)
    counts = [round(SAMPLES * weight / sum(weights)) for weight in weights]
    taken = []
    for rows, count in zip(colors, counts, strict=True):
        whole = count if len(colors) > 1 else len(rows)
        at = torch.linspace(0, len(rows) - 1, whole, dtype=torch.float64)
        taken.append(rows[at.long()])
    return torch.cat(taken)


def _moved(lab: Tensor, move: Map) -> Tensor:
    """Move the color of every pixel of (1, 3, H, W)."""
    parts = torch.split(lab[0].flatten(1).T, _AT_ONCE)
    return torch.cat([move(part) for part in parts]).T.reshape(lab.shape)


def _with(picture: Picture, image: Tensor) -> Picture:
    return replace(picture, pixels=image[0].contiguous())
