"""Nearest neighbors by angle, in bounded memory."""

import torch
from torch import Tensor
from torch.nn import functional

LARGEST = 2**20
"""Numbers in the largest matrix of similarities: 4 MB in float32, about a processor's cache."""


@torch.no_grad()
def nearest(rows: Tensor, candidates: Tensor, largest: int = LARGEST) -> Tensor:
    """Find for each row (K, C) the candidate (M, C) of the largest cosine, without gradient.

    Rows are taken in chunks, so that no matrix of similarities holds more than `largest` numbers,
    or one row's M where that is more. The chunks do not change the answer (but for ties within
    rounding).

    Returns:
        (K,) indices into the candidates.
    """
    # A row's own length does not change which candidate is nearest to it.
    directions = functional.normalize(candidates, dim=1).T.contiguous()
    chunk = max(1, largest // len(candidates))
    # `max` with its index is faster on a CPU than `argmax`.
    return torch.cat([(part @ directions).max(1).indices for part in torch.split(rows, chunk)])
