"""The sliced Wasserstein distance against NumPy and cases worked out by hand."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from impasto.losses.sampled import Sample
from impasto.losses.sliced import SlicedLoss, SlicedSample

FORMS = ("mean", "relative")


def maps(*shape: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.5


def distance(features, style, form="mean", **options) -> torch.Tensor:
    loss = SlicedLoss(form=form, **options)
    return loss.distance(loss.summarize(features), loss.summarize(style))


def in_numpy(features: np.ndarray, style: np.ndarray, directions: np.ndarray, form: str) -> float:
    ours, wanted = (directions @ a.reshape(len(a), -1) for a in (features, style))
    levels = (np.arange(ours.shape[1]) + 0.5) / ours.shape[1]
    theirs = np.quantile(wanted, levels, axis=1, method="hazen").T
    squared = ((np.sort(ours, 1) - theirs) ** 2).mean()
    return squared if form == "mean" else squared / (style**2).mean()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [(5, 6), (3, 4), (9, 8)])
def test_equals_numpy_whatever_the_styles_size(form, size):
    features, style = maps(1, 4, 5, 6), maps(1, 4, *size, seed=2) * 2
    loss = SlicedLoss(form=form)
    measured = loss.summarize(features, generator=torch.Generator().manual_seed(5))
    wanted = in_numpy(features[0].numpy(), style[0].numpy(), measured.directions.numpy(), form)
    value = loss.distance(measured, loss.summarize(style))
    assert float(value) == pytest.approx(wanted, rel=1e-10)


def test_directions_have_length_one_and_are_drawn_anew_by_each_generator():
    one, same, other = (
        SlicedLoss().summarize(maps(1, 4, 3, 3), generator=torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    )
    np.testing.assert_allclose(one.directions.norm(dim=1), 1, rtol=1e-12)
    assert torch.equal(one.directions, same.directions)
    assert not torch.equal(one.directions, other.directions)
    assert one.directions.shape == (32, 4)


def test_by_hand_on_one_direction():
    # Projected on (3/5, 4/5): 3, 4 and in the style 5 twice; squares 4 and 1.
    ours = SlicedSample(torch.tensor([[[0.0, 5.0], [5.0, 0.0]]]), torch.tensor([[0.6, 0.8]]))
    style = Sample(torch.tensor([[[3.0, 4.0], [3.0, 4.0]]]))
    assert float(SlicedLoss(form="mean").distance(ours, style)) == pytest.approx((4 + 1) / 2)


def test_a_move_of_every_vector_costs_its_mean_square_over_channels_on_average():
    features = maps(1, 3, 4, 4)
    move = torch.tensor([1.0, 0.0, -2.0], dtype=torch.float64).view(1, 3, 1, 1)
    value = float(distance(features + move, features, directions=4000))
    assert value == pytest.approx((1 + 4) / 3, rel=0.05)


@pytest.mark.parametrize("form", FORMS)
def test_a_batch_is_the_mean_of_its_samples(form):
    features, style = maps(3, 4, 5, 5), maps(1, 4, 6, 6, seed=2)
    singles = [float(distance(f[None], style, form)) for f in features]
    assert float(distance(features, style, form)) == pytest.approx(np.mean(singles), rel=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_gradient_passes_gradcheck(form):
    features, style = maps(1, 3, 3, 4).requires_grad_(), maps(1, 3, 4, 4, seed=2)
    assert gradcheck(lambda f: distance(f, style, form), (features,))
    assert gradcheck(lambda f: distance(f, style, form, positions=7), (features,))


def test_the_order_of_positions_does_not_count():
    features, style = maps(1, 4, 5, 5), maps(1, 4, 6, 6, seed=2)
    shuffled = features.flatten(2)[..., torch.randperm(25)].view_as(features)
    assert float(distance(shuffled, style)) == pytest.approx(float(distance(features, style)))


def test_it_tells_distributions_of_equal_means_and_covariances():
    two = torch.tensor([-1.0, 1.0, -1.0, 1.0], dtype=torch.float64).view(1, 1, 2, 2)
    three = torch.tensor([-(2**0.5), 0.0, 0.0, 2**0.5], dtype=torch.float64).view(1, 1, 2, 2)
    assert float(two.square().mean()) == pytest.approx(float(three.square().mean()))
    assert float(distance(two, three)) == pytest.approx((2 * (2**0.5 - 1) ** 2 + 2) / 4)


@pytest.mark.parametrize("form", FORMS)
def test_zero_at_the_target(form):
    features = maps(1, 6, 5, 5)
    assert float(distance(features, features, form)) == 0
