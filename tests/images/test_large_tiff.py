"""Large TIFFs: tiles, pyramids, BigTIFF, read back by tifffile and by ourselves."""

import numpy as np
import pytest
import tifffile
import torch

from impasto.errors import InputError, PictureError
from impasto.files import Encoding
from impasto.images import tiff_writing
from impasto.images.codec import decode, encode
from impasto.images.color_profiles import srgb_profile
from impasto.images.picture import Picture
from impasto.images.resize import resize

RECIPE = 'description = "größer"\n'


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(tiff_writing, "TILE", 64)
    monkeypatch.setattr(tiff_writing, "STRIPS", 100)
    monkeypatch.setattr(tiff_writing, "SMALLEST", 40)


def a_picture(height, width, alpha=False):
    values = torch.rand(4, height, width, generator=torch.Generator().manual_seed(1))
    return Picture(values[:3], values[3:] if alpha else None, dpi=240.0, recipe=RECIPE)


def levels(picture, depth):
    parts = [picture.pixels] if picture.alpha is None else [picture.pixels, picture.alpha]
    channels = torch.cat(parts)
    return (channels.numpy() * (2**depth - 1)).round().transpose(1, 2, 0)


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("size", [(64, 128), (65, 127), (30, 200)])
def test_tiles_are_exact_and_everything_is_beside_them(tmp_path, size, depth, alpha):
    picture, path = a_picture(*size, alpha=alpha), tmp_path / "a.tif"
    encode(picture, path, depth=depth)
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        assert page.is_tiled
        assert page.dtype == (np.uint8 if depth == 8 else np.uint16)
        np.testing.assert_array_equal(page.asarray(), levels(picture, depth))
    again = decode(path)
    assert (again.pixels - picture.pixels).abs().max() <= 0.5 / (2**depth - 1) + 1e-6
    assert (again.alpha is not None) == alpha
    assert again.dpi == 240
    assert again.recipe == RECIPE


@pytest.mark.usefixtures("small_tiles")
def test_a_pyramid_holds_halves(tmp_path):
    picture, path = a_picture(150, 300), tmp_path / "a.tif"
    encode(picture, path, pyramid=True)
    with tifffile.TiffFile(path) as file:
        assert len(file.pages) == 1  # copies are no pages of their own
        shapes = [level.shape[:2] for level in file.series[0].levels]
        assert shapes == [(150, 300), (75, 150), (37, 75), (18, 37)]
        half = resize(picture.batch, 75, 150)[0]
        np.testing.assert_array_equal(file.series[0].levels[1].asarray(), levels(Picture(half), 8))
        assert file.pages[0].tags["InterColorProfile"].value == srgb_profile()
    assert decode(path).recipe == RECIPE


def test_what_might_pass_4_gb_is_a_bigtiff(tmp_path, monkeypatch):
    picture = a_picture(20, 30)
    encode(picture, tmp_path / "classic.tif")
    monkeypatch.setattr(tiff_writing, "_BIG", 20 * 30 * 3 - 1)
    encode(picture, tmp_path / "big.tif")
    for name, big in (("classic", False), ("big", True)):
        with tifffile.TiffFile(tmp_path / f"{name}.tif") as file:
            assert file.is_bigtiff == big
        again = decode(tmp_path / f"{name}.tif").pixels
        assert (again - picture.pixels).abs().max() <= 0.5 / 255 + 1e-6


@pytest.mark.usefixtures("small_tiles")
def test_a_failure_in_the_middle_leaves_the_old_file(tmp_path, monkeypatch):
    path, made = tmp_path / "a.tif", []

    def rows(*_args, **_options):
        made.append(1)
        if len(made) == 2:
            raise OSError(28, "No space left on device")
        return np.zeros((64, 300, 3), np.uint8)

    path.write_bytes(b"old")
    monkeypatch.setattr("impasto.images.writing.level_rows", rows)
    with pytest.raises(PictureError, match="No space left"):
        encode(a_picture(150, 300), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_only_a_tiff_has_a_pyramid(tmp_path):
    with pytest.raises(InputError, match=r"pyramid.*name it \.tif"):
        Encoding(pyramid=True).check(tmp_path / "a.png")
