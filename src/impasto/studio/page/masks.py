"""A mask from what was painted over the photograph in the browser."""

import tempfile
from typing import Any

import numpy as np
from PIL import Image

LARGEST = 480
"""Long side in pixels of a picture that is painted over: small enough for a browser without a
graphics card. Masks are brought to the size of the result anyway."""
PAINTED = 32
"""Opacity, of 255, from which a pixel counts as painted."""


def painted_mask(edited: dict[str, Any] | None) -> str | None:
    """Write a mask, white where something was painted; None where nothing was.

    Whoever hands it in removes the file.

    Args:
        edited: what the editor gives: `layers`, each an RGBA image of the same size.
    """
    layers = [np.asarray(layer)[..., 3] for layer in (edited or {}).get("layers", [])]
    if not layers:
        return None
    mask = np.maximum.reduce(layers)
    if mask.max() < PAINTED:
        return None
    with tempfile.NamedTemporaryFile(prefix="mask-", suffix=".png", delete=False) as file:
        Image.fromarray(np.where(mask >= PAINTED, 255, 0).astype(np.uint8)).save(file, "PNG")
    return file.name
