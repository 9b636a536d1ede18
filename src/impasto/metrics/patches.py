"""Style reached, without a network: the distribution of patches, at several scales."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from impasto.errors import InputError
from impasto.images.resize import resize
from impasto.metrics.distance import Distance
from impasto.metrics.planes import check_image
from impasto.metrics.sizes import same_area

PATCH = 5
"""Side of a patch, in pixels."""
DIRECTIONS = 128
SAMPLES = 16384
"""At most so many patches of each scale; more are sampled, so that memory stays bounded."""

_COARSEST = 32  # px: the short side is halved while it stays above
_LEVEL = 1 / 255


def sliced_wasserstein(
    image: Tensor,
    style: Tensor,
    *,
    patch: int = PATCH,
    scales: int | None = None,
    directions: int = DIRECTIONS,
    samples: int = SAMPLES,
    seed: int = 0,
) -> Distance:
    """How far the patches of an image are from those of the style: 0 for the same distribution.

    Both pictures become Laplacian pyramids: at each scale what halving loses, at the last the small
    picture itself. At each scale, color patches are projected on random unit directions; along each
    the two distributions are compared by the mean distance of their quantiles. That distance is
    divided by the sum of both spreads (mean deviations from the mean): 1 is nothing alike at the
    fine scales; only the last, which holds the palette, can exceed it. The total is the mean over
    scales. Divided so, every scale counts alike; `docs/metrics.md` has what was tried.

    Args:
        image: (1, 3, H, W), sRGB in [0, 1].
        style: likewise; brought to the image's area.
        patch: side of a patch in pixels.
        scales: how many; None halves as long as the short side stays at 32 px or more.
        directions: random directions at each scale.
        samples: at most so many patches of each picture at each scale.
        seed: of the directions and the samples.

    Returns:
        The mean, and the distance at each scale: `1`, `1/2`, `1/4` and so on.

    Raises:
        ShapeError: not such images, or smaller than a patch at the coarsest scale.
        InputError: patch, scales, directions or samples below 1.

    Source:
        Rabin, Peyré, Delon and Bernot 2011 (sliced Wasserstein); Karras, Aila, Laine and Lehtinen
        2018 (of patches in a Laplacian pyramid, there with the colors normalized away).
    """
    for name, value in (("patch", patch), ("directions", directions), ("samples", samples)):
        _check_count(name, value)
    check_image("image", image)
    check_image("style", style)
    style = same_area(image, style)
    scales = _fitting(image, style) if scales is None else scales
    _check_count("scales", scales)
    parts = {}
    for level, bands in enumerate(zip(_bands(image, scales), _bands(style, scales), strict=True)):
        axes = random_directions(3 * patch**2, directions, seed + level).to(image)
        projected = [_patches(band, patch, samples, seed + level) @ axes for band in bands]
        parts[f"1/{2**level}" if level else "1"] = _relative(*projected)
    return Distance(sum(parts.values()) / len(parts), parts)


def quantile_distance(values: Tensor, others: Tensor) -> Tensor:
    """Wasserstein distance (p = 1) in each column of (n, k) and (m, k): (k,).

    Exact for n = m; else quantile functions are compared at max(n, m) levels.
    """
    count = max(len(values), len(others))
    levels = (torch.arange(count, device=values.device, dtype=torch.float64) + 0.5) / count
    first, second = (
        ordered[(levels * len(ordered)).long()]
        for ordered in (values.sort(dim=0).values, others.sort(dim=0).values)
    )
    return (first - second).abs().mean(0)


def random_directions(dimensions: int, count: int, seed: int) -> Tensor:
    """Unit vectors, evenly over the sphere: (dimensions, count), on the CPU."""
    axes = torch.randn(dimensions, count, generator=torch.Generator().manual_seed(seed))
    return functional.normalize(axes, dim=0)


def _relative(values: Tensor, others: Tensor) -> float:
    apart = quantile_distance(values, others).mean()
    spread = sum((v - v.mean(0)).abs().mean() for v in (values, others))
    return float(apart / max(float(spread), _LEVEL))  # a band within one 8-bit level is empty


def _bands(image: Tensor, scales: int) -> Iterator[Tensor]:
    """Laplacian pyramid, finest first; the last is what is left."""
    for _ in range(scales - 1):
        half = resize(image, *(max(1, round(side / 2)) for side in image.shape[2:]))
        yield image - functional.interpolate(half, image.shape[2:], mode="bicubic")
        image = half
    yield image


def _patches(band: Tensor, side: int, most: int, seed: int) -> Tensor:
    """Patches as rows (n, 3 side^2): all of them, or a sample of `most`."""
    check_image("picture at the coarsest scale", band, side)
    height, width = band.shape[2] - side + 1, band.shape[3] - side + 1
    count = height * width
    chosen = torch.arange(count)
    if count > most:
        chosen = torch.randint(count, (most,), generator=torch.Generator().manual_seed(seed))
    offsets = torch.arange(side)
    rows = (chosen // width)[:, None, None] + offsets[:, None]
    columns = (chosen % width)[:, None, None] + offsets
    return band[0, :, rows, columns].movedim(0, 1).flatten(1)


def _fitting(*images: Tensor) -> int:
    """Scales that leave the short side at 32 px or more; at least one."""
    shortest, scales = min(min(image.shape[2:]) for image in images), 1
    while shortest >= 2 * _COARSEST:
        shortest, scales = shortest // 2, scales + 1
    return scales


def _check_count(name: str, value: int) -> None:
    if value < 1:
        raise InputError(f"expected {name} of at least 1, got {value}")
