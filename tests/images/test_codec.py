"""Pictures come in from every kind of file we name and go out without loss we do not name."""

import struct
import warnings
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile, PngImagePlugin

from impasto.errors import InputError, PictureError
from impasto.images import Picture, check_writable, codec, decode, encode

READABLE = ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"]
SUFFIXES = [".png", ".jpg", ".webp", ".tif", ".avif"]
RECIPES = [
    "steps = 300\n\n[style]\nweight = 1e3\n",
    "",
    "title = 'Öl auf Leinwand, 絵の具 🎨'\n",
    "\nstarts and ends with a line\n\n",
]


def noise(height=5, width=7, channels=3):
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), dtype=np.uint8)


def smooth(height=32, width=48):
    """A picture that JPEG keeps well."""
    y, x = np.mgrid[0:height, 0:width]
    channels = [255 * y / height, 255 * x / width, 255 * (x + y) / (height + width)]
    return np.stack(channels, axis=-1).astype(np.uint8)


def levels(tensor):
    """A (C, H, W) tensor as an (H, W, C) array of 0 .. 255, which it must hit exactly."""
    scaled = tensor.double().numpy().transpose(1, 2, 0) * 255
    np.testing.assert_allclose(scaled, np.rint(scaled), atol=1e-4)
    return np.rint(scaled).astype(np.uint8)


def picture_of(array, **rest):
    """An (H, W, 3 or 4) array as a picture."""
    channels = torch.from_numpy(array.transpose(2, 0, 1).astype(np.float32) / np.float32(255))
    return Picture(channels[:3], alpha=channels[3:] if len(channels) == 4 else None, **rest)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def refusal(path, **options):
    """The message of the error that decoding raises: always one line that names the file."""
    with pytest.raises(PictureError) as caught:
        decode(path, **options)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


# --- what we read ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", READABLE)
def test_every_format_is_read_whatever_its_suffix(tmp_path, kind):
    path = tmp_path / "picture.dat"
    Image.fromarray(smooth()).save(path, format=kind, quality=100)
    picture = decode(path)
    assert picture.pixels.dtype == torch.float32
    assert picture.pixels.is_contiguous()
    assert (picture.height, picture.width) == (32, 48)
    assert picture.alpha is None
    lost = 4 if kind == "GIF" else 3  # a GIF has 256 colors
    assert np.abs(levels(picture.pixels).astype(int) - smooth()).mean() < lost


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_lossless_formats_are_exact(tmp_path, kind):
    Image.fromarray(noise()).save(tmp_path / "a", format=kind)
    np.testing.assert_array_equal(levels(decode(tmp_path / "a").pixels), noise())


def test_a_path_may_be_text(tmp_path):
    Image.fromarray(noise()).save(tmp_path / "a.png")
    assert decode(str(tmp_path / "a.png")).width == 7


