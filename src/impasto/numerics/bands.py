"""Large images by bands of rows, so that what is computed in between stays small."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from impasto.numerics.filters import blurred
from impasto.numerics.precision import widest
from impasto.numerics.storage import MEMORY, Storage

BAND = 2**22
"""Elements of a band: 16 MB in float32. Up to 1182 x 1182 px of RGB are one band."""


def bands(shape: torch.Size, most: int | None = None) -> Iterator[slice]:
    """Cut the rows of (..., H, W) into bands of at most so many elements (BAND), or of one row."""
    rows = shape[-2]
    each = max(1, (most or BAND) // max(1, shape[:-2].numel() * shape[-1])) if rows else 1
    for top in range(0, rows, each):
        yield slice(top, min(top + each, rows))


def all_finite(image: Tensor) -> bool:
    """Tell whether no value of (..., H, W) is infinite or not a number."""
    return all(bool(image[..., rows, :].isfinite().all()) for rows in bands(image.shape))


def pixelwise(work: Callable[..., Tensor], *images: Tensor, storage: Storage = MEMORY) -> Tensor:
    """Do something to images (1, c, H, W) of one size that looks at each pixel by itself.

    Args:
        work: is given a band of each image.
        images: as many as `work` takes.
        storage: where the result lies.
    """
    size = images[0].shape
    made: Tensor | None = None
    for rows in bands(size):
        band = work(*(image[..., rows, :] for image in images))
        if band.shape[-2] == size[-2] and not storage.mapped:
            return band
        if made is None:
            shape = (*band.shape[:2], *size[-2:])
            made = storage.empty(shape, band.dtype, band.device)
        made[..., rows, :] = band
    assert made is not None, "an image without rows"
    return made


def mean_square(image: Tensor) -> float:
    """Return the mean of the squares of (..., H, W), summed in the widest type."""
    if image.numel() <= BAND:
        return float(widest(image).square().mean())
    sums = [float(widest(image[..., rows, :]).square().sum()) for rows in bands(image.shape)]
    return sum(sums) / image.numel()


def blurred_rows(planes: Tensor, sigma: float, rows: slice) -> Tensor:
    """Return some rows of `blurred(planes, sigma)`, without the others.

    Args:
        planes: (N, C, H, W).
        sigma: deviation in pixels; 0 leaves the rows as they are.
        rows: with a start and a stop.
    """
    if not sigma:
        return planes[..., rows, :]
    radius, height = round(3 * sigma), planes.shape[-2]
    top, bottom = max(0, rows.start - radius), min(height, rows.stop + radius)
    # The replicated border of a cut inside the picture reaches no row that is kept.
    around = blurred(planes[..., top:bottom, :], sigma)
    return around[..., rows.start - top : rows.stop - top, :]
