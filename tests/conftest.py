"""What every test shares: one thread, a fixed seed, and properties without a clock."""

from pathlib import Path

import pytest
import torch
from hypothesis import settings
from safetensors.torch import save_file

from impasto.features.architectures import POCKET, Architecture
from impasto.features.extractor import Extractor

torch.set_num_threads(1)  # small tensors: a second thread costs more than it gains
settings.register_profile("impasto", deadline=None, derandomize=True)
settings.load_profile("impasto")


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What the user has fetched changes no test, and no test fetches from outside."""
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path_factory.getbasetemp() / "empty-cache"))


class TinyNetwork:
    """A small seeded VGG of our own, in float64 unless asked otherwise."""

    def __init__(self) -> None:
        blocks = ((4, 4), (6, 6), (8, 8, 8, 8), (8, 8, 8, 8), (8, 8, 8, 8))
        self.architecture = Architecture("tiny", blocks)
        self.weights = he_initialized(self.architecture)

    def extractor(self, *, dtype: torch.dtype = torch.float64, **options: str) -> Extractor:
        return Extractor(self.architecture, self.weights, dtype=dtype, **options)


def he_initialized(table: Architecture, seed: int = 7) -> dict[str, torch.Tensor]:
    """Random weights that keep the size of features through the layers; small random biases."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, shape in table.weight_shapes().items():
        numbers = torch.randn(shape, generator=generator, dtype=torch.float64)
        fan_in = shape[1] * 9 if len(shape) == 4 else 0
        weights[name] = numbers * ((2 / fan_in) ** 0.5 if fan_in else 0.1)
    return weights


@pytest.fixture(scope="session")
def tiny() -> TinyNetwork:
    return TinyNetwork()


@pytest.fixture(scope="session")
def pocket_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights for the table of pocket-v1, random: what runs by name need, whatever is embedded."""
    path = tmp_path_factory.mktemp("weights") / "pocket.safetensors"
    weights = he_initialized(POCKET)
    save_file({name: tensor.float() for name, tensor in weights.items()}, path)
    return path