ORIENTED = {  # of the stored rows [[1, 2, 3], [4, 5, 6]]
    1: [[1, 2, 3], [4, 5, 6]],
    2: [[3, 2, 1], [6, 5, 4]],
    3: [[6, 5, 4], [3, 2, 1]],
    4: [[4, 5, 6], [1, 2, 3]],
    5: [[1, 4], [2, 5], [3, 6]],
    6: [[4, 1], [5, 2], [6, 3]],
    7: [[6, 3], [5, 2], [4, 1]],
    8: [[3, 6], [2, 5], [1, 4]],
}


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path, orientation, kind):
    stored = np.repeat(np.array([[1, 2, 3], [4, 5, 6]], np.uint8)[..., None] * 40, 3, axis=2)
    exif = Image.Exif()
    exif[0x0112] = orientation
    lossless = {"lossless": True} if kind == "WEBP" else {}
    Image.fromarray(stored).save(tmp_path / "a", format=kind, exif=exif, **lossless)
    upright = levels(decode(tmp_path / "a").pixels)[..., 0] // 40
    assert upright.tolist() == ORIENTED[orientation]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_of_a_jpeg(tmp_path, orientation):
    """Blocks of 16 pixels in place of single ones, so that compression does not blur them."""
    values = np.array([[1, 2, 3], [4, 5, 6]], np.uint8) * 40
    stored = np.repeat(np.kron(values, np.ones((16, 16), np.uint8))[..., None], 3, axis=2)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored).save(tmp_path / "a.jpg", exif=exif, quality=100)
    upright = levels(decode(tmp_path / "a.jpg").pixels)[8::16, 8::16, 0]
    assert np.rint(upright / 40).astype(int).tolist() == ORIENTED[orientation]


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_impossible_orientation_is_ignored(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(noise()).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(levels(decode(tmp_path / "a.png").pixels), noise())


def test_alpha_turns_with_the_pixels(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(noise(channels=4)).save(tmp_path / "a.png", exif=exif)
    turned = np.rot90(noise(channels=4), k=-1)
    picture = decode(tmp_path / "a.png")
    np.testing.assert_array_equal(levels(picture.pixels), turned[..., :3])
    np.testing.assert_array_equal(levels(picture.alpha), turned[..., 3:])


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_gray_becomes_rgb(tmp_path, kind):
    gray = noise(channels=1)
    Image.fromarray(gray[..., 0]).save(tmp_path / "a", format=kind)
    picture = decode(tmp_path / "a")
    np.testing.assert_array_equal(levels(picture.pixels), np.repeat(gray, 3, axis=2))
    assert picture.alpha is None


def test_black_and_white(tmp_path):
    Image.fromarray(noise()[..., 0] > 127).save(tmp_path / "a.png")
    pixels = decode(tmp_path / "a.png").pixels
    np.testing.assert_array_equal(pixels[1].numpy(), noise()[..., 0] > 127)


def test_gray_with_alpha(tmp_path):
    array = noise(channels=2)
    Image.fromarray(array, mode="LA").save(tmp_path / "a.png")
    picture = decode(tmp_path / "a.png")
    np.testing.assert_array_equal(levels(picture.pixels), np.repeat(array[..., :1], 3, axis=2))
    np.testing.assert_array_equal(levels(picture.alpha), array[..., 1:])


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_rgb_with_alpha(tmp_path, kind):
    lossless = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    Image.fromarray(noise(channels=4)).save(tmp_path / "a", format=kind, **lossless)
    picture = decode(tmp_path / "a")
    np.testing.assert_array_equal(levels(picture.pixels), noise(channels=4)[..., :3])
    np.testing.assert_array_equal(levels(picture.alpha), noise(channels=4)[..., 3:])


COLORS = np.array([[255, 0, 0], [0, 128, 0], [10, 20, 30]], np.uint8)
INDICES = np.array([[0, 1, 2], [2, 1, 0]], np.uint8)


def paletted():
    image = Image.fromarray(INDICES, mode="P")
    image.putpalette(COLORS.tobytes())
    return image


def test_a_palette_is_looked_up(tmp_path):
    paletted().save(tmp_path / "a.png")
    picture = decode(tmp_path / "a.png")
    np.testing.assert_array_equal(levels(picture.pixels), COLORS[INDICES])
    assert picture.alpha is None


@pytest.mark.parametrize(
    ("transparency", "alphas"), [(1, [255, 0, 255]), (b"\x00\x80\xff", [0, 128, 255])]
)
def test_a_palette_with_transparency(tmp_path, transparency, alphas):
    paletted().save(tmp_path / "a.png", transparency=transparency)
    picture = decode(tmp_path / "a.png")
    np.testing.assert_array_equal(levels(picture.pixels), COLORS[INDICES])
    np.testing.assert_array_equal(levels(picture.alpha)[..., 0], np.array(alphas)[INDICES])


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(tmp_path, kind):
    cmyk = np.zeros((16, 32, 4), np.uint8)
    cmyk[:, :16] = (0, 255, 255, 0)  # red
    cmyk[:, 16:] = (0, 0, 0, 155)  # gray
    Image.fromarray(cmyk, mode="CMYK").save(tmp_path / "a", format=kind, quality=100)
    pixels = levels(decode(tmp_path / "a").pixels).astype(int)
    np.testing.assert_allclose(pixels[8, 4], (255, 0, 0), atol=3)
    np.testing.assert_allclose(pixels[8, 28], (100, 100, 100), atol=3)


SIXTEEN = np.array([[0, 1, 255], [256, 32768, 65535]], np.uint16)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_gray_in_16_bits_keeps_its_levels(tmp_path, kind):
    Image.fromarray(SIXTEEN).save(tmp_path / "a", format=kind)
    pixels = decode(tmp_path / "a").pixels
    for channel in pixels:
        np.testing.assert_allclose(channel.numpy(), SIXTEEN / 65535, rtol=1e-6)


def test_gray_in_16_bits_with_the_other_byte_order(tmp_path):
    big_endian = Image.frombytes("I;16B", (3, 2), SIXTEEN.astype(">u2").tobytes())
    big_endian.save(tmp_path / "a.tif")
    pixels = decode(tmp_path / "a.tif").pixels
    np.testing.assert_allclose(pixels[0].numpy(), SIXTEEN / 65535, rtol=1e-6)


def test_gray_in_16_bits_turns_and_may_have_a_transparent_level(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3
    Image.fromarray(SIXTEEN).save(tmp_path / "a.png", transparency=256, exif=exif)
    picture = decode(tmp_path / "a.png")
    assert picture.alpha[0].tolist() == [[1, 1, 0], [1, 1, 1]]
    np.testing.assert_allclose(picture.pixels[2].numpy(), SIXTEEN[::-1, ::-1] / 65535, rtol=1e-6)


def test_an_animation_gives_its_first_picture(tmp_path):
    frames = [Image.fromarray(np.full((4, 4, 3), value, np.uint8)) for value in (200, 10)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], lossless=True)
    assert (levels(decode(tmp_path / "a.webp").pixels) == 200).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP"])
def test_dpi_is_read(tmp_path, kind):
    Image.fromarray(noise()).save(tmp_path / "a", format=kind, dpi=(300, 300))
    assert decode(tmp_path / "a").dpi == pytest.approx(300, abs=0.02)


def test_dots_per_centimeter_are_converted(tmp_path):
    exif = Image.Exif()
    exif[0x011A], exif[0x0128] = 100.0, 3
    Image.fromarray(noise()).save(tmp_path / "a.webp", exif=exif)
    assert decode(tmp_path / "a.webp").dpi == pytest.approx(254)


@pytest.mark.parametrize("kind", READABLE)
def test_without_metadata_there_is_none(tmp_path, kind):
    Image.fromarray(noise()).save(tmp_path / "a", format=kind)
    picture = decode(tmp_path / "a")
    assert picture.dpi is None or kind == "BMP"  # Pillow writes 96 dpi into a BMP
    assert picture.recipe is None


def test_damaged_metadata_does_not_cost_the_picture(tmp_path):
    Image.fromarray(noise()).save(tmp_path / "a.png", exif=b"Exif\0\0not at all")
    np.testing.assert_array_equal(levels(decode(tmp_path / "a.png").pixels), noise())


def test_a_jpeg_whose_exif_does_not_say_has_no_dpi(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 1
    Image.fromarray(noise()).save(tmp_path / "a.jpg", exif=exif)
    assert decode(tmp_path / "a.jpg").dpi is None
    exif[0x011A], exif[0x0128] = 144.0, 2
    Image.fromarray(noise()).save(tmp_path / "a.jpg", exif=exif)
    assert decode(tmp_path / "a.jpg").dpi == 144


@pytest.mark.parametrize("comment", [b"ASCII\0\0\0sunset", b"\0" * 8, b"", b"UNICODE\0\xff"])
def test_a_comment_by_a_camera_is_no_recipe(tmp_path, comment):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = comment
    Image.fromarray(noise()).save(tmp_path / "a.jpg", exif=exif)
    assert decode(tmp_path / "a.jpg").recipe is None


# --- what we refuse --------------------------------------------------------------------------


def test_a_missing_file(tmp_path):
    assert "there is no file" in refusal(tmp_path / "none.jpg")
    assert "there is no file" in refusal(tmp_path / "no folder" / "none.jpg")


def test_a_folder(tmp_path):
    assert "is a folder; expected a picture file" in refusal(tmp_path)


def test_a_file_without_permission(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "no permission to read" in refusal(tmp_path / "a.jpg")


def test_an_impossible_name(tmp_path):
    assert "cannot open" in refusal(tmp_path / ("x" * 300))


def test_an_empty_file(tmp_path):
    (tmp_path / "a.jpg").touch()
    assert "is empty; expected a JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or HEIC" in refusal(
        tmp_path / "a.jpg"
    )


@pytest.mark.parametrize("content", [b"x", b"dear diary\n" * 100, b"\0" * 500])
def test_not_a_picture(tmp_path, content):
    (tmp_path / "a.jpg").write_bytes(content)
    assert "is not a picture; expected a JPEG, PNG" in refusal(tmp_path / "a.jpg")


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\0\0\0\x18ftypisom\0\0\0\0mp41isom", "video"),
        (b"RIFF\0\0\0\0AVI ", "video or sound"),
        (b"8BPS\0\1", "Photoshop"),
        (b"%PDF-1.7", "PDF"),
        (b"<svg xmlns", "SVG"),
    ],
)
def test_an_unsupported_format_is_named(tmp_path, start, kind):
    (tmp_path / "a").write_bytes(start + b"\0" * 100)
    message = refusal(tmp_path / "a")
    assert f"is a {kind} file; expected JPEG, PNG" in message
    assert "convert it to PNG" in message


@pytest.mark.parametrize("kind", READABLE)
@pytest.mark.parametrize("part", [0.05, 0.5, 0.9])
def test_a_truncated_file(tmp_path, kind, part):
    path = tmp_path / "a"
    Image.fromarray(noise(64, 64)).save(path, format=kind)
    whole = path.read_bytes()
    path.write_bytes(whole[: max(16, int(len(whole) * part))])
    assert "is damaged or cut off" in refusal(path)


@pytest.mark.parametrize(("mode", "kind"), [("I", "signed "), ("F", "floating-point ")])
def test_32_bits_per_channel(tmp_path, mode, kind):
    Image.new(mode, (4, 4)).save(tmp_path / "a.tif")
    assert f"has {kind}32 bits per channel; expected 1, 8 or 16" in refusal(tmp_path / "a.tif")


@pytest.mark.parametrize("kind", READABLE)
def test_too_many_pixels_are_refused_before_decoding(tmp_path, kind, monkeypatch):
    Image.fromarray(noise(10, 11)).save(tmp_path / "a", format=kind)
    assert decode(tmp_path / "a", pixel_limit=110).width == 11

    def refuse(self):
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", refuse)
    message = refusal(tmp_path / "a", pixel_limit=109)
    assert "has 11 x 10 = 110 pixels; expected at most 109" in message


def png_header(width, height):
    """A PNG that claims to be large and holds nothing."""

    def chunk(name, data):
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    size = struct.pack(">II", width, height) + b"\x08\x02\0\0\0"
    body = chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_decompression_bomb_is_refused(tmp_path):
    (tmp_path / "bomb.png").write_bytes(png_header(100_000, 100_000))
    message = refusal(tmp_path / "bomb.png")
    assert "100000 x 100000 = 10,000,000,000 pixels; expected at most 178,956,970" in message
    assert "make it smaller, or raise the limit with --pixel-limit" in message


def test_a_large_picture_is_no_warning_and_pillow_stays_as_it_was(tmp_path):
    (tmp_path / "large.png").write_bytes(png_header(10_000, 10_000))
    limit, filters = Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    assert "100,000,000 pixels; expected at most 5" in refusal(
        tmp_path / "large.png", pixel_limit=5
    )
    assert limit == Image.MAX_IMAGE_PIXELS
    assert not ImageFile.LOAD_TRUNCATED_IMAGES
    assert warnings.filters == filters


@pytest.mark.parametrize("kind", READABLE)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_gives_a_picture_or_a_clear_error(tmp_path, kind, data):
    path = tmp_path / "a"
    Image.fromarray(noise()).save(path, format=kind)
    content = bytearray(path.read_bytes())
    places = st.integers(0, len(content) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=8)):
        content[place] = value
    path.write_bytes(content)
    with suppress(PictureError):
        assert isinstance(decode(path, pixel_limit=1_000_000), Picture)


# --- what we write ---------------------------------------------------------------------------


def pictures():
    """Arrays of 8-bit levels, with or without alpha."""
    shapes = st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from([3, 4]))
    seeds = st.integers(0, 2**32 - 1)
    return st.builds(
        lambda shape, seed: np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8),
        shapes,
        seeds,
    )


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(array=pictures(), recipe=st.none() | texts, dpi=st.none() | st.integers(2, 2400))
def test_png_gives_back_what_it_got(tmp_path, array, recipe, dpi):
    encode(picture_of(array, recipe=recipe, dpi=dpi), tmp_path / "a.png")
    back = decode(tmp_path / "a.png")
    np.testing.assert_array_equal(levels(back.pixels), array[..., :3])
    assert (back.alpha is None) == (array.shape[2] == 3)
    if back.alpha is not None:
        np.testing.assert_array_equal(levels(back.alpha), array[..., 3:])
    assert back.recipe == recipe
    assert back.dpi == (None if dpi is None else pytest.approx(dpi, abs=0.02))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recipe=texts, suffix=st.sampled_from(SUFFIXES))
