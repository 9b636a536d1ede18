"""Histogram loss against matching in NumPy, as the paper words it."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from impasto.losses.histogram import HistogramLoss

FORMS = ("mean", "relative")


def maps(*shape: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.5


def distance(features, style, form="mean", **options) -> torch.Tensor:
    loss = HistogramLoss(form=form, **options)
    return loss.distance(loss.summarize(features), loss.summarize(style))


def matched(channel: np.ndarray, style: np.ndarray) -> np.ndarray:
    """Give each number the style's number of the same rank."""
    ranks = channel.argsort().argsort()
    return np.quantile(style, (ranks + 0.5) / len(channel), method="hazen")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [(5, 6), (3, 7)])
def test_is_the_mean_square_to_the_matched_features(form, size):
    features, style = maps(1, 4, 5, 6), maps(1, 4, *size, seed=2) * 2
    ours, theirs = (a[0].flatten(1).numpy() for a in (features, style))
    held = np.stack([matched(a, b) for a, b in zip(ours, theirs, strict=True)])
    wanted = ((ours - held) ** 2).mean() / (1 if form == "mean" else (theirs**2).mean())
    assert float(distance(features, style, form)) == pytest.approx(wanted, rel=1e-10)


def test_its_gradient_is_that_with_the_matched_features_held():
    features, style = maps(1, 2, 4, 4).requires_grad_(), maps(1, 2, 4, 5, seed=2)
    distance(features, style).backward()
    ours, theirs = (a[0].detach().flatten(1).numpy() for a in (features, style))
    held = np.stack([matched(a, b) for a, b in zip(ours, theirs, strict=True)])
    wanted = 2 * (ours - held) / ours.size
    np.testing.assert_allclose(features.grad[0].flatten(1), wanted, rtol=1e-10)


@pytest.mark.parametrize("form", FORMS)
def test_gradient_passes_gradcheck(form):
    features, style = maps(2, 3, 3, 4).requires_grad_(), maps(1, 3, 4, 4, seed=2)
    assert gradcheck(lambda f: distance(f, style, form, positions=7), (features,))


def test_neither_order_nor_pairing_of_channels_counts():
    features, style = maps(1, 4, 5, 5), maps(1, 4, 6, 6, seed=2)
    each = torch.stack([row[torch.randperm(25)] for row in features[0].flatten(1)])
    apart = float(distance(each.view_as(features), style))
    assert apart == pytest.approx(float(distance(features, style)))


def test_zero_at_the_target():
    assert float(distance(maps(1, 4, 5, 5), maps(1, 4, 5, 5))) == 0
