"""Content kept: against NumPy in float64, and on pictures whose answer is known."""

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view

from impasto.errors import LayerError, ShapeError
from impasto.metrics.content import deep_distance, edge_agreement, ssim_luma
from impasto.numerics.filters import blurred

ALONG = 128
"""Long side of the test pictures, so that nothing is resized."""


def ssim_in_numpy(image, content):
    """Wang et al. 2004 window by window, as weighted means, variances and covariances."""
    x, y = (np.tensordot([0.299, 0.587, 0.114], p[0].double().numpy(), 1) for p in (image, content))
    offsets = np.arange(-5, 6)
    weights = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * 1.5**2))
    weights /= weights.sum()
    values = []
    for a, b in zip(
        *(sliding_window_view(p, (11, 11)).reshape(-1, 11, 11) for p in (x, y)), strict=True
    ):
        mean_a, mean_b = (weights * a).sum(), (weights * b).sum()
        variance_a = (weights * (a - mean_a) ** 2).sum()
        variance_b = (weights * (b - mean_b) ** 2).sum()
        covariance = (weights * (a - mean_a) * (b - mean_b)).sum()
        values.append(
            (2 * mean_a * mean_b + 1e-4)
            * (2 * covariance + 9e-4)
            / ((mean_a**2 + mean_b**2 + 1e-4) * (variance_a + variance_b + 9e-4))
        )
    return np.mean(values)


@pytest.mark.parametrize("case", ["noisy", "inverted", "blurred", "unrelated"])
def test_ssim_equals_numpy(photo, pictures, case):
    image = {
        "noisy": lambda: pictures.noisy(photo, 0.1),
        "inverted": lambda: 1 - photo,
        "blurred": lambda: blurred(photo, 2.0),
        "unrelated": lambda: pictures.scene(seed=40),
    }[case]()
    assert ssim_luma(image, photo, side=ALONG) == pytest.approx(
        ssim_in_numpy(image, photo), abs=1e-6
    )


def test_equal_pictures_keep_everything(photo, tiny):
    assert ssim_luma(photo, photo) == pytest.approx(1, abs=1e-9)
    assert edge_agreement(photo, photo) == pytest.approx(1, abs=1e-9)
    assert deep_distance(photo, photo, tiny.extractor()) == 0


def test_more_blur_and_more_noise_keep_less(photo, pictures, tiny):
    for spoiled in (
        [blurred(photo, sigma) for sigma in (1.0, 2.0, 4.0, 8.0)],
        [pictures.noisy(photo, amount) for amount in (0.05, 0.1, 0.2, 0.4)],
    ):
        ssim = [1, *(ssim_luma(image, photo) for image in spoiled)]
        deep = [0, *(deep_distance(image, photo, tiny.extractor()) for image in spoiled)]
        assert ssim == sorted(ssim, reverse=True)
        assert deep == sorted(deep)


def test_other_places_and_other_pictures_keep_nothing(photo, pictures):
    for image in (pictures.shuffled(photo, 8), pictures.scene(seed=40), pictures.scene(seed=70)):
        assert ssim_luma(image, photo) < 0.4
        assert abs(edge_agreement(image, photo)) < 0.3


def test_edges_survive_another_palette(photo):
    """Paler, inverted, or with brightness turned into color: the edges stay where they were."""
    assert edge_agreement(0.5 + 0.3 * (photo - 0.5), photo) == pytest.approx(1, abs=1e-3)
    assert edge_agreement(1 - photo, photo) == pytest.approx(1, abs=1e-3)
    red = torch.tensor([0.587, -0.299, 0]).view(1, 3, 1, 1)  # of one luma everywhere
    step = (torch.arange(128) >= 64).float().expand(1, 3, 96, 128)
    assert edge_agreement(0.5 + 0.4 * red * (2 * step - 1), 0.2 + 0.6 * step) > 0.99


def test_a_small_shift_of_edges_is_forgiven(photo):
    by = {pixels: edge_agreement(photo.roll(pixels, 3), photo, side=ALONG) for pixels in (1, 2, 12)}
    assert by[1] > 0.9
    assert by[2] > 0.7
    assert by[12] < 0.4


def test_a_blank_picture_has_no_edges(photo):
    assert edge_agreement(torch.full_like(photo, 0.5), photo) == 0
    assert edge_agreement(photo, torch.full_like(photo, 0.5)) == 0


def test_the_size_of_the_image_hardly_matters(photo):
    double = torch.nn.functional.interpolate(photo, scale_factor=2, mode="bicubic").clamp(0, 1)
    assert ssim_luma(double, photo) > 0.98
    assert edge_agreement(double, photo) > 0.98


def test_deep_distance_equals_numpy(photo, painting, tiny):
    image = painting[..., :96]
    content = photo[..., :96]
    extractor = tiny.extractor()
    a, b = (extractor(p, ["relu3_2"])["relu3_2"].numpy() for p in (image, content))
    wanted = ((a - b) ** 2).sum() / (b**2).sum()
    found = deep_distance(image, content, extractor, "relu3_2")
    assert found == pytest.approx(wanted, rel=1e-6)


def test_any_function_of_the_shape_judges(photo):
    def pixels(image, layers):
        return dict.fromkeys(layers, image)

    assert deep_distance(photo * 0.5, photo, pixels, "any") == pytest.approx(0.25, rel=1e-5)


def test_what_cannot_be_measured_is_refused(photo, tiny):
    for measure in (ssim_luma, edge_agreement):
        with pytest.raises(ShapeError, match="the image as a batch of one"):
            measure(photo[:, :1], photo)
        with pytest.raises(ShapeError, match="the content as a batch of one"):
            measure(photo, photo[0])
        with pytest.raises(ShapeError, match="at least 11 px"):
            measure(photo, torch.rand(1, 3, 4, 128))
    with pytest.raises(ShapeError, match="for relu4_2"):
        deep_distance(photo[..., :4, :4], photo, tiny.extractor())
    with pytest.raises(LayerError, match="relu9_1"):
        deep_distance(photo, photo, tiny.extractor(), "relu9_1")
