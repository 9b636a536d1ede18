"""What losses leave to chance: drawn anew at each step, and the same again in each run."""

from dataclasses import dataclass

import torch

APART = 1_000_003
"""Steps between two seeds: runs with seeds side by side share no draws."""


@dataclass(frozen=True)
class Draws:
    """A generator for each step, from the recipe's seed."""

    seed: int = 0
    fixed: bool = False
    """Whether all steps draw the same, for optimizers whose objective must stand still."""

    def generator(self, step: int) -> torch.Generator:
        """Return the generator of a step, always in the same state."""
        number = self.seed * APART + (0 if self.fixed else step)
        # PyTorch's generator on the CPU looks at the lower 32 bits of its seed alone.
        return torch.Generator().manual_seed(number % 2**32)
