"""Self-similarity against NumPy, and what it is blind to."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from impasto.errors import ShapeError
from impasto.losses.similarity import SelfSimilarityLoss

FORMS = ("paper", "mean", "relative")


def maps(*shape: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.5


def distance(features, content, form="relative", seed=None, **options) -> torch.Tensor:
    loss = SelfSimilarityLoss(form, **options)
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    return loss.distance(loss.summarize(features, generator=generator), loss.summarize(content))


def in_numpy(features: np.ndarray, content: np.ndarray, form: str) -> float:
    matrices = []
    for rows in (a.reshape(len(a), -1).T for a in (features, content)):
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        apart = 1 - unit @ unit.T
        matrices.append(apart / apart.sum(1, keepdims=True))
    difference = np.abs(matrices[0] - matrices[1])
    return difference.sum() / len(difference) if form == "relative" else difference.mean()


@pytest.mark.parametrize("form", FORMS)
def test_equals_numpy(form):
    features, content = maps(1, 4, 5, 6), maps(1, 4, 5, 6, seed=2)
    wanted = in_numpy(features[0].numpy(), content[0].numpy(), form)
    assert float(distance(features, content, form)) == pytest.approx(wanted, rel=1e-9)


def test_sampled_positions_are_the_same_in_both_pictures():
    features, content = maps(1, 4, 6, 6), maps(1, 4, 6, 6, seed=2)
    loss = SelfSimilarityLoss(positions=9)
    measured = loss.summarize(features, generator=torch.Generator().manual_seed(3))
    at = measured.at.numpy()
    assert len(set(at)) == 9
    parts = [a[0].flatten(1).numpy()[:, at] for a in (features, content)]
    value = loss.distance(measured, loss.summarize(content))
    assert float(value) == pytest.approx(in_numpy(*parts, "relative"), rel=1e-9)
    other = distance(features, content, seed=4, positions=9)
    assert float(other) != pytest.approx(float(value), rel=1e-3)


@pytest.mark.parametrize("form", FORMS)
def test_a_batch_is_the_mean_of_its_samples(form):
    features, content = maps(3, 4, 4, 4), maps(1, 4, 4, 4, seed=2)
    singles = [float(distance(f[None], content, form)) for f in features]
    assert float(distance(features, content, form)) == pytest.approx(np.mean(singles), rel=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_gradient_passes_gradcheck(form):
    features, content = maps(1, 3, 3, 4).requires_grad_(), maps(1, 3, 3, 4, seed=2)
    assert gradcheck(lambda f: distance(f, content, form, positions=7), (features,))


def test_length_and_rotation_of_feature_vectors_do_not_count():
    features = maps(1, 3, 4, 4)
    turn = torch.linalg.qr(maps(3, 3, seed=3)).Q
    turned = torch.einsum("ij,njhw->nihw", turn, features) * (1 + maps(1, 1, 4, 4, seed=4).abs())
    assert float(distance(turned, features)) == pytest.approx(0, abs=1e-12)


def test_positions_count():
    features = maps(1, 3, 4, 4)
    shuffled = features.flatten(2)[..., torch.randperm(16)].view_as(features)
    assert float(distance(shuffled, features)) > 0.1


def test_zero_with_a_finite_gradient_at_the_target_also_where_it_is_flat():
    for content in (maps(1, 3, 4, 4), torch.ones(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)):
        features = content.clone().requires_grad_()
        value = distance(features, content)
        value.backward()
        assert value.item() == 0
        assert features.grad.isfinite().all()


def test_another_grid_is_refused():
    with pytest.raises(ShapeError, match=r"\(3, 8\)"):
        distance(maps(1, 2, 4, 6), maps(1, 2, 3, 8))