def test_any_recipe_comes_back(tmp_path, recipe, suffix):
    path = tmp_path / f"a{suffix}"
    encode(picture_of(noise(), recipe=recipe), path)
    assert decode(path).recipe == recipe


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("suffix", [*SUFFIXES, ".jpeg", ".JPG", ".Png"])
def test_recipe_and_dpi_come_back(tmp_path, suffix, recipe):
    path = tmp_path / f"a{suffix}"
    encode(picture_of(smooth(), recipe=recipe, dpi=240), path)
    back = decode(path)
    assert back.recipe == recipe
    assert back.dpi == pytest.approx(240, abs=0.02)
    assert np.abs(levels(back.pixels).astype(int) - smooth()).mean() < 3


def test_a_png_bears_its_recipe_as_text_and_others_as_an_exif_comment(tmp_path):
    for suffix in SUFFIXES:
        encode(picture_of(noise(), recipe="steps = 1"), tmp_path / f"a{suffix}")
    with Image.open(tmp_path / "a.png") as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        assert image.text == {"impasto": "steps = 1"}
    for suffix in (".jpg", ".webp", ".avif"):
        with Image.open(tmp_path / f"a{suffix}") as image:
            comment = image.getexif().get_ifd(0x8769)[0x9286]
        assert comment == b"ASCII\0\0\0impasto recipe\nsteps = 1"


