"""Gram matrices: real ones to look at, and what happens to them when positions are shuffled."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.errors import ShapeError
from impasto.losses.content import ContentLoss
from impasto.losses.gram import GramLoss, gram_matrix
from impasto.losses.term import Loss


@dataclass(frozen=True, eq=False)
class GramMatrix:
    """Which channels of a layer fire together, summed over positions."""

    layer: str
    values: Tensor
    """(C, C), in float64."""
    positions: int

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[0] != self.values.shape[1]:
            raise ShapeError("a Gram matrix (C, C)", tuple(self.values.shape))

    @classmethod
    def of(cls, layer: str, features: Tensor) -> "GramMatrix":
        """Compute it from features (1, C, H, W): eq. 3 of Gatys et al. 2016."""
        values = gram_matrix(features.detach())[0].cpu()
        return cls(layer, values, features.shape[-2] * features.shape[-1])

    @property
    def channels(self) -> int:
        """Rows, and columns."""
        return self.values.shape[0]

    def order(self, count: int) -> tuple[int, ...]:
        """Return the channels that are strongest by themselves, strongest first."""
        return tuple(self.values.diagonal().topk(min(count, self.channels)).indices.tolist())

    def part(self, channels: Sequence[int]) -> Tensor:
        """Return rows and columns of some channels: (n, n)."""
        chosen = list(channels)
        return self.values[chosen][:, chosen]

    def _repr_html_(self) -> str:
        """Show it as a heat map in a notebook."""
        from impasto.explain.page.notebook import gram_matrix_html

        return gram_matrix_html(self)


@dataclass(frozen=True)
class Shuffle:
    """What a permutation of positions does at one layer."""

    layer: str
    positions: int
    gram: float
    """Relative change of the Gram matrix, |G' - G| / |G|."""
    content: float
    """Relative change of the features, |F' - F| / |F|."""


def shuffle(layer: str, features: Tensor, seed: int = 0) -> tuple[Shuffle, Tensor]:
    """Permute the positions of features (1, C, H, W); return the numbers and the permuted features.

    The changes are square roots of the engine's own relative losses.
    """
    generator = torch.Generator().manual_seed(seed)
    flat = features.detach().cpu().flatten(2)
    order = torch.randperm(flat.shape[2], generator=generator)
    shuffled = flat[:, :, order].view(features.shape)
    original = features.detach().cpu()
    return Shuffle(
        layer,
        flat.shape[2],
        gram=_change(GramLoss("relative"), original, shuffled),
        content=_change(ContentLoss("relative"), original, shuffled),
    ), shuffled


def _change(loss: Loss, original: Tensor, shuffled: Tensor) -> float:
    return float(loss.distance(loss.summarize(shuffled), loss.summarize(original)).sqrt())
