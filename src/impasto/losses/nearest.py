"""Style as the nearest of its own features (NNST: Kolkin et al. 2022).

Every feature vector of the generated image is compared with the feature vector of the style that
is nearest to it, by the angle between vectors less their means. So each neighborhood is one that
the style has; that all of the style's appear is not asked for. The paper stacks layers to
hypercolumns at a quarter of the size; here each layer is matched by itself, which needs no
upsampling and lets a recipe weigh layers.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from impasto.losses.sampled import Sample, SampledLoss, mean_square_of
from impasto.numerics.nearest import LARGEST, nearest


@dataclass(frozen=True)
class NearestLoss(SampledLoss):
    """Distance to the nearest style features; the matches are held without gradient.

    Forms: `paper`, the mean cosine distance of vectors less their mean over positions, blind to
    color and contrast (the paper matches colors afterwards); `mean`, the mean square of the
    difference to the match itself; `relative`, that over the mean square of the target.
    """

    positions: int = 4096
    form: Literal["paper", "mean", "relative"] = "relative"
    largest: int = LARGEST
    """Numbers in the largest matrix of similarities."""

    def distance(self, statistics: Sample, target: Sample) -> Tensor:
        """Compare each vector of a sample with its match in the target's."""
        rows = statistics.rows
        wanted = target.rows.expand(len(rows), -1, -1)
        centered, theirs = _centered(rows), _centered(wanted)
        matches = [nearest(a, b, self.largest) for a, b in zip(centered, theirs, strict=True)]
        if self.form == "paper":
            return (1 - functional.cosine_similarity(centered, _at(theirs, matches), dim=2)).mean()
        gap = (rows - _at(wanted, matches)).square().mean((1, 2))
        return (gap if self.form == "mean" else gap / mean_square_of(target)).mean()


def _centered(rows: Tensor) -> Tensor:
    return rows - rows.mean(1, keepdim=True)


def _at(candidates: Tensor, matches: list[Tensor]) -> Tensor:
    return torch.stack([rows[at] for rows, at in zip(candidates, matches, strict=True)])