def test_a_recipe_too_long_for_a_jpeg_is_left_out(tmp_path):
    picture = picture_of(noise(), recipe="é" * 40_000)
    for suffix in SUFFIXES:
        encode(picture, tmp_path / f"a{suffix}")
    assert decode(tmp_path / "a.jpg").recipe is None
    assert decode(tmp_path / "a.png").recipe == picture.recipe
    assert decode(tmp_path / "a.webp").recipe == picture.recipe


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dpi", [0.0, -1.0, 1e5, 1e9, float("nan"), float("inf")])
def test_an_impossible_dpi_does_not_cost_the_picture(tmp_path, suffix, dpi):
    encode(picture_of(noise(), dpi=dpi), tmp_path / f"a{suffix}")
    assert decode(tmp_path / f"a{suffix}").dpi is None


def test_values_are_rounded_to_the_nearest_level_and_clamped(tmp_path):
    values = torch.tensor([-1.0, 0.0, 0.49 / 255, 0.51 / 255, 127.4 / 255, 127.6 / 255, 1.0, 2.0])
    encode(Picture(values.expand(3, 1, -1).clone()), tmp_path / "a.png")
    written = levels(decode(tmp_path / "a.png").pixels)[0, :, 1]
    assert written.tolist() == [0, 0, 0, 1, 127, 128, 255, 255]


