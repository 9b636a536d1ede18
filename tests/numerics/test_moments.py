"""Raw moments against NumPy."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck

from impasto.numerics.moments import RawMoments, raw_moments


def maps(*shape: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def in_numpy(features: torch.Tensor, weight: torch.Tensor | None = None):
    """Count, first and second, with one einsum over each position and no trick."""
    f = features.double().numpy()
    w = np.ones((len(f), 1, *f.shape[2:])) if weight is None else weight.double().numpy()
    w = np.broadcast_to(w, (len(f), 1, *f.shape[2:]))[:, 0]
    return (
        w.sum((1, 2)),
        np.einsum("nhw,nchw->nc", w, f),
        np.einsum("nhw,nchw,ndhw->ncd", w, f, f),
    )


def assert_moments(got, wanted, **tolerance):
    for tensor, array in zip((got.count, got.first, got.second), wanted, strict=True):
        assert tensor.dtype == torch.float64
        np.testing.assert_allclose(tensor.numpy(), array, **tolerance)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float64, 1e-12), (torch.float32, 1e-5), (torch.bfloat16, 1e-5)],
)
def test_sums_equal_numpy(layout, dtype, tolerance):
    """Those of bf16 too, from the features as they were rounded: products are taken in float32."""
    features = maps(2, 5, 7, 6).to(dtype).contiguous(memory_format=layout)
    assert_moments(raw_moments(features), in_numpy(features), rtol=tolerance, atol=100 * tolerance)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("samples", [1, 2])
def test_weighted_sums_equal_numpy(layout, samples):
    features = maps(2, 5, 7, 6).contiguous(memory_format=layout)
    weight = maps(samples, 1, 7, 6, seed=2).abs()
    assert_moments(raw_moments(features, weight), in_numpy(features, weight), rtol=1e-10)


def test_bf16_stays_close_to_the_exact_features():
    exact = maps(1, 4, 64, 64)
    rounded = raw_moments(exact.bfloat16()).per_position()
    np.testing.assert_allclose(rounded.second, raw_moments(exact).per_position().second, atol=0.01)


@settings(max_examples=40)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 9), st.booleans())
def test_parts_add_up_to_the_whole(height, width, cut, weighted):
    features, weight = maps(2, 3, height, width), maps(1, 1, height, width, seed=2).abs()
    weight = weight if weighted else None
    cut = min(cut, height)
    whole = raw_moments(features, weight)
    parts = [
        raw_moments(features[..., rows, :], None if weight is None else weight[..., rows, :])
        for rows in (slice(None, cut), slice(cut, None))
    ]
    total = parts[0] + parts[1]
    assert_moments(total, (whole.count, whole.first, whole.second), rtol=1e-10, atol=1e-12)


def test_mean_and_covariance_follow():
    features = maps(2, 4, 5, 6) + 3
    moments = raw_moments(features)
    for sample in range(2):
        rows = features[sample].flatten(1).numpy()
        np.testing.assert_allclose(moments.per_position().first[sample], rows.mean(1))
        np.testing.assert_allclose(
            moments.covariance()[sample], np.cov(rows, bias=True), atol=1e-12
        )


def test_scaling_counts_positions_more_often_and_leaves_means_alone():
    moments = raw_moments(maps(2, 3, 4, 5))
    twice = moments.scaled(2.0)
    assert_moments(twice, (2 * moments.count, 2 * moments.first, 2 * moments.second))
    np.testing.assert_allclose(twice.per_position().second, moments.per_position().second)
    np.testing.assert_allclose(twice.covariance(), moments.covariance(), atol=1e-15)
    assert moments.per_position().count.tolist() == [1, 1]


def test_a_weight_of_ones_or_zeros_is_a_selection():
    features = maps(1, 3, 4, 6)
    mask = torch.zeros(1, 1, 4, 6, dtype=torch.float64)
    mask[..., :2] = 1
    assert_moments(raw_moments(features, mask), in_numpy(features[..., :2]), rtol=1e-12)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_pass_gradcheck(layout, weighted):
    features = maps(2, 3, 3, 2).contiguous(memory_format=layout).requires_grad_()
    weight = maps(1, 1, 3, 2, seed=2).abs() if weighted else None

    def sums(f):
        moments = raw_moments(f, weight)
        return moments.first, moments.second, moments.covariance()

    assert gradcheck(sums, (features,))


def test_the_gradient_comes_in_the_features_type():
    for dtype in (torch.float32, torch.bfloat16):
        features = maps(1, 3, 4, 4).to(dtype).requires_grad_()
        raw_moments(features).second.sum().backward()
        assert features.grad.dtype == dtype
        exact = 2 * features.detach().double().sum(1, keepdim=True).expand(1, 3, 4, 4)
        torch.testing.assert_close(features.grad.double(), exact, rtol=2e-2, atol=2e-2)


def _unsymmetric_moments() -> RawMoments:
    """Sums whose second moments differ from their mirror in the last bits, as products may."""
    sums = raw_moments(maps(2, 5, 7, 6))
    return replace(sums, second=sums.second + torch.triu(torch.full((5, 5), 1e-9), 1))


def test_mirrored_sums_are_symmetric_to_the_last_bit_and_the_upper_half_stays():
    sums = _unsymmetric_moments()
    mirrored = sums.mirrored()
    assert not torch.equal(sums.second, sums.second.transpose(1, 2))
    assert torch.equal(mirrored.second, mirrored.second.transpose(1, 2))
    assert torch.equal(mirrored.second.triu(), sums.second.triu())
    assert torch.equal(mirrored.first, sums.first)


def test_mirrored_sums_come_back_from_one_triangle():
    sums = _unsymmetric_moments().mirrored()
    packed = sums.packed()
    assert packed[2].shape == (2, 5 * 6 // 2)
    np.testing.assert_array_equal(packed[2][0], sums.second[0].numpy()[np.triu_indices(5)])
    back = RawMoments.unpacked(*packed)
    for name in ("count", "first", "second"):
        assert torch.equal(getattr(back, name), getattr(sums, name))
