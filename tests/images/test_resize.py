"""Resizing keeps constants, lines and means; sizes keep proportions."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.errors import InputError, ShapeError
from impasto.images import resize, scaled_size

sides = st.integers(1, 40)


def bicubic(x, a=-0.5):
    """Keys's kernel: 1 at 0, and 0 from 2 on."""
    x = np.abs(x)
    near = (a + 2) * x**3 - (a + 3) * x**2 + 1
    far = a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def filter_matrix(size, new_size):
    """(new_size, size): the weights of each old sample in each new one, in float64."""
    scale = size / new_size
    width = max(scale, 1.0)  # widening the kernel is what avoids aliasing
    centers = (np.arange(new_size) + 0.5) * scale
    weights = bicubic((np.arange(size)[None] + 0.5 - centers[:, None]) / width)
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("new", [(11, 9), (40, 31), (5, 60), (1, 1)])
def test_equals_an_independent_bicubic_filter(new):
    image = np.random.default_rng(0).uniform(size=(2, 3, 23, 17))
    rows, columns = filter_matrix(23, new[0]), filter_matrix(17, new[1])
    expected = np.clip(rows @ image @ columns.T, 0, 1)
    resized = resize(torch.from_numpy(image), *new)
    np.testing.assert_allclose(resized.numpy(), expected, atol=1e-12)


def test_a_ramp_stays_a_ramp():
    ramp = torch.linspace(0.5 / 64, 1 - 0.5 / 64, 64).expand(1, 3, 8, 64)
    smaller = resize(ramp, 8, 16)
    expected = (np.arange(16) + 0.5) / 16
    np.testing.assert_allclose(smaller[0, 0, 0, 2:-2].numpy(), expected[2:-2], atol=1e-6)


def test_fine_stripes_turn_gray_instead_of_aliasing():
    stripes = torch.tensor([0.0, 1.0]).repeat(64).expand(1, 1, 128, 128)
    smaller = resize(stripes, 30, 30)[..., 2:-2, 2:-2]
    torch.testing.assert_close(smaller, torch.full_like(smaller, 0.5), atol=0.02, rtol=0)


@given(sides, sides, sides, sides, st.floats(0, 1, width=32))
def test_a_constant_stays_constant(height, width, new_height, new_width, value):
    resized = resize(torch.full((1, 1, height, width), value), new_height, new_width)
    assert resized.shape == (1, 1, new_height, new_width)
    torch.testing.assert_close(resized, torch.full_like(resized, value))


@given(sides, sides, sides, sides)
def test_values_stay_in_range(height, width, new_height, new_width):
    resized = resize(torch.rand(1, 3, height, width).round(), new_height, new_width)
    assert resized.min() >= 0
    assert resized.max() <= 1


def test_the_same_size_is_the_same_picture():
    image = torch.rand(1, 3, 5, 6)
    assert torch.equal(resize(image, 5, 6), image)


def test_gradients_pass():
    image = torch.full((1, 3, 8, 8), 0.5, requires_grad=True)
    resize(image, 4, 4).sum().backward()
    torch.testing.assert_close(image.grad.sum(), torch.tensor(48.0))


def test_other_shapes_are_refused():
    with pytest.raises(ShapeError, match="batch"):
        resize(torch.zeros(3, 4, 4), 2, 2)
    with pytest.raises(InputError, match="at least 1 x 1"):
        resize(torch.zeros(1, 3, 4, 4), 0, 2)


@pytest.mark.parametrize(
    ("size", "long_side", "expected"),
    [
        ((300, 400), 512, (384, 512)),
        ((400, 300), 512, (512, 384)),
        ((1080, 1920), 512, (288, 512)),
        ((100, 100), 7, (7, 7)),
        ((1, 1000), 10, (1, 10)),
        ((333, 500), 100, (67, 100)),
    ],
)
def test_scaled_sizes(size, long_side, expected):
    assert scaled_size(*size, long_side) == expected


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 5000))
def test_the_long_side_is_exact_and_proportions_are_kept(height, width, long_side):
    new_height, new_width = scaled_size(height, width, long_side)
    assert max(new_height, new_width) == long_side
    assert min(new_height, new_width) >= 1
    exact = min(height, width) * long_side / max(height, width)
    assert abs(min(new_height, new_width) - max(exact, 1)) <= 0.5


def test_scaled_sizes_need_a_side():
    with pytest.raises(InputError, match="at least 1 pixel"):
        scaled_size(300, 400, 0)
