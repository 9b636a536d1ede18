"""Transport: moments and quantiles agree afterwards; known maps are found."""

import numpy as np
import pytest
import torch

from impasto.numerics.transport import line_map, linear_transport, sliced_transport


def cloud(count, seed, *, skewed=True):
    generator = np.random.default_rng(seed)
    points = generator.normal(size=(count, 3)) @ generator.normal(size=(3, 3))
    points = np.exp(points / 3) if skewed else points
    return torch.from_numpy(points * 0.1 + generator.uniform(size=3))


@pytest.mark.parametrize("skewed", [True, False])
def test_mean_and_covariance_agree_after_the_linear_map(skewed):
    source, target = cloud(500, 1, skewed=skewed), cloud(700, 2, skewed=skewed)
    moved = linear_transport(source, target)(source).numpy()
    np.testing.assert_allclose(moved.mean(0), target.numpy().mean(0), atol=1e-10)
    wanted = np.cov(target.numpy().T, bias=True)
    np.testing.assert_allclose(np.cov(moved.T, bias=True), wanted, atol=1e-10)


def test_the_linear_map_is_the_one_that_moves_least():
    """A symmetric positive matrix is optimal (Brenier); a rotation of the result would not be."""
    source, target = cloud(500, 1), cloud(700, 2)
    matrix = linear_transport(source, target).matrix.numpy()
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-10)
    assert np.linalg.eigvalsh(matrix).min() > 0


def test_noise_is_not_blown_up():
    generator = torch.Generator().manual_seed(0)
    source = torch.randn(2000, 3, generator=generator, dtype=torch.float64)
    source *= torch.tensor([0.2, 0.2, 1e-4], dtype=torch.float64)
    target = cloud(700, 2, skewed=False)
    plain = linear_transport(source, target).matrix.norm()
    assert float(plain) > 100
    assert float(linear_transport(source, target, noise=0.01).matrix.norm()) < 50


def test_a_cloud_of_one_point_can_be_moved():
    flat = torch.full((10, 3), 0.5, dtype=torch.float64)
    for find in (linear_transport, sliced_transport):
        moved = find(flat, cloud(700, 2))(flat)
        assert moved.isfinite().all()
        assert float(moved.std(0).max()) < 1e-9


def test_quantiles_agree_after_the_sliced_map():
    source, target = cloud(3000, 1), cloud(4000, 2)
    moved = sliced_transport(source, target)(source).numpy()
    levels = np.linspace(0.02, 0.98, 25)
    found, wanted = (np.quantile(p, levels, axis=0) for p in (moved, target.numpy()))
    np.testing.assert_allclose(found, wanted, atol=1e-3)
    linear = linear_transport(source, target)(source).numpy()
    assert np.abs(np.quantile(linear, levels, axis=0) - wanted).max() > 0.01  # moments are less


def test_the_sliced_map_agrees_along_other_axes_too():
    source, target = cloud(3000, 1), cloud(4000, 2)
    axis = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    levels = np.linspace(0.05, 0.95, 19)
    wanted = np.quantile((target @ axis).numpy(), levels)

    def error(points):
        return np.abs(np.quantile((points @ axis).numpy(), levels) - wanted).max()

    moved = sliced_transport(source, target)(source)
    assert error(moved) < 0.3 * error(linear_transport(source, target)(source))


def test_it_is_the_same_each_time():
    source, target = cloud(300, 1), cloud(400, 2)
    first = sliced_transport(source, target)(source)
    torch.manual_seed(77)
    assert torch.equal(first, sliced_transport(source, target)(source))


def test_float32_points_move_alike():
    source, target = cloud(300, 1), cloud(400, 2)
    move = sliced_transport(source, target)
    found = move(source.float())
    assert found.dtype == torch.float32
    # Where the source's points are sparse the map is steep, and rounding grows.
    assert float((found.double() - move(source)).abs().mean()) < 1e-4


class TestLine:
    AXES = torch.eye(1, dtype=torch.float64)

    def found(self, source, target, at):
        columns = [torch.tensor(v, dtype=torch.float64)[:, None] for v in (source, target, at)]
        return line_map(columns[0], columns[1], self.AXES)(columns[2]).flatten().tolist()

    def test_a_line_is_stretched(self):
        line = np.linspace(0, 1, 100).tolist()
        wider = np.linspace(2, 4, 100).tolist()
        assert self.found(line, wider, [0.25, 0.5]) == pytest.approx([2.5, 3.0])

    def test_beyond_the_ends_points_move_along(self):
        assert self.found([0.0, 1.0], [2.0, 4.0], [-0.5, 1.5]) == pytest.approx([1.5, 4.5])

    def test_many_of_one_value_go_to_the_middle_of_their_places(self):
        source = [0.0] * 500 + [1.0] * 500
        target = np.linspace(0, 1, 1000).tolist()
        assert self.found(source, target, [0.0, 1.0]) == pytest.approx([0.25, 0.75], abs=2e-3)