def test_webp_keeps_alpha(tmp_path):
    array = np.dstack([smooth(), np.full((32, 48), 77, np.uint8)])
    encode(picture_of(array), tmp_path / "a.webp")
    assert (levels(decode(tmp_path / "a.webp").alpha) == 77).all()


def test_jpeg_shows_transparency_over_white(tmp_path):
    array = np.zeros((16, 48, 4), np.uint8)
    array[:, :16] = (200, 0, 100, 255)
    array[:, 16:32] = (200, 0, 100, 51)
    array[:, 32:] = (200, 0, 100, 0)
    encode(picture_of(array), tmp_path / "a.jpg", quality=100)
    back = decode(tmp_path / "a.jpg")
    seen = levels(back.pixels)[8, 8::16].astype(int)
    np.testing.assert_allclose(seen, [(200, 0, 100), (244, 204, 224), (255, 255, 255)], atol=2)
    assert back.alpha is None


def test_quality_trades_size(tmp_path):
    for suffix in (".jpg", ".webp", ".avif"):
        sizes = []
        for quality in (30, 95):
            path = tmp_path / f"{quality}{suffix}"
            encode(picture_of(noise(128, 128)), path, quality=quality)
            sizes.append(path.stat().st_size)
        assert sizes[0] < sizes[1] / 2


