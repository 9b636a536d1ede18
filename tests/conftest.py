"""What every test shares: a fixed thread count, a fixed seed, and properties without a clock."""

import pytest
import torch
from hypothesis import settings

torch.set_num_threads(2)
settings.register_profile("impasto", deadline=None, derandomize=True)
settings.load_profile("impasto")


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)
