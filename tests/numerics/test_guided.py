"""The guided filter smooths noise and keeps the guide's edges."""

import torch

from impasto.numerics.guided import guided


def step(height=64, width=64):
    return (torch.arange(width) >= width // 2).double().expand(1, 1, height, width)


def test_a_constant_stays():
    planes = torch.full((1, 2, 30, 40), 0.3, dtype=torch.float64)
    guide = torch.rand(1, 1, 30, 40, dtype=torch.float64)
    torch.testing.assert_close(guided(planes, guide, 6.0, 0.03), planes, rtol=0, atol=1e-9)


def test_noise_on_a_flat_guide_goes():
    planes = torch.randn(1, 1, 64, 64, dtype=torch.float64)
    smooth = guided(planes, torch.full_like(planes, 0.5), 5.0, 0.03)
    assert float(smooth[..., 12:-12, 12:-12].std()) < 0.15


def test_an_edge_of_the_guide_stays_sharp():
    edge = step()
    kept = guided(2 * edge, edge, 4.0, 0.03)
    torch.testing.assert_close(kept, 2 * edge, rtol=0, atol=0.02)
    lost = guided(2 * edge, torch.zeros_like(edge), 4.0, 0.03)
    assert float((lost - 2 * edge).abs().max()) > 0.5


def test_the_size_is_kept_for_small_and_odd_pictures():
    for height, width, sigma in ((1, 1, 1.0), (5, 7, 1.0), (33, 81, 9.0)):
        planes = torch.rand(1, 3, height, width)
        assert guided(planes, planes[:, :1], sigma, 0.03).shape == planes.shape
