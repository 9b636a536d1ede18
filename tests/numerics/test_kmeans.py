"""k-means: clusters that are plain to see."""

import torch

from impasto.numerics.kmeans import kmeans


def clouds() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    middles = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    which = torch.randint(0, 3, (300,), generator=generator)
    return middles[which] + torch.randn(300, 2, generator=generator), which


def test_clouds_become_clusters_and_centers_their_means():
    points, which = clouds()
    centers, labels = kmeans(points, 3)
    assert len(set(zip(which.tolist(), labels.tolist(), strict=True))) == 3
    for number in range(3):
        torch.testing.assert_close(centers[number], points[labels == number].mean(0))


def test_it_repeats_and_draws_nothing():
    points, _ = clouds()
    first = kmeans(points, 5)
    torch.manual_seed(99)
    assert all(torch.equal(a, b) for a, b in zip(first, kmeans(points, 5), strict=True))


def test_more_clusters_than_points_stay_finite():
    centers, labels = kmeans(torch.tensor([[1.0], [1.0], [2.0]]), 4)
    assert bool(torch.isfinite(centers).all())
    assert labels[0] == labels[1] != labels[2]
