"""Pictures whose answer is known."""

import pytest
import torch
from torch.nn import functional

from impasto.metrics.distance import Distance
from impasto.metrics.judge import Judgement


def smooth_noise(height: int, width: int, cells: int, seed: int) -> torch.Tensor:
    """Soft colored blotches, (1, 3, height, width) in [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, cells, cells, generator=generator)
    return functional.interpolate(coarse, (height, width), mode="bilinear")


def scene(height: int = 96, width: int = 128, seed: int = 1) -> torch.Tensor:
    """Shapes with edges and texture, (1, 3, height, width) in [0, 1]."""
    ground = 0.1 + 0.4 * smooth_noise(height, width, 6, seed)
    masks = smooth_noise(height, width, 9, seed + 100) > 0.55
    texture = 0.3 * (smooth_noise(height, width, height // 2, seed + 200) - 0.5)
    return (torch.where(masks, 1 - ground, ground) + texture).clamp(0, 1)


def stripes(height: int = 96, width: int = 128) -> torch.Tensor:
    """Slanting stripes of red and blue: a style that no scene has."""
    phase = 0.5 * torch.arange(height)[:, None] + torch.arange(width)
    wave = 0.5 + 0.4 * phase.sin()
    return torch.stack([wave, torch.full_like(wave, 0.1), 1 - wave])[None]


def noisy(image: torch.Tensor, amount: float, seed: int = 5) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (image + amount * torch.randn(image.shape, generator=generator)).clamp(0, 1)


def shuffled(image: torch.Tensor, cell: int, seed: int = 6) -> torch.Tensor:
    """The same cells of `cell` x `cell` pixels at other places."""
    height, width = image.shape[2:]
    cells = functional.unfold(image, cell, stride=cell)
    order = torch.randperm(cells.shape[2], generator=torch.Generator().manual_seed(seed))
    return functional.fold(cells[..., order], (height, width), cell, stride=cell)


@pytest.fixture(scope="session")
def pictures():
    """The makers of pictures, for tests in this folder."""

    class Pictures:
        scene = staticmethod(scene)
        stripes = staticmethod(stripes)
        noisy = staticmethod(noisy)
        shuffled = staticmethod(shuffled)
        smooth_noise = staticmethod(smooth_noise)

    return Pictures


@pytest.fixture(scope="session")
def photo() -> torch.Tensor:
    """(1, 3, 96, 128)."""
    return scene()


@pytest.fixture(scope="session")
def painting() -> torch.Tensor:
    """(1, 3, 96, 112), unrelated to the photo."""
    return scene(96, 112, seed=40)


def made_up(picture: str, notes=(), **numbers) -> Judgement:
    """A judgement with the numbers given, and likely ones elsewhere."""
    values = {"ssim": 0.5, "edges": 0.25, "deep": 0.125, "grain": 1, "flat_grain": 1, "border": 1}
    distances = {"sliced": Distance(0.1, {}), "moments": Distance(12.34, {})}
    named = {"picture": picture, "width": 512, "height": 384, "network": "vgg19", "notes": notes}
    return Judgement(**(values | distances | named | numbers))


@pytest.fixture(scope="session")
def judgement():
    """The maker of made-up judgements."""
    return made_up