@pytest.mark.parametrize("quality", [0, 101])
def test_quality_out_of_range(tmp_path, quality):
    with pytest.raises(InputError, match="from 1 to 100"):
        encode(picture_of(noise()), tmp_path / "a.jpg", quality=quality)


def test_the_same_picture_gives_the_same_bytes(tmp_path):
    for suffix in SUFFIXES:
        paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
        for path in paths:
            encode(picture_of(noise(), recipe="steps = 1", dpi=72), path)
        assert paths[0].read_bytes() == paths[1].read_bytes()


def write(path):
    encode(picture_of(noise()), path)


@pytest.mark.parametrize("attempt", [write, check_writable])
@pytest.mark.parametrize("name", ["a.gif", "a.heic", "a", "a.psd", "a.png.bak"])
def test_an_unknown_suffix_lists_the_choices(tmp_path, attempt, name):
    with pytest.raises(PictureError, match=r"choose from \.png, \.jpg, \.jpeg, \.webp"):
        attempt(tmp_path / name)
    assert names(tmp_path) == []


@pytest.mark.parametrize("attempt", [write, check_writable])
def test_impossible_places(tmp_path, attempt):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(PictureError, match="it is a folder"):
        attempt(tmp_path / "folder.png")
    with pytest.raises(PictureError, match="there is no folder"):
        attempt(tmp_path / "nowhere" / "a.png")


def test_a_possible_place_is_left_untouched(tmp_path):
    (tmp_path / "old.png").write_bytes(b"old")
    check_writable(tmp_path / "old.png")
    check_writable(tmp_path / "new.webp")
    assert names(tmp_path) == ["old.png"]
    assert (tmp_path / "old.png").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("failure", "seen"),
    [
        (OSError(28, "No space left on device"), PictureError),
        (ValueError("broken"), PictureError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_failure_keeps_the_old_file_and_leaves_nothing(tmp_path, monkeypatch, failure, seen):
    (tmp_path / "a.png").write_bytes(b"old")

    def fail(self, path, **_):
        Path(path).write_bytes(b"half")
        raise failure

    monkeypatch.setattr(codec.Image.Image, "save", fail)
    with pytest.raises(seen):
        encode(picture_of(noise()), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"old"
    assert names(tmp_path) == ["a.png"]


def test_a_picture_too_wide_for_webp_says_so(tmp_path):
    with pytest.raises(PictureError, match=r"cannot write .*a\.webp.*try a PNG"):
        encode(Picture(torch.zeros(3, 1, 16_384)), tmp_path / "a.webp")
    assert names(tmp_path) == []
