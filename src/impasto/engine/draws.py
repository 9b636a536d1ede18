"""What losses leave to chance: drawn anew at each step, and the same again in each run."""

from dataclasses import dataclass
from zlib import crc32

import torch


@dataclass(frozen=True)
class Draws:
    """A generator for each step, from the recipe's seed."""

    seed: int = 0
    fixed: bool = False
    """Whether all steps draw the same, for optimizers whose objective must stand still."""

    def generator(self, step: int) -> torch.Generator:
        """Return the generator of a step, always in the same state."""
        # PyTorch's generator on the CPU looks at the lower 32 bits of its seed alone.
        numbers = f"{self.seed} {0 if self.fixed else step}"
        return torch.Generator().manual_seed(crc32(numbers.encode()))
