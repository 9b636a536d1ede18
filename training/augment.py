"""Crops as the network will meet them: every scale and color, and pictures still half made.

An optimized picture passes through states that no photograph has: noise, weaves, two pictures over
one another. A student that only ever saw photographs is blind to some of them, and the optimizer
finds out; so a share of the crops is disturbed in such ways.
"""

import torch
import torch.nn.functional as functional
from torch import Tensor

SMALLEST, LARGEST = 0.3, 1.5
"""Range of the scale of a crop; drawn evenly in its logarithm."""
DISTURBED, BLENDED, TURNED, PERMUTED = 0.3, 0.1, 0.15, 0.15
"""Shares of the crops that get noise, a second picture, a quarter turn, other colors."""


def crops(pictures: list[Tensor], *, side: int, count: int, seed: int) -> Tensor:
    """Cut `count` augmented crops, float32 (count, 3, side, side) sRGB in [0, 1].

    A batch is a pure function of its arguments, so that a training run that was killed and resumed
    sees exactly the crops that an uninterrupted run would have seen.
    """
    generator = torch.Generator().manual_seed(seed)
    return torch.stack([_augmented(pictures, side, generator) for _ in range(count)])


def _augmented(pictures: list[Tensor], side: int, generator: torch.Generator) -> Tensor:
    crop = _one(pictures, side, generator)
    if _uniform(generator) < BLENDED:
        crop = crop.lerp(_one(pictures, side, generator), 0.2 + 0.6 * _uniform(generator))
    if _uniform(generator) < DISTURBED:
        crop = _disturbed(crop, generator)
    return crop.clamp(0, 1)


def _one(pictures: list[Tensor], side: int, generator: torch.Generator) -> Tensor:
    index = int(torch.randint(len(pictures), (), generator=generator))
    return _recolored(_turned(_window(pictures[index], side, generator), generator), generator)


def _window(picture: Tensor, side: int, generator: torch.Generator) -> Tensor:
    scale = SMALLEST * (LARGEST / SMALLEST) ** _uniform(generator)
    height, width = picture.shape[-2:]
    cut = max(16, min(round(side / scale), height, width))
    top = int(torch.randint(height - cut + 1, (), generator=generator))
    left = int(torch.randint(width - cut + 1, (), generator=generator))
    window = picture[None, :, top : top + cut, left : left + cut].float() / 255
    return functional.interpolate(window, (side, side), mode="bilinear", antialias=True)[0]


def _turned(crop: Tensor, generator: torch.Generator) -> Tensor:
    crop = crop.flip(-1) if _uniform(generator) < 0.5 else crop
    turns = int(_uniform(generator) * 4) if _uniform(generator) < TURNED else 0
    return crop.rot90(turns, (-2, -1))


def _recolored(crop: Tensor, generator: torch.Generator) -> Tensor:
    gain, gamma, saturation, offset = torch.rand(4, generator=generator).tolist()
    gray = crop.mean(0, keepdim=True)
    crop = gray + (crop - gray) * (0.4 + 1.3 * saturation)
    crop = crop.clamp(0, 1) ** (0.6 + 0.9 * gamma) * (0.75 + 0.4 * gain) + 0.1 * (offset - 0.5)
    tint = torch.rand(3, 1, 1, generator=generator)
    crop = crop * (0.85 + 0.3 * tint)
    permuted = _uniform(generator) < PERMUTED
    return crop[torch.randperm(3, generator=generator)] if permuted else crop


def _disturbed(crop: Tensor, generator: torch.Generator) -> Tensor:
    """Add noise of any strength and grain: of single pixels, or enlarged from a coarser grid."""
    size = 0.006 * (0.15 / 0.006) ** _uniform(generator)
    coarseness = int(torch.randint(1, 4, (), generator=generator))
    side = crop.shape[-1]
    noise = torch.randn(1, 3, -(-side // coarseness), -(-side // coarseness), generator=generator)
    noise = functional.interpolate(noise, scale_factor=coarseness, mode="nearest")
    return crop + size * noise[0, :, :side, :side]


def _uniform(generator: torch.Generator) -> float:
    return float(torch.rand((), generator=generator))
