"""Moments distance against NumPy in float64, and on pictures whose answer is known."""

import numpy as np
import pytest
import torch

from impasto.errors import LayerError, ShapeError
from impasto.metrics.style import MOMENT_LAYERS, moments_distance

LAYERS = ("relu1_1", "relu2_1", "relu3_1")


def in_numpy(maps, wanted):
    rows, target = (m[0].reshape(m.shape[1], -1).double().numpy() for m in (maps, wanted))
    mean, covariance = rows.mean(1), np.cov(rows, bias=True)
    wanted_mean, wanted_covariance = target.mean(1), np.cov(target, bias=True)
    return ((mean - wanted_mean) ** 2).sum() / (wanted_mean**2).sum() + (
        (covariance - wanted_covariance) ** 2
    ).sum() / (wanted_covariance**2).sum()


def test_equals_numpy(photo, pictures, tiny):
    style, extractor = pictures.scene(seed=40), tiny.extractor()
    found = moments_distance(photo, style, extractor, LAYERS)
    maps, wanted = extractor(photo, LAYERS), extractor(style, LAYERS)
    parts = {layer: in_numpy(maps[layer], wanted[layer]) for layer in LAYERS}
    assert found.parts == pytest.approx(parts, rel=1e-5)
    assert found.total == pytest.approx(sum(parts.values()), rel=1e-5)


def test_the_style_itself_is_at_no_distance(painting, tiny):
    found = moments_distance(painting, painting, tiny.extractor())
    assert found.total == 0
    assert tuple(found.parts) == MOMENT_LAYERS


def test_moved_cells_stay_nearer_than_another_picture(photo, pictures, tiny):
    extractor = tiny.extractor()
    moved = moments_distance(pictures.shuffled(photo, 16), photo, extractor, LAYERS)
    other = moments_distance(pictures.stripes(), photo, extractor, LAYERS)
    assert moved.total < 0.5 * other.total


def test_other_colors_are_farther_the_more_they_differ(photo, tiny):
    extractor = tiny.extractor()
    found = [
        moments_distance((photo + d).clamp(0, 1), photo, extractor).total for d in (0.05, 0.1, 0.2)
    ]
    assert 0 < found[0] < found[1] < found[2]


def test_the_style_is_measured_at_the_images_area(photo, painting):
    sizes = []

    def pixels(image, layers):
        sizes.append(tuple(image.shape[2:]))
        return dict.fromkeys(layers, image)

    double = torch.nn.functional.interpolate(painting, scale_factor=2, mode="bicubic").clamp(0, 1)
    moments_distance(photo, double, pixels, ("pixels",))
    assert sizes[0] == (96, 128)
    assert sizes[1][0] * sizes[1][1] == pytest.approx(96 * 128, rel=0.01)


def test_nothing_is_kept_for_a_gradient(photo, painting, tiny):
    image = photo.clone().requires_grad_()
    assert isinstance(moments_distance(image, painting, tiny.extractor()).total, float)


def test_what_cannot_be_measured_is_refused(photo, tiny):
    with pytest.raises(ShapeError, match="the image as a batch of one"):
        moments_distance(photo.expand(2, 3, -1, -1), photo, tiny.extractor())
    with pytest.raises(ShapeError, match="for relu5_1"):
        moments_distance(photo[..., :12, :], photo, tiny.extractor())
    with pytest.raises(LayerError, match="relu9_1"):
        moments_distance(photo, photo, tiny.extractor(), ["relu9_1"])
