"""Quantile functions of samples, and the distance between two of them."""

from torch import Tensor
from torch.nn import functional


def quantiles(values: Tensor, count: int) -> Tensor:
    """Read the quantile function of samples (N, P, M) at the `count` levels (i + 1/2) / count.

    The sorted values stand at the levels (i + 1/2) / M; between them the function is linear, beyond
    the first and the last it is constant. With `count` equal to M these are the sorted values.
    """
    ordered = values.sort(-1).values
    if count == ordered.shape[-1]:
        return ordered
    return functional.interpolate(ordered, count, mode="linear", align_corners=False)


def quantile_gap(values: Tensor, wanted: Tensor) -> Tensor:
    """Squared Wasserstein-2 distance in one dimension, (N,): its mean over the lines P.

    Sorted values are compared with the other sample's quantile function at their levels, so the
    samples may differ in size.

    Args:
        values: (N, P, K).
        wanted: (N or 1, P, M).
    """
    apart = values.sort(-1).values - quantiles(wanted, values.shape[-1])
    return apart.square().mean((1, 2))
