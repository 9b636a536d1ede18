"""Border: combs and frames are seen, pictures are left alone."""

import numpy as np
import pytest
import torch

from impasto.errors import ShapeError
from impasto.metrics.border import border


def comb(image: torch.Tensor, depth: int) -> torch.Tensor:
    """Teeth of two pixels along all four borders."""
    marked = image.clone()
    columns, rows = (torch.arange(side) % 4 < 2 for side in (image.shape[3], image.shape[2]))
    marked[:, :, :depth, columns] = marked[:, :, -depth:, columns] = 0
    marked[:, :, rows, :depth] = marked[:, :, rows, -depth:] = 0
    return marked


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_plain_noise_has_no_border(seed):
    noise = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(seed))
    assert border(noise) == pytest.approx(1, abs=0.05)


def test_a_comb_raises_it(pictures):
    for seed in (1, 40, 70):
        picture = pictures.scene(seed=seed)
        assert border(comb(picture, 4)) > 1.7 * border(picture)


def test_a_drawn_frame_raises_it(photo):
    framed = photo.clone()
    framed[:, :, 2, 2:-2] = framed[:, :, -3, 2:-2] = 0
    framed[:, :, 2:-2, 2] = framed[:, :, 2:-2, -3] = 0
    assert border(framed) > 1.5 * border(photo)


def test_a_calm_rim_lowers_it(photo):
    calm = torch.full_like(photo, 0.5)
    calm[..., 4:-4, 4:-4] = photo[..., 4:-4, 4:-4]
    calm[..., :5, :] = calm[..., -5:, :] = calm[..., :5] = calm[..., -5:] = 0.5
    assert border(calm) < 0.1


def test_a_blank_sky_at_the_border_is_not_a_mark(photo):
    """The whole inside would say 0.5 here: half of the rim is sky."""
    sky = photo.clone()
    sky[..., :40, :] = 0.7
    assert border(sky) == pytest.approx(border(photo), abs=0.35)
    assert border(torch.full_like(photo, 0.7)) == 1


def test_the_ratio_equals_a_loop_over_positions(photo):
    """Central differences by NumPy; rim: up to 4 px from the border, ring: up to 12."""
    image = photo[0].double().numpy()
    down, across = np.gradient(image, axis=(1, 2))
    steepness = np.sqrt((down**2 + across**2).sum(0))
    rim, ring = [], []
    for y in range(1, 95):
        for x in range(1, 127):
            depth = min(y, 95 - y, x, 127 - x)
            if depth < 12:
                (rim if depth < 4 else ring).append(steepness[y, x])
    assert border(photo) == pytest.approx(np.mean(rim) / np.mean(ring), rel=1e-4)


def test_the_contents_own_ratio_can_be_divided_out(photo):
    marked = comb(photo, 4)
    assert border(photo, content=photo) == 1
    assert border(marked, content=photo) == pytest.approx(border(marked) / border(photo))
    double = torch.nn.functional.interpolate(photo, scale_factor=2, mode="bicubic").clamp(0, 1)
    assert border(photo, content=double) == pytest.approx(1, abs=0.1)


def test_what_cannot_be_measured_is_refused(photo):
    with pytest.raises(ShapeError, match="sides of at least 24 px"):
        border(photo[..., :23, :])
    with pytest.raises(ShapeError, match="the image as a batch of one"):
        border(photo[:, :1])
    with pytest.raises(ShapeError, match="the content as a batch of one"):
        border(photo, content=photo[0])
