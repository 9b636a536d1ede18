"""Levels to picture files, each format with its options."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, PngImagePlugin

from impasto.files import Encoding
from impasto.images import deep_png, tiff_writing
from impasto.images.color_profiles import srgb_profile
from impasto.images.metadata import COMMENT_LIMIT, exif_for, plausible
from impasto.images.picture import Picture
from impasto.images.samples import Levels
from impasto.numerics.bands import bands


def write(picture: Picture, path: Path, kind: str, encoding: Encoding) -> None:
    """Write a picture in one format.

    Raises:
        OSError, ValueError: the format cannot hold it, or the disk is full.
    """
    dpi = plausible(picture.dpi if encoding.dpi is None else encoding.dpi)
    if kind == "TIFF":
        _write_tiff(picture, path, dpi, encoding)
        return
    levels = levels_of(picture, keep_alpha=kind != "JPEG", depth=encoding.depth)
    if kind == "PNG" and encoding.depth == 16:
        deep_png.write(path, levels, profile=srgb_profile(), dpi=dpi, recipe=picture.recipe)
    else:
        options = _options(kind, encoding.quality, dpi, picture.recipe)
        Image.fromarray(levels).save(path, format=kind, icc_profile=srgb_profile(), **options)


def levels_of(picture: Picture, *, keep_alpha: bool, depth: int = 8) -> Levels:
    """Clamp to [0, 1] and round to levels: (height, width, 3), or 4 with alpha that is kept."""
    channels = 4 if keep_alpha and picture.alpha is not None else 3
    kind = np.uint8 if depth == 8 else np.uint16
    levels = np.empty((picture.height, picture.width, channels), kind)
    for rows in bands(picture.pixels.shape):
        levels[rows] = level_rows(picture, rows, keep_alpha=keep_alpha, depth=depth)
    return levels


def level_rows(picture: Picture, rows: slice, *, keep_alpha: bool, depth: int = 8) -> Levels:
    """Make the levels of some rows, as `levels_of` does of all."""
    channels = picture.pixels[:, rows]
    if picture.alpha is not None:
        alpha = picture.alpha[:, rows]
        channels = torch.cat([channels, alpha]) if keep_alpha else channels * alpha + (1 - alpha)
    scaled = channels.detach().cpu().clamp(0, 1).mul((1 << depth) - 1).round()
    levels = scaled.to(torch.uint8 if depth == 8 else torch.int32)
    array = levels.permute(1, 2, 0).contiguous().numpy()
    return array if depth == 8 else array.astype(np.uint16)


def _write_tiff(picture: Picture, path: Path, dpi: float | None, encoding: Encoding) -> None:
    layout = tiff_writing.Layout(encoding.depth, dpi, picture.recipe, encoding.pyramid)
    levels = partial(level_rows, keep_alpha=True, depth=encoding.depth)
    tiff_writing.write(path, picture, layout, levels)


def _options(kind: str, quality: int, dpi: float | None, recipe: str | None) -> dict[str, Any]:
    if kind == "PNG":
        return _png_options(dpi, recipe)
    options: dict[str, Any] = {"quality": quality}
    if kind in ("JPEG", "AVIF"):
        options["subsampling"] = "4:4:4"  # strokes differ in color as much as in brightness
    if kind == "JPEG" and dpi:
        options["dpi"] = (dpi, dpi)
    if exif := exif_for(dpi, recipe, limit=COMMENT_LIMIT if kind == "JPEG" else None):
        options["exif"] = exif
    return options


def _png_options(dpi: float | None, recipe: str | None) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if dpi:
        options["dpi"] = (dpi, dpi)
    if recipe is not None:
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("impasto", recipe)
    return options
