"""Label maps: pictures whose colors name regions; the same color in two of them pairs up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from impasto.errors import InputError

Label = tuple[int, ...]
"""A color of three numbers, or a number."""

NEAR = 24
"""Difference of 255 up to which two colors are one: what JPEG does to a flat color."""
LEAST = 0.002
"""Part of the map that a color must cover to be a label: softened edges cover less."""
MOST = 16


@dataclass(frozen=True)
class LabelMap:
    """Which label each pixel has."""

    name: str
    labels: tuple[Label, ...]
    index: Tensor
    """(H, W), places in `labels`."""

    def mask(self, label: Label) -> Tensor | None:
        """Return where a label is, (1, 1, H, W); None where it is nowhere."""
        found = next((n for n, known in enumerate(self.labels) if same(known, label)), None)
        return None if found is None else (self.index == found).float()[None, None]


def same(one: Label, other: Label) -> bool:
    """Tell whether two labels are one: numbers exactly, colors nearly."""
    near = NEAR if len(one) == 3 else 0
    return len(one) == len(other) and all(
        abs(a - b) <= near for a, b in zip(one, other, strict=True)
    )


def label_map(values: Tensor, name: str) -> LabelMap:
    """Find the labels of (C, H, W) whole numbers; every pixel gets the nearest.

    Raises:
        InputError: there are more labels than a label map would have, or none.
    """
    flat = values.flatten(1)
    codes = (flat[0] << 16) + (flat[1] << 8) + flat[2] if len(flat) == 3 else flat[0]
    _, first, counts = np.unique(codes.numpy(), return_index=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    labels: list[Label] = []
    for at in first[order][counts[order] >= LEAST * len(codes)].tolist():
        color = tuple(flat[:, at].tolist())
        if not any(same(color, known) for known in labels):
            labels.append(color)
    if not labels or len(labels) > MOST:
        raise InputError(
            f"{name} is no label map: expected 1 to {MOST} flat colors, got "
            f"{len(labels) or 'none'}; paint each region in one color, and save it as PNG"
        )
    distances = torch.stack([(flat.T - torch.tensor(label)).square().sum(1) for label in labels])
    return LabelMap(name, tuple(labels), distances.argmin(0).reshape(values.shape[1:]))


def check_paired(content: LabelMap, styles: Sequence[LabelMap]) -> None:
    """Refuse labels that only one side has.

    Raises:
        InputError: which ones.
    """
    for side, others in ((content, styles), *((style, [content]) for style in styles)):
        for label in side.labels:
            if not any(same(label, theirs) for other in others for theirs in other.labels):
                names = " and ".join(other.name for other in others)
                raise InputError(
                    f"the label {shown(label)} is in {side.name} and not in {names}: "
                    "expected every color in both; paint that region there too, or out here"
                )


def shown(label: Label) -> str:
    """Write a label: #ff8000, or its number."""
    return "#" + "".join(f"{value:02x}" for value in label) if len(label) == 3 else str(label[0])
