"""What is particular to single formats and to the limit on pixels."""

import io
import sys

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from impasto.errors import InputError, PictureError
from impasto.files import picture_format
from impasto.images import Picture, decode, encode
from impasto.images.source import PIXEL_LIMIT_VARIABLE


def flat(*color, height=32, width=48):
    return np.full((height, width, len(color)), color, np.uint8)


def test_a_gif_gives_its_first_frame_with_its_clear_pixels(tmp_path):
    first, second = Image.fromarray(flat(200, 10, 10)), Image.fromarray(flat(10, 10, 200))
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    np.testing.assert_allclose(decode(tmp_path / "a.gif").pixels[:, 5, 5] * 255, (200, 10, 10))
    palette = Image.fromarray(np.array([[0, 1]], np.uint8), mode="P")
    palette.putpalette([1, 2, 3, 4, 5, 6])
    palette.save(tmp_path / "b.gif", transparency=1)
    assert decode(tmp_path / "b.gif").alpha[0].tolist() == [[1, 0]]


@pytest.mark.parametrize("kind", ["AVIF", "WEBP"])
def test_formats_of_loss_keep_alpha_and_color(tmp_path, kind):
    pixels = torch.from_numpy(flat(200, 60, 20).transpose(2, 0, 1) / 255).float()
    alpha = torch.full((1, 32, 48), 0.4)
    path = tmp_path / f"a.{kind.lower()}"
    encode(Picture(pixels, alpha, dpi=300), path)
    back = decode(path)
    torch.testing.assert_close(back.pixels, pixels, atol=0.02, rtol=0)
    torch.testing.assert_close(back.alpha, alpha, atol=0.01, rtol=0)
    assert back.dpi == 300
    with Image.open(path) as image:
        assert image.format == kind


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    suffix=st.sampled_from([".jpg", ".webp", ".avif"]),
    size=st.tuples(st.integers(1, 33), st.integers(1, 33)),
    alpha=st.booleans(),
    quality=st.integers(1, 100),
    dpi=st.none() | st.integers(2, 2400),
    recipe=st.none() | texts,
)
def test_all_but_a_loss_of_pixels_comes_back(tmp_path, suffix, size, alpha, quality, dpi, recipe):
    pixels = torch.full((3, *size), 0.5)
    opacity = torch.ones(1, *size) if alpha else None
    if opacity is not None:
        opacity[:, 0, 0] = 0.5  # WebP leaves out an alpha that is 1 all over
    encode(
        Picture(pixels, opacity, dpi=dpi, recipe=recipe), tmp_path / f"a{suffix}", quality=quality
    )
    back = decode(tmp_path / f"a{suffix}")
    assert back.pixels.shape == pixels.shape
    assert (back.alpha is not None) == (alpha and suffix != ".jpg")
    assert back.recipe == recipe
    assert back.dpi == (None if dpi is None else pytest.approx(dpi, abs=0.02))
    if not alpha:
        assert (back.pixels - 0.5).abs().max() < 0.1


@pytest.fixture
def heic(tmp_path):
    """Write a HEIC picture of a gray or RGB(A) array; return its path."""
    heif = pytest.importorskip("pillow_heif")

    def write(array, mode, **options):
        size = (array.shape[1], array.shape[0])
        made = heif.from_bytes(mode=mode, size=size, data=array.tobytes())
        made.save(tmp_path / "a.heic", quality=100, **options)
        return tmp_path / "a.heic"

    return write


def test_heic_is_read(heic):
    picture = decode(heic(flat(200, 60, 20), "RGB"))
    assert (picture.height, picture.width) == (32, 48)
    np.testing.assert_allclose(picture.pixels[:, 9, 9] * 255, (200, 60, 20), atol=3)
    assert picture.alpha is None


