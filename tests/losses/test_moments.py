"""Mean and covariance loss against NumPy."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from impasto.losses.moments import MomentsLoss


def maps(*shape: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.5


def in_numpy(features: np.ndarray, style: np.ndarray, form: str) -> float:
    rows, wanted = (a.reshape(len(a), -1) for a in (features, style))
    total = 0.0
    for value, target in (
        (rows.mean(1), wanted.mean(1)),
        (np.cov(rows, bias=True), np.cov(wanted, bias=True)),
    ):
        squares = (value - target) ** 2
        total += squares.mean() if form == "mean" else squares.sum() / (target**2).sum()
    return total


@pytest.mark.parametrize("form", ["mean", "relative"])
def test_equals_numpy_whatever_the_styles_size(form):
    features, style = maps(1, 4, 5, 6), maps(1, 4, 3, 7, seed=2) * 2
    loss = MomentsLoss(form)
    value = loss.distance(loss.summarize(features), loss.summarize(style))
    wanted = in_numpy(features[0].numpy(), style[0].numpy(), form)
    assert float(value) == pytest.approx(wanted, rel=1e-11)


@pytest.mark.parametrize("form", ["mean", "relative"])
def test_a_batch_is_the_mean_of_its_samples(form):
    loss = MomentsLoss(form)
    features, target = maps(3, 4, 5, 5), loss.summarize(maps(1, 4, 3, 3, seed=2))
    singles = [float(loss.distance(loss.summarize(f[None]), target)) for f in features]
    value = float(loss.distance(loss.summarize(features), target))
    assert value == pytest.approx(np.mean(singles), rel=1e-12)


@pytest.mark.parametrize("form", ["mean", "relative"])
def test_gradient_passes_gradcheck(form):
    loss = MomentsLoss(form)
    target = loss.summarize(maps(1, 3, 2, 2, seed=2))
    features = maps(1, 3, 3, 2).requires_grad_()
    assert gradcheck(lambda f: loss.distance(loss.summarize(f), target), (features,))


def test_zero_at_the_target():
    features = maps(1, 3, 4, 4)
    for form in ("mean", "relative"):
        loss = MomentsLoss(form)
        assert float(loss.distance(loss.summarize(features), loss.summarize(features))) == 0


def test_unlike_the_mean_a_constant_added_to_a_channel_leaves_the_covariance():
    features = maps(1, 3, 4, 4)
    moved = features + torch.tensor([1.0, 0.0, -2.0], dtype=torch.float64).view(1, 3, 1, 1)
    loss = MomentsLoss("mean")
    value = loss.distance(loss.summarize(moved), loss.summarize(features))
    assert float(value) == pytest.approx((1 + 4) / 3, rel=1e-10)  # the means' part alone
