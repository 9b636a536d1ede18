"""Wasserstein-2 between Gaussians against NumPy and cases worked out by hand."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from impasto.losses.wasserstein import WassersteinLoss

FORMS = ("mean", "relative")


def maps(*shape: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.5


def distance(features: torch.Tensor, style: torch.Tensor, form: str = "mean") -> torch.Tensor:
    loss = WassersteinLoss(form)
    return loss.distance(loss.summarize(features), loss.summarize(style))


def in_numpy(features: np.ndarray, style: np.ndarray, form: str) -> float:
    """By the eigenvalues of the product of covariances, without any root of a matrix."""
    rows, wanted = (a.reshape(len(a), -1) for a in (features, style))
    ours, theirs = np.cov(rows, bias=True), np.cov(wanted, bias=True)
    shared = np.sqrt(np.linalg.eigvals(ours @ theirs).real.clip(0)).sum()
    squared = ((rows.mean(1) - wanted.mean(1)) ** 2).sum()
    squared += np.trace(ours) + np.trace(theirs) - 2 * shared
    size = (wanted.mean(1) ** 2).sum() + np.trace(theirs)
    return squared / len(rows) if form == "mean" else squared / size


@pytest.mark.parametrize("form", FORMS)
def test_equals_numpy_whatever_the_styles_size(form):
    features, style = maps(1, 4, 5, 6), maps(1, 4, 3, 7, seed=2) * 2
    wanted = in_numpy(features[0].numpy(), style[0].numpy(), form)
    assert float(distance(features, style, form)) == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize("form", FORMS)
def test_a_batch_is_the_mean_of_its_samples(form):
    features, style = maps(3, 4, 5, 5), maps(1, 4, 6, 6, seed=2)
    singles = [float(distance(f[None], style, form)) for f in features]
    assert float(distance(features, style, form)) == pytest.approx(np.mean(singles), rel=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_gradient_passes_gradcheck(form):
    features, style = maps(1, 3, 3, 4).requires_grad_(), maps(1, 3, 4, 4, seed=2)
    assert gradcheck(lambda f: distance(f, style, form), (features,))


def test_one_channel_is_the_difference_of_means_and_of_deviations():
    features = torch.tensor([1.0, 5.0], dtype=torch.float64).view(1, 1, 1, 2)  # mean 3, deviation 2
    style = torch.tensor([-0.5, 0.5], dtype=torch.float64).view(1, 1, 1, 2)  # mean 0, deviation 1/2
    assert float(distance(features, style)) == pytest.approx(3.0**2 + 1.5**2, rel=1e-9)


def test_moving_every_vector_alike_costs_that_move_alone():
    features = maps(1, 3, 4, 4)
    move = torch.tensor([1.0, 0.0, -2.0], dtype=torch.float64).view(1, 3, 1, 1)
    assert float(distance(features + move, features)) == pytest.approx((1 + 4) / 3, rel=1e-6)


def test_the_order_of_positions_does_not_count():
    features, style = maps(1, 4, 5, 5), maps(1, 4, 6, 6, seed=2)
    shuffled = features.flatten(2)[..., torch.randperm(25)].view_as(features)
    assert float(distance(shuffled, style)) == pytest.approx(float(distance(features, style)))


@pytest.mark.parametrize("form", FORMS)
def test_about_zero_at_the_target_and_never_below(form):
    features = maps(1, 6, 5, 5)
    assert 0 <= float(distance(features, features, form)) < 1e-6


@pytest.mark.parametrize("form", FORMS)
def test_fewer_positions_than_channels_leave_the_gradient_finite(form):
    features = maps(1, 12, 2, 2).relu().requires_grad_()
    value = distance(features, maps(1, 12, 8, 8, seed=2).relu(), form)
    (gradient,) = torch.autograd.grad(value, features)
    assert gradient.isfinite().all()
    assert gradient.abs().max() > 0


def test_channels_dead_in_both_pictures_do_not_count():
    features, style = maps(1, 4, 5, 5), maps(1, 4, 5, 5, seed=2)
    nothing = torch.zeros(1, 3, 5, 5, dtype=torch.float64)
    padded = distance(torch.cat([features, nothing], 1), torch.cat([style, nothing], 1), "relative")
    assert float(padded) == pytest.approx(float(distance(features, style, "relative")), rel=1e-6)