def test_heic_keeps_alpha_and_dpi(heic):
    exif = Image.Exif()
    exif[0x011A], exif[0x0128] = 240.0, 2
    picture = decode(heic(flat(200, 60, 20, 100), "RGBA", exif=exif.tobytes()))
    np.testing.assert_allclose(picture.alpha * 255, 100, atol=1)
    assert picture.dpi == 240


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_is_turned_once_as_a_png_is(heic, tmp_path, orientation):
    """pillow-heif writes the turn for the decoder, and leaves it in EXIF as cameras do."""
    quarters = np.kron(np.array([[1, 2], [3, 4]], np.uint8) * 50, np.ones((32, 48), np.uint8))
    array = np.repeat(quarters[..., None], 3, axis=2)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(array).save(tmp_path / "a.png", exif=exif)
    expected = decode(tmp_path / "a.png").pixels
    found = decode(heic(array, "RGB", exif=exif.tobytes())).pixels
    assert found.shape == expected.shape
    assert (found - expected).abs().mean() < 0.02


def test_heic_keeps_more_than_8_bits(heic):
    ramp = np.linspace(0, 65535, 512).astype(np.uint16)
    array = np.broadcast_to(ramp[None, :, None], (64, 512, 3)).copy()
    pixels = decode(heic(array, "RGB;16", chroma=444, matrix_coefficients=0)).pixels
    assert len(pixels[1, 9].unique()) > 256
    np.testing.assert_allclose(pixels[1, 9], ramp / 65535, atol=0.01)
    assert pixels.max() > 0.995


def test_without_pillow_heif_the_error_says_how_to_install_it(heic, monkeypatch):
    path = heic(flat(1, 2, 3), "RGB")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(
        PictureError, match=r"a\.heic is a HEIC file; .*pip install 'impasto\[heic\]'"
    ):
        decode(path)


def test_pillow_heif_is_not_registered_with_pillow(heic):
    decode(heic(flat(1, 2, 3), "RGB"))
    assert not {"HEIF", "HEIC"} & set(Image.OPEN)


# --- the limit on pixels ---------------------------------------------------------------------


def saved(tmp_path, height=20, width=30):
    Image.fromarray(flat(1, 2, 3, height=height, width=width)).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def test_the_environment_sets_the_limit(tmp_path, monkeypatch):
    path = saved(tmp_path)
    monkeypatch.setenv(PIXEL_LIMIT_VARIABLE, "599")
    with pytest.raises(PictureError, match=r"30 x 20 = 600 pixels; expected at most 599"):
        decode(path)
    assert decode(path, pixel_limit=600).width == 30
    monkeypatch.setenv(PIXEL_LIMIT_VARIABLE, "600")
    assert decode(path).width == 30


@pytest.mark.parametrize("text", ["many", "-3", "0", "1e6", "1.5"])
def test_an_impossible_limit_is_named(tmp_path, monkeypatch, text):
    monkeypatch.setenv(PIXEL_LIMIT_VARIABLE, text)
    with pytest.raises(InputError, match=rf"expected IMPASTO_PIXEL_LIMIT .* got '{text}'"):
        decode(saved(tmp_path))
    with pytest.raises(InputError, match="expected a pixel limit of at least 1 pixel, got '0'"):
        decode(saved(tmp_path), pixel_limit=0)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_nor_for_16_bits(tmp_path, monkeypatch, suffix):
    pixels = torch.from_numpy(flat(200, 60, 20).transpose(2, 0, 1) / 255).float()
    encode(Picture(pixels), tmp_path / f"a{suffix}", depth=16)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert decode(tmp_path / f"a{suffix}").width == 48


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"])
def test_pillows_own_limit_is_no_wall_and_stays(tmp_path, monkeypatch, kind):
    Image.fromarray(flat(1, 2, 3)).save(tmp_path / "a", kind)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert decode(tmp_path / "a").width == 48
    assert Image.MAX_IMAGE_PIXELS == 100
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO((tmp_path / "a").read_bytes()))


def test_a_heic_too_large_is_refused(heic):
    with pytest.raises(PictureError, match=r"48 x 32 = 1,536 pixels; expected at most 1,535"):
        decode(heic(flat(1, 2, 3), "RGB"), pixel_limit=1535)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.TIF", "TIFF"), ("a.tiff", "TIFF"), ("a.avif", "AVIF"), ("a.webp", "WEBP")],
)
def test_names_of_formats(name, kind):
    assert picture_format(name) == kind


def test_a_format_that_is_only_read_is_named():
    with pytest.raises(PictureError, match=r"HEIC is read, not written; choose from \.png"):
        picture_format("a.heic")
