"""Samples of feature vectors: how many, which, and how those of several styles mix."""

import pytest
import torch

from impasto.losses.sampled import Sample, SampledLoss


def sampled(features, count, weight=None, generator=None) -> torch.Tensor:
    return SampledLoss(count).summarize(features, weight, generator).rows


def numbered(channels: int, height: int, width: int) -> torch.Tensor:
    """Features whose first channel is the position's number."""
    first = torch.arange(float(height * width)).view(1, 1, height, width)
    return torch.cat([first, torch.zeros(1, channels - 1, height, width)], 1)


def test_a_sample_covers_the_picture_evenly():
    rows = sampled(numbered(3, 8, 8), 16, generator=torch.Generator().manual_seed(1))
    assert rows.shape == (1, 16, 3)
    assert (rows[0, :, 0] // 4).tolist() == list(range(16))


def test_a_small_map_is_taken_whole_in_its_order():
    assert sampled(numbered(2, 3, 3), 100)[0, :, 0].tolist() == list(range(9))


def test_bf16_features_are_widened():
    assert sampled(numbered(2, 3, 3).bfloat16(), 4).dtype == torch.float32


def test_a_weight_of_zero_leaves_positions_out():
    weight = torch.zeros(1, 1, 4, 4)
    weight[..., :2, :] = 1.0
    drawn = sampled(numbered(2, 4, 4), 8, weight, torch.Generator().manual_seed(1))
    assert drawn[0, :, 0].tolist() == list(range(8))


def test_the_gradient_reaches_the_sampled_positions_alone():
    features = numbered(2, 4, 4).requires_grad_()
    sampled(features, 4).sum().backward()
    assert features.grad[0, 0].flatten().tolist() == [0, 0, 1, 0] * 4


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.75, 0.25), (0.0, 1.0)])
def test_each_style_has_its_share_of_a_mix_whatever_its_size(shares):
    one, two = Sample(torch.zeros(1, 40, 3)), Sample(torch.ones(1, 12, 3))
    mixed = SampledLoss().mixed([one, two], shares)
    assert mixed.rows.shape == (1, 40, 3)
    assert float(mixed.rows.mean()) == pytest.approx(shares[1], abs=1 / 40)


def test_one_style_is_its_own_mix():
    one = Sample(torch.rand(1, 7, 3))
    assert SampledLoss().mixed([one], [1.0]) is one
