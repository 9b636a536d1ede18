"""Nearest-neighbor loss against NumPy and cases worked out by hand."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from impasto.losses.nearest import NearestLoss

FORMS = ("paper", "mean", "relative")


def maps(*shape: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.5


def distance(features, style, form="paper", **options) -> torch.Tensor:
    loss = NearestLoss(form=form, **options)
    return loss.distance(loss.summarize(features), loss.summarize(style))


def in_numpy(features: np.ndarray, style: np.ndarray, form: str) -> float:
    ours, theirs = (a.reshape(len(a), -1).T for a in (features, style))
    a, b = ours - ours.mean(0), theirs - theirs.mean(0)
    cosine = a @ b.T / np.linalg.norm(a, axis=1)[:, None] / np.linalg.norm(b, axis=1)
    if form == "paper":
        return (1 - cosine.max(1)).mean()
    squared = ((ours - theirs[cosine.argmax(1)]) ** 2).mean()
    return squared if form == "mean" else squared / (theirs**2).mean()


@pytest.mark.parametrize("form", FORMS)
def test_equals_numpy_whatever_the_styles_size(form):
    features, style = maps(1, 4, 5, 6), maps(1, 4, 3, 7, seed=2) * 2
    wanted = in_numpy(features[0].numpy(), style[0].numpy(), form)
    assert float(distance(features, style, form)) == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("form", FORMS)
def test_chunks_do_not_change_the_loss(form):
    features, style = maps(2, 4, 5, 6), maps(1, 4, 6, 6, seed=2)
    whole = float(distance(features, style, form))
    for largest in (1, 100, 333):
        assert float(distance(features, style, form, largest=largest)) == whole


@pytest.mark.parametrize("form", FORMS)
def test_a_batch_is_the_mean_of_its_samples(form):
    features, style = maps(3, 4, 5, 5), maps(1, 4, 6, 6, seed=2)
    singles = [float(distance(f[None], style, form)) for f in features]
    assert float(distance(features, style, form)) == pytest.approx(np.mean(singles), rel=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_gradient_passes_gradcheck(form):
    features, style = maps(1, 3, 3, 4).requires_grad_(), maps(1, 3, 4, 4, seed=2)
    assert gradcheck(lambda f: distance(f, style, form), (features,))


@pytest.mark.parametrize("form", FORMS)
def test_the_order_of_positions_does_not_count(form):
    features, style = maps(1, 4, 5, 5), maps(1, 4, 6, 6, seed=2)
    shuffled = features.flatten(2)[..., torch.randperm(25)].view_as(features)
    mixed = style.flatten(2)[..., torch.randperm(36)].view_as(style)
    assert float(distance(shuffled, mixed, form)) == pytest.approx(
        float(distance(features, style, form)), rel=1e-12
    )


def test_the_papers_form_is_blind_to_mean_and_contrast_and_the_others_are_not():
    features, style = maps(1, 4, 5, 5), maps(1, 4, 6, 6, seed=2)
    moved = 3 * features + 2
    assert float(distance(moved, style)) == pytest.approx(float(distance(features, style)))
    assert float(distance(moved, style, "mean")) > 2 * float(distance(features, style, "mean"))


def test_by_hand():
    # Less their means, (-1, 0) and (1, 0); the style's likewise (-3, 0), (3, 0), (0, 1), (0, -1):
    # matched are the first two, each 2 away in the first channel.
    features = torch.tensor([[-1.0, 1.0], [0.0, 0.0]]).view(1, 2, 1, 2)
    style = torch.tensor([[-3.0, 3.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]]).view(1, 2, 2, 2)
    assert float(distance(features, style, "mean")) == pytest.approx(4 / 2)
    assert float(distance(features, style, "relative")) == pytest.approx(2 / (20 / 8))
    assert float(distance(features, style, "paper")) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_not_all_of_the_style_need_appear(form):
    style = torch.tensor([[2.0, -2.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]]).view(1, 2, 2, 2)
    part = style[:, :, :1]
    assert float(distance(part, style, form)) == pytest.approx(0, abs=1e-6)
    assert float(distance(style, part, form)) > 0.2


@pytest.mark.parametrize("form", FORMS)
def test_flat_features_leave_the_gradient_finite(form):
    features = torch.zeros(1, 4, 4, 4, requires_grad=True)
    distance(features, maps(1, 4, 5, 5).float(), form).backward()
    assert features.grad.isfinite().all()
