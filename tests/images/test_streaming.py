"""Files resized while they are read, against decoding them first."""

import sys
from importlib import import_module
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image, ImageCms

from impasto.errors import PictureError
from impasto.images.codec import decode, encode
from impasto.images.picture import Picture
from impasto.images.resize import resize
from impasto.images.streaming import decode_sized
from impasto.numerics.storage import MEMORY, Storage

streaming = import_module("impasto.images.streaming")


@pytest.fixture(autouse=True)
def _narrow_bands(monkeypatch):
    monkeypatch.setattr(import_module("impasto.images.resample"), "BAND", 3 * 90 * 8)


@pytest.fixture
def streamed(monkeypatch):
    """Fail where a file is decoded whole."""
    pytest.importorskip("pyvips")

    def refuse(*_args):
        raise AssertionError("decoded whole")

    monkeypatch.setattr(streaming, "_shrunk", refuse)


def noise(*shape):
    return np.random.default_rng(5).integers(0, 256, shape, dtype=np.uint8)


def smooth(height, width, channels=3):
    coarse = torch.rand(1, channels, 6, 6, generator=torch.Generator().manual_seed(2))
    fine = torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")
    return (fine[0] * 255).byte().permute(1, 2, 0).numpy()


def other_profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB", 5000)).tobytes()


def save(path: Path, kind: str) -> Path:
    exif = Image.Exif()
    exif[274] = 6
    rgb, rgba = smooth(70, 90), smooth(70, 90, 4)
    deep = rgb.astype(np.uint16) * 257 - noise(70, 90, 3)
    makers = {
        "a.jpg": lambda: Image.fromarray(rgb).save(path, quality=92, dpi=(200, 200)),
        "turned.jpg": lambda: Image.fromarray(rgb).save(path, exif=exif),
        "gray.jpg": lambda: Image.fromarray(rgb[..., 0]).save(path),
        "profile.jpg": lambda: Image.fromarray(rgb).save(path, icc_profile=other_profile()),
        "a.png": lambda: Image.fromarray(noise(70, 90, 3)).save(path),
        "alpha.png": lambda: Image.fromarray(rgba).save(path),
        "palette.png": lambda: Image.fromarray(rgb).quantize(16).save(path),
        "deep.png": lambda: encode(Picture(torch.rand(3, 70, 90)), path, depth=16),
        "a.webp": lambda: Image.fromarray(rgb).save(path, lossless=True),
        "tiles.tif": lambda: tifffile.imwrite(
            path, rgb, photometric="rgb", tile=(32, 32), compression="zlib", metadata=None
        ),
        "deep.tif": lambda: tifffile.imwrite(path, deep, photometric="rgb", metadata=None),
        "turned.tif": lambda: Image.fromarray(rgb).save(path, exif=exif),
    }
    makers[kind]()
    return path


KINDS = ["a.jpg", "turned.jpg", "gray.jpg", "profile.jpg", "a.png", "alpha.png", "palette.png"]
KINDS += ["deep.png", "a.webp", "tiles.tif", "deep.tif", "turned.tif"]


@pytest.mark.usefixtures("streamed")
@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_streaming_agrees_with_decoding_first(tmp_path, kind, mapped):
    path = save(tmp_path / kind, kind)
    storage = Storage(tmp_path) if mapped else MEMORY
    for long_side in (37, 90, 500):
        found = decode_sized(path, long_side, storage=storage)
        size = found.pixels.shape[-2:]
        assert max(size) == min(long_side, 90)
        whole = decode(path)
        expected = resize(whole.batch, *size)[0]
        torch.testing.assert_close(found.pixels, expected, rtol=0, atol=3e-6)
        assert (found.alpha is None) == (whole.alpha is None)
        if whole.alpha is not None:
            alpha = resize(whole.alpha[None], *size)[0]
            torch.testing.assert_close(found.alpha, alpha, rtol=0, atol=3e-6)
        assert (found.dpi, found.recipe) == (whole.dpi, whole.recipe)


@pytest.mark.parametrize("kind", ["a.jpg", "turned.tif"])
def test_without_libvips_the_picture_is_decoded_first(tmp_path, monkeypatch, kind):
    path = save(tmp_path / kind, kind)
    monkeypatch.setitem(sys.modules, "pyvips", None)
    whole = decode(path)
    for long_side, storage in ((40, MEMORY), (40, Storage(tmp_path)), (500, Storage(tmp_path))):
        found = decode_sized(path, long_side, storage=storage)
        expected = resize(whole.batch, *found.pixels.shape[-2:])[0]
        torch.testing.assert_close(found.pixels, expected, rtol=0, atol=3e-6)


def test_cmyk_is_decoded_first(tmp_path):
    Image.fromarray(noise(40, 50, 4), mode="CMYK").save(tmp_path / "a.jpg")
    found, whole = decode_sized(tmp_path / "a.jpg", 50), decode(tmp_path / "a.jpg")
    torch.testing.assert_close(found.pixels, whole.pixels, rtol=0, atol=3e-6)


@pytest.mark.parametrize("kind", ["a.jpg", "a.png", "tiles.tif"])
def test_a_file_cut_off_is_told_to_be_damaged(tmp_path, kind):
    whole = save(tmp_path / kind, kind).read_bytes()
    (tmp_path / kind).write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(PictureError, match="is damaged or cut off"):
        decode_sized(tmp_path / kind, 40)


def test_what_is_missing_or_too_large_is_refused(tmp_path):
    with pytest.raises(PictureError, match="there is no file"):
        decode_sized(tmp_path / "a.png", 40)
    buffer = BytesIO()
    Image.new("RGB", (100, 50)).save(buffer, "PNG")
    (tmp_path / "a.png").write_bytes(buffer.getvalue())
    with pytest.raises(PictureError, match=r"100 x 50 = 5,000 pixels"):
        decode_sized(tmp_path / "a.png", 40, pixel_limit=4999)
