"""k-means: as many centers as asked for, the same ones each time."""

import torch
from torch import Tensor

ROUNDS = 50


def kmeans(points: Tensor, count: int, rounds: int = ROUNDS) -> tuple[Tensor, Tensor]:
    """Cluster points by Lloyd's rounds, from centers that lie far apart.

    The first center is the point nearest to the mean; each next one lies far from all before, as
    Gonzalez (1985) has it, but not the farthest, which would be an outlier: one in 20 is farther.

    Args:
        points: (N, D), at least `count` different ones for as many clusters.
        count: how many clusters.
        rounds: at most.

    Returns:
        Centers (count, D) and the cluster of each point (N,). A center without points stays.
    """
    centers = _spread(points, count)
    labels = torch.cdist(points, centers).argmin(1)
    for _ in range(rounds):
        sums = torch.zeros_like(centers).index_add_(0, labels, points)
        sizes = torch.bincount(labels, minlength=count).to(points)[:, None]
        centers = torch.where(sizes > 0, sums / sizes.clamp_min(1), centers)
        before, labels = labels, torch.cdist(points, centers).argmin(1)
        if torch.equal(before, labels):
            break
    return centers, labels


def _spread(points: Tensor, count: int) -> Tensor:
    """Choose points far apart, each from the quantile 0.95 of distances to those before."""
    chosen = [torch.cdist(points, points.mean(0, keepdim=True))[:, 0].argmin()]
    nearest = torch.full((len(points),), float("inf"), dtype=points.dtype)
    for _ in range(count - 1):
        nearest = torch.minimum(nearest, torch.cdist(points, points[chosen[-1]][None])[:, 0])
        rank = min(len(points) - 1, round(0.95 * len(points)))
        chosen.append(nearest.argsort(stable=True)[rank])
    return points[torch.stack(chosen)]
