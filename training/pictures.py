"""Training pictures: kept whole in memory as bytes, cut into augmented crops.

A batch is a pure function of (pictures, seed, step), so a training run that was killed and resumed
sees exactly the crops that an uninterrupted run would have seen.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
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


def crops(pictures: list[Tensor], *, side: int, count: int, seed: int) -> Tensor:
    """Cut `count` augmented crops, float32 (count, 3, side, side) sRGB in [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randint(len(pictures), (count,), generator=generator).tolist()
    return torch.stack([_crop(pictures[index], side, generator) for index in chosen])


def _crop(picture: Tensor, side: int, generator: torch.Generator) -> Tensor:
    scale = float(torch.empty(()).uniform_(0.5, 1.3, generator=generator))
    height, width = picture.shape[-2:]
    cut = max(16, min(round(side / scale), height, width))
    top = int(torch.randint(height - cut + 1, (), generator=generator))
    left = int(torch.randint(width - cut + 1, (), generator=generator))
    window = picture[None, :, top : top + cut, left : left + cut].float() / 255
    resized = functional.interpolate(window, (side, side), mode="bilinear", antialias=True)[0]
    return _recolor(_turn(resized, generator), generator).clamp(0, 1)


def _turn(crop: Tensor, generator: torch.Generator) -> Tensor:
    flip, quarter = torch.rand(2, generator=generator).tolist()
    crop = crop.flip(-1) if flip < 0.5 else crop
    return crop.rot90(int(quarter * 40), (-2, -1)) if quarter < 0.1 else crop


def _recolor(crop: Tensor, generator: torch.Generator) -> Tensor:
    gain, gamma, saturation, permute = torch.rand(4, generator=generator).tolist()
    gray = crop.mean(0, keepdim=True)
    crop = gray + (crop - gray) * (0.6 + 0.9 * saturation)
    crop = crop.clamp(0, 1) ** (0.7 + 0.7 * gamma) * (0.8 + 0.35 * gain)
    return crop[torch.randperm(3, generator=generator)] if permute < 0.1 else crop
