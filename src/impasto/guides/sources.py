"""What a user gives as a guide: files, pictures or tensors, read and held against the pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Self, cast

import torch
from torch import Tensor

from impasto.errors import InputError, ShapeError
from impasto.guides.faces import detector_file
from impasto.images.codec import decode
from impasto.images.picture import Picture
from impasto.recipe import Recipe
from impasto.recipe_guides import Protection, is_named

Mask = str | PathLike[str] | Picture | Tensor
"""A picture file, a picture, or a tensor: gray values for masks, whole numbers for labels."""

ASPECT = 0.02
"""By how much the proportions of a mask may differ from its picture's."""
_LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class GuideSources:
    """The guides of a job as given."""

    protect: Mask | None = None
    regions: Sequence[Mask] = ()
    """Label maps: of the content, then of each style."""
    style_masks: Sequence[Mask] = ()
    """Where in the content each style goes."""
    detector: str | PathLike[str] | None = None
    """The model that finds faces; None looks into the cache of weights."""
    pixel_limit: int | None = None

    def settled(self, recipe: Recipe) -> tuple[Recipe, Self]:
        """Return the recipe that uses what is given, and the sources with the detector named."""
        guides = recipe.guides
        if self.protect is not None:
            guides = replace(guides, protect="mask")
        if self.regions:
            guides = replace(guides, pair="labels")
        elif self.style_masks:
            guides = replace(guides, pair="masks")
        wanted = guides.protect == "faces" and self.detector is None
        detector = detector_file() if wanted else self.detector
        return replace(recipe, guides=guides), replace(self, detector=detector)

    def files(self) -> dict[str, list[object]]:
        """List what goes into the checkpoint's plan, by role."""
        return {
            "protect": [self.protect],
            "regions": list(self.regions),
            "style_masks": list(self.style_masks),
            "detector": [self.detector],
        }


def asked(
    recipe: Recipe,
    protect: Mask | None,
    regions: Sequence[Mask] | str | None,
    style_masks: Sequence[Mask],
    pixel_limit: int | None = None,
) -> tuple[Recipe, GuideSources]:
    """Sort what a caller asks for into settings of the recipe and sources.

    Raises:
        InputError: `protect` is neither a name nor a file, `regions` a text other than auto, or
            regions are asked for in two ways.
    """
    if regions is not None and style_masks:
        raise InputError("expected regions or style_masks, got both: keep one")
    guides = recipe.guides
    if isinstance(protect, str) and is_named(protect):
        guides, protect = replace(guides, protect=cast(Protection, protect)), None
    if isinstance(regions, str):
        if regions != "auto":
            raise InputError(
                f"expected regions = 'auto', or label maps of the content and of each style, got "
                f"'{regions}'"
            )
        guides, regions = replace(guides, pair="auto"), None
    sources = GuideSources(protect, tuple(regions or ()), tuple(style_masks), None, pixel_limit)
    return replace(recipe, guides=guides), sources


def read_mask(source: Mask, name: str, pixel_limit: int | None = None) -> tuple[Tensor, str]:
    """Read a mask (1, 1, H, W) in [0, 1], white for 1, transparent for 0; and its name.

    Raises:
        InputError: it cannot be read, has another shape, or is black everywhere.
    """
    if isinstance(source, Tensor):
        mask = _plane(source, name).to(torch.float32)
    else:
        picture = _picture(source, pixel_limit)
        name = name if isinstance(source, Picture) else Path(source).name
        mask = sum(share * plane for share, plane in zip(_LUMA, picture.pixels, strict=True))
        mask = mask if picture.alpha is None else mask * picture.alpha[0]
    if not bool(torch.isfinite(mask).all()) or float(mask.min()) < 0 or float(mask.max()) > 1.001:
        raise InputError(
            f"expected values from 0 to 1 in {name}, got others: divide by the largest"
        )
    if float(mask.max()) < 0.5 / 255:
        raise InputError(f"{name} is black everywhere: expected a mask with white where it applies")
    return mask.clamp(0, 1)[None, None], name


def read_labels(source: Mask, name: str, pixel_limit: int | None) -> tuple[Tensor, str]:
    """Read a label map as whole numbers: colors (3, H, W) of 0 to 255, or labels (1, H, W).

    Raises:
        InputError: it cannot be read, or is a tensor of decimals.
    """
    if isinstance(source, Tensor):
        plane = _plane(source, name)
        if plane.is_floating_point():
            raise InputError(f"expected whole numbers as labels in {name}, got {plane.dtype}")
        return plane.long()[None], name
    name = name if isinstance(source, Picture) else Path(source).name
    return (_picture(source, pixel_limit).pixels * 255).round().long(), name


def fitting(mask: Tensor, name: str, like: Picture, of: str) -> list[str]:
    """Compare the size of a mask with that of its picture; return what to warn of.

    Raises:
        InputError: the proportions differ by more than 2%.
    """
    height, width = mask.shape[-2:]
    if (height, width) == (like.height, like.width):
        return []
    sizes = f"{name} is {width} x {height} px and {of} {like.width} x {like.height}"
    ratio = (width / height) / (like.width / like.height)
    if not 1 / (1 + ASPECT) <= ratio <= 1 + ASPECT:
        raise InputError(f"{sizes}: expected the same proportions; make the mask from that picture")
    return [f"{sizes}: the mask is resized"]


def _picture(source: str | PathLike[str] | Picture, pixel_limit: int | None) -> Picture:
    return source if isinstance(source, Picture) else decode(source, pixel_limit=pixel_limit)


def _plane(tensor: Tensor, name: str) -> Tensor:
    """View (H, W), (1, H, W) or (1, 1, H, W) as (H, W)."""
    if tensor.ndim < 2 or tensor.numel() == 0 or tensor.shape[:-2].numel() != 1:
        raise ShapeError(f"{name} of shape (height, width)", tuple(tensor.shape))
    return tensor.detach().cpu().reshape(tensor.shape[-2:])
