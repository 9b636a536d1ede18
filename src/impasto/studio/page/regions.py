"""Label maps from what was painted over the photograph and over the style, in the same colors."""

import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from impasto.errors import InputError
from impasto.images.codec import size_of
from impasto.studio.page.masks import PAINTED

PALETTE = {"red": (228, 26, 28), "blue": (30, 110, 230), "yellow": (250, 200, 30)}
"""Colors to paint with, far enough apart for edges to fall to one of them."""
LEAST = 0.002
"""Share of a picture that a color covers at least; less is a slip of the hand."""

Labels = NDArray[np.uint8]


def painted_maps(
    photograph: dict[str, Any] | None, style: dict[str, Any] | None, more: Sequence[str] = ()
) -> list[str]:
    """Write label maps of photograph, style and further styles; none if nothing is painted.

    What is not painted is a region as well, the rest; further styles belong to it alone. Whoever
    hands the files in removes them.

    Args:
        photograph: what the editor gives: `layers`, each an RGBA image of the same size.
        style: likewise.
        more: files of further styles.

    Raises:
        InputError: a color, or the rest, is in one of the two only.
    """
    maps = [_labels(edited) for edited in (photograph, style)]
    painted = [set() if labels is None else _names(labels) for labels in maps]
    if not any(painted):
        return []
    _check(*painted)
    assert maps[0] is not None
    assert maps[1] is not None  # both have colors
    _check_rest(_has_rest(maps[0]), _has_rest(maps[1]) or bool(more))
    others = [np.zeros(size_of(path), np.uint8) for path in more]  # before anything is written
    return [_written(labels) for labels in (maps[0], maps[1], *others)]


def _labels(edited: dict[str, Any] | None) -> Labels | None:
    """Return the number of the color of each pixel (H, W), from 1; 0 where there is none."""
    layers = [np.asarray(layer) for layer in (edited or {}).get("layers", [])]
    if not layers:
        return None
    labels = np.zeros(layers[0].shape[:2], np.uint8)
    colors = np.array(list(PALETTE.values()), np.int32)
    for layer in layers:
        there = layer[..., 3] >= PAINTED
        away = (layer[there][:, None, :3].astype(np.int32) - colors) ** 2
        labels[there] = away.sum(-1).argmin(-1) + 1
    for number in range(1, len(PALETTE) + 1):
        if (labels == number).mean() < LEAST:
            labels[labels == number] = 0
    return labels


def _names(labels: Labels) -> set[str]:
    return {name for number, name in enumerate(PALETTE, start=1) if (labels == number).any()}


def _has_rest(labels: Labels) -> bool:
    return bool((labels == 0).mean() >= LEAST)


def _check(photograph: set[str], style: set[str]) -> None:
    for here, there, one, other in (
        (photograph, style, "photograph", "style"),
        (style, photograph, "style", "photograph"),
    ):
        if alone := [name for name in PALETTE if name in here - there]:
            colors = " and ".join(alone)
            raise InputError(
                f"You painted in {colors} over the {one} and not over the {other}: paint over the "
                f"part of the {other} that goes with it, or erase it."
            )


def _check_rest(photograph: bool, style: bool) -> None:
    if photograph and not style:
        raise InputError(
            "The whole style is painted over, and a part of the photograph is not: leave a part of "
            "the style for it, or paint the photograph over as well."
        )
    if style and not photograph:
        raise InputError(
            "The whole photograph is painted over, and a part of the style is not: paint the style "
            "over as well, or leave a part of the photograph for it."
        )


def _written(labels: Labels) -> str:
    colors = np.array([(0, 0, 0), *PALETTE.values()], np.uint8)
    with tempfile.NamedTemporaryFile(prefix="regions-", suffix=".png", delete=False) as file:
        Image.fromarray(colors[labels]).save(file, "PNG")
    return file.name
