"""Sliced Wasserstein: distances that can be told by hand, NumPy, and pictures."""

from functools import partial

import numpy as np
import pytest
import torch

from impasto.errors import InputError, ShapeError
from impasto.metrics.patches import quantile_distance, random_directions, sliced_wasserstein
from impasto.numerics.filters import blurred

quick = partial(sliced_wasserstein, directions=32)


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)[:, None]


@pytest.mark.parametrize(
    ("values", "others", "wanted"),
    [
        ((3, 1, 2), (1, 2, 3), 0),
        ((0, 0, 0), (5, 5, 5), 5),
        ((0, 1, 2), (0.5, 1.5, 2.5), 0.5),
        ((0, 1), (1, 3), 1.5),
        ((0, 1), (0, 0, 1, 1), 0),  # other counts, the same distribution
        ((0,), (1, 2, 3, 6), 3),
    ],
)
def test_the_distance_along_a_line_by_hand(values, others, wanted):
    assert float(quantile_distance(column(*values), column(*others))) == pytest.approx(wanted)
    assert float(quantile_distance(column(*others), column(*values))) == pytest.approx(wanted)


def test_directions_are_units_and_repeat():
    axes = random_directions(12, 50, 3)
    assert torch.allclose(axes.norm(dim=0), torch.ones(50))
    assert torch.equal(axes, random_directions(12, 50, 3))
    assert not torch.equal(axes, random_directions(12, 50, 4))


def test_one_scale_equals_numpy(photo, pictures):
    image, style = photo[..., :20, :24], pictures.scene(seed=40)[..., :20, :24]
    rows = [
        np.array(
            [
                p[0, :, y : y + 3, x : x + 3].numpy().astype(np.float64).ravel()
                for y in range(18)
                for x in range(22)
            ]
        )
        for p in (image, style)
    ]
    axes = random_directions(27, 16, 9).double().numpy()
    a, b = (np.sort(r @ axes, axis=0) for r in rows)
    spread = sum(np.abs(p - p.mean(0)).mean() for p in (a, b))
    found = sliced_wasserstein(image, style, patch=3, scales=1, directions=16, seed=9)
    assert found.total == pytest.approx(np.abs(a - b).mean() / spread, rel=1e-5)
    assert found.parts == {"1": found.total}


def test_pixels_of_one_scale_do_not_care_for_places(photo, pictures):
    moved = pictures.shuffled(photo, 1)
    assert sliced_wasserstein(moved, photo, patch=1, scales=1).total < 1e-6
    assert sliced_wasserstein(moved, photo).total > 0.1  # patches and scales do


def test_equal_pictures_are_at_no_distance_also_when_sampled(photo):
    for samples in (16384, 500):
        assert sliced_wasserstein(photo, photo, samples=samples).total == 0


def test_moved_cells_stay_nearer_than_another_picture(photo, pictures):
    moved, other = pictures.shuffled(photo, 16), pictures.stripes()
    assert quick(moved, photo).total < 0.5 * quick(other, photo).total


def test_other_brightness_or_hue_is_farther_the_more_it_differs(photo):
    brighter = [quick((photo + d).clamp(0, 1), photo).total for d in (0.05, 0.1, 0.2)]
    assert 0 < brighter[0] < brighter[1] < brighter[2]
    turned = torch.stack([photo[:, 1], photo[:, 2], photo[:, 0] ** 2], 1)
    assert quick(turned, photo).total > 0.02


def test_blur_and_noise_show_at_the_finest_scale(photo, pictures):
    for image in (blurred(photo, 1.0), pictures.noisy(photo, 0.1)):
        parts = quick(image, photo).parts
        assert parts["1"] == max(parts.values()) > 0.1


def test_detail_is_at_most_one_apart(photo, pictures):
    blank = torch.full_like(photo, 0.5)
    parts = quick(pictures.noisy(blank, 0.3), blank).parts
    assert list(parts) == ["1", "1/2"]
    assert parts["1"] == pytest.approx(1, abs=1e-3)


def test_blank_pictures_are_told_apart_by_color_alone():
    dark, light = torch.full((1, 3, 40, 40), 0.2), torch.full((1, 3, 40, 40), 0.8)
    assert quick(dark, dark.clone()).total == 0
    assert quick(dark, light).total > 10


def test_a_style_of_another_size_is_brought_to_the_area(photo):
    small = torch.nn.functional.interpolate(photo, scale_factor=0.5, antialias=True, mode="bicubic")
    parts = quick(small.clamp(0, 1), photo).parts
    assert list(parts) == ["1"]
    assert parts["1"] < 0.02


def test_a_sample_tells_nearly_what_all_patches_tell(photo, painting):
    whole = quick(photo, painting).total
    for seed in range(3):
        part = quick(photo, painting, samples=4000, seed=seed).total
        assert part == pytest.approx(whole, rel=0.15)


def test_what_cannot_be_measured_is_refused(photo):
    with pytest.raises(ShapeError, match="the style as a batch of one"):
        sliced_wasserstein(photo, photo[:, :1])
    with pytest.raises(ShapeError, match="sides of at least 5 px"):
        sliced_wasserstein(photo[..., :4, :], photo)
    with pytest.raises(ShapeError, match="the picture at the coarsest scale"):
        sliced_wasserstein(photo, photo, scales=7)
    for name in ("patch", "scales", "directions", "samples"):
        with pytest.raises(InputError, match=f"expected {name} of at least 1, got 0"):
            sliced_wasserstein(photo, photo, **{name: 0})
