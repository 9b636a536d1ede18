"""Training pictures: which there are, which are held back, and how one is read."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

HELD_BACK_EVERY = 40


@dataclass(frozen=True)
class Split:
    """File lists of one data folder; the two never share a picture."""

    training: list[Path]
    held_back: list[Path]


def split(data: Path, tiers: str) -> Split:
    """Read `SOURCES.tsv` under `data`; hold back one picture in 40, then keep the licence tiers.

    What is held back does not depend on the tiers, so that networks trained on different ones are
    compared on pictures that none of them has seen.
    """
    with (data / "SOURCES.tsv").open(newline="", encoding="utf-8") as table:
        rows = sorted(csv.DictReader(table, delimiter="\t"), key=lambda row: row["file"])
    held_back = {row["file"] for row in rows[HELD_BACK_EVERY // 2 :: HELD_BACK_EVERY]}
    kept = [row["file"] for row in rows if row["tier"] in tiers]
    return Split(
        training=[data.parent / file for file in kept if file not in held_back],
        held_back=[data.parent / file for file in kept if file in held_back],
    )


def load(path: Path) -> Tensor:
    """Decode one picture to uint8 (3, H, W) sRGB."""
    with Image.open(path) as picture:
        return torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1).contiguous()
