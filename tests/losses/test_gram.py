"""Gram matrices: the paper's worked example, eq. 3 to 5 in NumPy, and pictures of unlike size."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from impasto.losses.content import ContentLoss
from impasto.losses.gram import GramLoss, gram_matrix
from impasto.losses.moments import MomentsLoss


def maps(*shape: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def shuffled(features: torch.Tensor, seed: int = 3) -> torch.Tensor:
    order = torch.randperm(features[0, 0].numel(), generator=torch.Generator().manual_seed(seed))
    return features.flatten(2)[..., order].view(features.shape)


class TestWorkedExample:
    """A 4 x 4 image seen by 8 filters: an 8 x 16 feature matrix, an 8 x 8 Gram matrix."""

    # Filter k answers position p with (k p + k + p) mod 4, so that every number is small and whole.
    matrix = np.array([[(k * p + k + p) % 4 for p in range(16)] for k in range(8)])
    features = torch.tensor(matrix, dtype=torch.float64).view(1, 8, 4, 4)

    def test_feature_and_gram_matrix_have_the_shapes_of_the_example(self):
        assert self.matrix.shape == (8, 16)
        assert gram_matrix(self.features).shape == (1, 8, 8)

    def test_entries_by_hand(self):
        # Filter 0 answers 0 1 2 3 four times; filter 1 answers 1 3 1 3 ...; filter 3 only 3s.
        assert self.matrix[0].tolist() == [0, 1, 2, 3] * 4
        assert self.matrix[1].tolist() == [1, 3] * 8
        assert self.matrix[3].tolist() == [3] * 16
        gram = gram_matrix(self.features)[0]
        assert gram[0, 0] == 4 * (0 + 1 + 4 + 9)
        assert gram[0, 1] == 4 * (0 * 1 + 1 * 3 + 2 * 1 + 3 * 3)
        assert gram[0, 3] == 4 * (0 + 3 + 6 + 9)
        assert gram[1, 1] == 8 * (1 + 9)
        assert gram[3, 3] == 16 * 9

    def test_all_entries_are_sums_over_positions(self):
        wanted = [
            [sum(int(a) * int(b) for a, b in zip(i, j, strict=True)) for j in self.matrix]
            for i in self.matrix
        ]
        assert gram_matrix(self.features)[0].tolist() == wanted

    def test_shuffled_positions_change_the_content_but_not_the_gram_matrix(self):
        moved = shuffled(self.features)
        assert not torch.equal(moved, self.features)
        assert torch.equal(gram_matrix(moved), gram_matrix(self.features))
        assert float(ContentLoss("paper").distance(moved, self.features)) > 0
        for loss in (GramLoss("paper"), GramLoss("relative"), MomentsLoss()):
            value = loss.distance(loss.summarize(moved), loss.summarize(self.features))
            assert float(value) == pytest.approx(0, abs=1e-20)


def paper_layer_loss(features: np.ndarray, style: np.ndarray) -> float:
    """Gatys et al. 2016, eq. 3 and 4, for (C, H, W) of the same size."""
    f, s = (a.reshape(len(a), -1) for a in (features, style))
    n, m = f.shape
    return float(((f @ f.T - s @ s.T) ** 2).sum() / (4 * n**2 * m**2))


def test_paper_form_is_equation_4():
    features, style = maps(1, 5, 4, 6), maps(1, 5, 4, 6, seed=2)
    loss = GramLoss("paper")
    value = loss.distance(loss.summarize(features), loss.summarize(style))
    wanted = paper_layer_loss(features[0].numpy(), style[0].numpy())
    assert float(value) == pytest.approx(wanted, rel=1e-6)  # sums are taken in float64
    assert float(value) == pytest.approx(wanted, rel=1e-12)


def test_mean_and_relative_forms():
    features, style = maps(1, 5, 4, 6), maps(1, 5, 4, 6, seed=2)
    paper = paper_layer_loss(features[0].numpy(), style[0].numpy())
    rows = style[0].flatten(1).numpy()
    size = np.mean((rows @ rows.T / 24) ** 2)
    for form, wanted in (("mean", 4 * paper), ("relative", 4 * paper / size)):
        loss = GramLoss(form)
        value = float(loss.distance(loss.summarize(features), loss.summarize(style)))
        assert value == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("form", ["paper", "mean", "relative"])
def test_a_style_of_another_size_counts_per_position(form):
    """A style tiled 3 times has thrice the positions and the same loss."""
    features, style = maps(1, 3, 4, 4), maps(1, 3, 4, 4, seed=2)
    loss = GramLoss(form)
    once = loss.distance(loss.summarize(features), loss.summarize(style))
    tiled = loss.distance(loss.summarize(features), loss.summarize(style.repeat(1, 1, 1, 3)))
    assert float(once) == pytest.approx(float(tiled), rel=1e-12)


@pytest.mark.parametrize("loss", [GramLoss("paper"), GramLoss("mean"), GramLoss("relative")])
def test_a_batch_is_the_mean_of_its_samples(loss):
    features, target = maps(3, 4, 5, 5), loss.summarize(maps(1, 4, 3, 3, seed=2))
    singles = [float(loss.distance(loss.summarize(f[None]), target)) for f in features]
    value = float(loss.distance(loss.summarize(features), target))
    assert value == pytest.approx(np.mean(singles), rel=1e-12)


@pytest.mark.parametrize("form", ["paper", "mean", "relative"])
def test_gradient_passes_gradcheck(form):
    loss = GramLoss(form)
    target = loss.summarize(maps(1, 3, 2, 2, seed=2))
    features = maps(2, 3, 3, 2).requires_grad_()
    assert gradcheck(lambda f: loss.distance(loss.summarize(f), target), (features,))


def test_the_gradient_is_equation_6():
    """dE/dF = F^T (G - A) / (N^2 M^2), where the features are positive."""
    features, style = maps(1, 3, 4, 4).abs().requires_grad_(), maps(1, 3, 4, 4, seed=2)
    loss = GramLoss("paper")
    loss.distance(loss.summarize(features), loss.summarize(style)).backward()
    f, s = features.detach()[0].flatten(1), style[0].flatten(1)
    wanted = (f @ f.T - s @ s.T) @ f / (3**2 * 16**2)
    torch.testing.assert_close(features.grad[0].flatten(1), wanted, rtol=1e-11, atol=1e-14)
