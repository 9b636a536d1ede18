"""Content loss against sums done by hand and in NumPy."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from impasto.errors import ShapeError
from impasto.losses.content import ContentLoss


def maps(*shape: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def test_by_hand():
    features = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    target = torch.tensor([[[[1.0, 0.0], [0.0, 4.0]]]])  # differences 0, 2, 3, 0: squares 4 + 9
    assert float(ContentLoss("paper").distance(features, target)) == 13 / 2
    assert float(ContentLoss("mean").distance(features, target)) == 13 / 4
    assert float(ContentLoss("relative").distance(features, target)) == pytest.approx(13 / 17)


@pytest.mark.parametrize("form", ["paper", "mean", "relative"])
def test_equals_numpy_and_is_the_mean_over_the_batch(form):
    features, target = maps(3, 4, 5, 6), maps(1, 4, 5, 6, seed=2)
    wanted = target.numpy()[0]
    each = []
    for sample in features.numpy():
        squares = (sample - wanted) ** 2
        each.append(
            {
                "paper": squares.sum() / 2,
                "mean": squares.mean(),
                "relative": squares.sum() / (wanted**2).sum(),
            }[form]
        )
    value = ContentLoss(form).distance(ContentLoss(form).summarize(features), target)
    assert float(value) == pytest.approx(np.mean(each), rel=1e-12)


@pytest.mark.parametrize("form", ["paper", "mean", "relative"])
def test_a_batch_with_a_target_each_is_the_mean_of_its_samples(form):
    loss, features, target = ContentLoss(form), maps(2, 3, 4, 4), maps(2, 3, 4, 4, seed=2)
    target[1] *= 3
    singles = [float(loss.distance(features[i : i + 1], target[i : i + 1])) for i in range(2)]
    assert float(loss.distance(features, target)) == pytest.approx(np.mean(singles), rel=1e-12)


@pytest.mark.parametrize("form", ["paper", "mean", "relative"])
def test_gradient_passes_gradcheck(form):
    target = maps(1, 2, 3, 3, seed=2)
    features = maps(2, 2, 3, 3).requires_grad_()
    assert gradcheck(lambda f: ContentLoss(form).distance(f, target), (features,))


def test_the_papers_gradient_is_the_difference():
    """Gatys et al. 2016, eq. 2: dL/dF = F - P (before the ReLU's own gradient)."""
    features, target = maps(1, 2, 3, 3).requires_grad_(), maps(1, 2, 3, 3, seed=2)
    ContentLoss("paper").distance(features, target).backward()
    torch.testing.assert_close(features.grad, features.detach() - target)


def test_zero_at_the_target_with_zero_gradient():
    target = maps(1, 2, 3, 3)
    for form in ("paper", "mean", "relative"):
        features = target.clone().requires_grad_()
        value = ContentLoss(form).distance(features, target)
        value.backward()
        assert value.item() == 0
        assert features.grad.abs().max() == 0


def test_relative_to_a_target_of_zeros_is_finite():
    zeros = torch.zeros(1, 2, 2, 2)
    assert ContentLoss("relative").distance(zeros + 1, zeros).isfinite()
    assert float(ContentLoss("relative").distance(zeros, zeros)) == 0


def test_a_mask_weighs_squares_whole():
    features, target = maps(1, 2, 3, 3), maps(1, 2, 3, 3, seed=2)
    mask = torch.rand(1, 1, 3, 3, dtype=torch.float64)
    loss = ContentLoss("paper")
    value = loss.distance(loss.summarize(features, mask), loss.summarize(target, mask))
    assert float(value) == pytest.approx(float(((features - target) ** 2 * mask).sum() / 2))


def test_bf16_features_are_compared_in_float32():
    features = torch.full((1, 1, 100, 100), 1.0078125, dtype=torch.bfloat16)
    value = ContentLoss("paper").distance(features, torch.ones_like(features))
    assert value.dtype == torch.float32
    assert float(value) == pytest.approx(10_000 * 0.0078125**2 / 2, rel=1e-5)


def test_only_the_paper_form_grows_with_the_picture():
    for form, grows in (("paper", True), ("mean", False), ("relative", False)):
        loss = ContentLoss(form)
        small, large = (
            float(loss.distance(torch.ones(1, 2, side, side), 3 * torch.ones(1, 2, side, side)))
            for side in (4, 8)
        )
        assert large / small == pytest.approx(4 if grows else 1)
        assert loss.sums is grows


def test_another_grid_is_refused():
    with pytest.raises(ShapeError, match=r"\(1, 2, 3, 3\)"):
        ContentLoss().distance(maps(1, 2, 4, 3), maps(1, 2, 3, 3))
