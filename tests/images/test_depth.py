"""16 bits per channel come in and go out exactly, through PNG and TIFF of every layout."""

import io
import struct
import zlib

import numpy as np
import pytest
import tifffile
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from impasto.errors import InputError
from impasto.images import Picture, decode, encode

DEEP_SUFFIXES = [".png", ".tif", ".tiff"]
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
ADAM7 += [(0, 1, 1, 2)]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
no_fixture_check = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def noise(height=5, width=7, channels=3, dtype=np.uint16, seed=0):
    generator = np.random.default_rng(seed)
    return generator.integers(0, np.iinfo(dtype).max + 1, (height, width, channels), dtype=dtype)


def levels(tensor, top=65535):
    """A (C, H, W) tensor as an (H, W, C) array of 0 .. top, which it must hit exactly."""
    scaled = tensor.double().numpy().transpose(1, 2, 0) * top
    np.testing.assert_allclose(scaled, np.rint(scaled), atol=5e-3)
    return np.rint(scaled).astype(int)


def picture_of(array, **rest):
    top = np.iinfo(array.dtype).max
    planes = torch.from_numpy(array.astype(np.float64).transpose(2, 0, 1) / top).float()
    return Picture(
        planes[:3].contiguous(), planes[3:].contiguous() if len(planes) > 3 else None, **rest
    )


# --- through our own files -------------------------------------------------------------------


@no_fixture_check
@given(
    shape=st.tuples(st.integers(1, 70), st.integers(1, 12), st.sampled_from([3, 4])),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    suffix=st.sampled_from(DEEP_SUFFIXES),
    seed=st.integers(0, 99),
    recipe=st.none() | texts,
    dpi=st.none() | st.integers(2, 2400),
)
def test_what_goes_out_comes_back(tmp_path, shape, dtype, suffix, seed, recipe, dpi):
    array = noise(*shape, dtype=dtype, seed=seed)
    path = tmp_path / f"a{suffix}"
    encode(picture_of(array, recipe=recipe, dpi=dpi), path, depth=8 * array.itemsize)
    back = decode(path)
    top = np.iinfo(dtype).max
    np.testing.assert_array_equal(levels(back.pixels, top), array[..., :3])
    assert (back.alpha is None) == (shape[2] == 3)
    if back.alpha is not None:
        np.testing.assert_array_equal(levels(back.alpha, top), array[..., 3:])
    assert back.recipe == recipe
    assert back.dpi == (None if dpi is None else pytest.approx(dpi, abs=0.02))


@pytest.mark.parametrize("channels", [3, 4])
def test_other_libraries_read_the_same_16_bits(tmp_path, channels):
    array = noise(9, 11, channels)
    encode(picture_of(array, dpi=300, recipe="steps = 1"), tmp_path / "a.tif", depth=16)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), array)
    encode(picture_of(array, dpi=300, recipe="steps = 1"), tmp_path / "a.png", depth=16)
    with Image.open(tmp_path / "a.png") as image:
        np.testing.assert_array_equal(np.array(image), array >> 8)  # Pillow keeps 8 bits
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.02)
        assert image.info["impasto"] == "steps = 1"
        assert image.info["icc_profile"][36:40] == b"acsp"


@pytest.mark.parametrize("suffix", DEEP_SUFFIXES)
def test_the_same_picture_gives_the_same_bytes(tmp_path, suffix):
    for name in "ab":
        encode(picture_of(noise(), recipe="steps = 1"), tmp_path / f"{name}{suffix}", depth=16)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_formats_of_8_bits_say_so(tmp_path, suffix):
    with pytest.raises(InputError, match=r"16 bits per channel; expected a PNG or TIFF"):
        encode(picture_of(noise()), tmp_path / f"a{suffix}", depth=16)
    assert list(tmp_path.iterdir()) == []


# --- PNG of every layout, made by hand -------------------------------------------------------


def filtered(rows, kind, pixel):
    """Filter rows of bytes by one of the five types, byte by byte as the specification says."""
    out = bytearray()
    above = bytes(len(rows[0]))
    for row in rows:
        out.append(kind)
        for x, value in enumerate(row):
            a = row[x - pixel] if x >= pixel else 0
            b, c = above[x], above[x - pixel] if x >= pixel else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            out.append((value - [0, a, b, (a + b) // 2, paeth][kind]) % 256)
        above = row
    return bytes(out)


def deep_png(array, color_type, *, kind=0, interlaced=False, more=b""):
    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    data = b""
    for x, y, across, down in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        part = array[y::down, x::across].astype(">u2")
        if part.size:
            data += filtered([row.tobytes() for row in part], kind, 2 * array.shape[2])
    height, width = array.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, int(interlaced))
    body = chunk(b"IHDR", header) + (chunk(b"tRNS", more) if more else b"")
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("kind", range(5))
@pytest.mark.parametrize(("color_type", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_every_16_bit_png_is_exact(tmp_path, color_type, channels, kind, interlaced):
    array = noise(9, 13, channels)
    (tmp_path / "a.png").write_bytes(deep_png(array, color_type, kind=kind, interlaced=interlaced))
    back = decode(tmp_path / "a.png")
    colors = channels - (channels in (2, 4))
    expected = np.repeat(array, 3, axis=2)[..., :3] if colors == 1 else array[..., :3]
    np.testing.assert_array_equal(levels(back.pixels), expected)
    assert (back.alpha is None) == (colors == channels)
    if back.alpha is not None:
        np.testing.assert_array_equal(levels(back.alpha), array[..., -1:])


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (9, 1), (3, 3)])
def test_interlacing_of_small_pictures(tmp_path, height, width):
    """Some of the seven passes are empty."""
    array = noise(height, width)
    (tmp_path / "a.png").write_bytes(deep_png(array, 2, interlaced=True))
    np.testing.assert_array_equal(levels(decode(tmp_path / "a.png").pixels), array)


def test_one_color_of_16_bits_may_be_clear(tmp_path):
    array = noise()
    array[2, 3], array[2, 4] = (1, 2, 3), (1, 2, 4)
    more = struct.pack(">HHH", 1, 2, 3)
    (tmp_path / "a.png").write_bytes(deep_png(array, 2, more=more))
    alpha = decode(tmp_path / "a.png").alpha
    assert alpha.sum() == 5 * 7 - 1
    assert alpha[0, 2, 3] == 0


# --- TIFF of every layout --------------------------------------------------------------------

LAYOUTS = {
    "plain": {},
    "big endian": {"byteorder": ">"},
    "BigTIFF": {"bigtiff": True},
    "big endian BigTIFF": {"bigtiff": True, "byteorder": ">"},
    "strips": {"rowsperstrip": 5},
    "tiles": {"tile": (16, 16)},
    "deflate": {"compression": "zlib", "rowsperstrip": 7},
    "deflate and predictor": {"compression": "zlib", "predictor": True},
    "big endian predictor": {"compression": "zlib", "predictor": True, "byteorder": ">"},
    "tiles and predictor": {"compression": "zlib", "predictor": True, "tile": (16, 32)},
    "planes": {"planarconfig": "separate"},
    "planes in strips": {"planarconfig": "separate", "compression": "zlib", "rowsperstrip": 4},
    "planes in tiles": {"planarconfig": "separate", "compression": "zlib", "tile": (16, 16)},
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
@pytest.mark.parametrize("channels", [3, 4])
def test_every_16_bit_tiff_is_exact(tmp_path, layout, channels):
    array = noise(37, 43, channels)
    separate = layout.get("planarconfig") == "separate"
    tifffile.imwrite(
        tmp_path / "a.tif",
        array.transpose(2, 0, 1) if separate else array,
        photometric="rgb",
        extrasamples=["unassalpha"] if channels == 4 else None,
        metadata=None,
        **layout,
    )
    back = decode(tmp_path / "a.tif")
    np.testing.assert_array_equal(levels(back.pixels), array[..., :3])
    if channels == 4:
        np.testing.assert_array_equal(levels(back.alpha), array[..., 3:])


def compressed_by_pillow(array, compression):
    """Pillow writes 8 bits only: the header is changed to call pairs of bytes samples."""
    height, width, channels = array.shape
    rows = array.astype("<u2").view(np.uint8).reshape(height, -1)
    buffer = io.BytesIO()
    Image.fromarray(rows).save(buffer, "TIFF", compression=compression)
    data = bytearray(buffer.getvalue())
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    for n in range(count):
        entry = at + 2 + 12 * n
        (tag,) = struct.unpack_from("<H", data, entry)
        new = {256: (256, width), 258: (258, 16), 262: (262, 2), 284: (277, channels)}
        if tag in new:  # what Pillow left out takes the place of a tag that says the usual
            struct.pack_into("<HHII", data, entry, new[tag][0], 4, 1, new[tag][1])
    return bytes(data)


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "tiff_adobe_deflate", "zstd"])
def test_what_libtiff_compresses_in_16_bits(tmp_path, compression):
    array = noise(20, 30)
    (tmp_path / "a.tif").write_bytes(compressed_by_pillow(array, compression))
    np.testing.assert_array_equal(levels(decode(tmp_path / "a.tif").pixels), array)


@pytest.mark.parametrize("inverted", [False, True])
def test_gray_tiff_of_16_bits(tmp_path, inverted):
    array = noise(channels=1)
    kind = "miniswhite" if inverted else "minisblack"
    tifffile.imwrite(tmp_path / "a.tif", array[..., 0], photometric=kind, metadata=None)
    expected = 65535 - array if inverted else array
    back = decode(tmp_path / "a.tif").pixels
    np.testing.assert_array_equal(levels(back), np.repeat(expected.astype(int), 3, axis=2))


def test_cmyk_tiff_of_16_bits(tmp_path):
    array = noise(channels=4)
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="separated", metadata=None)
    ink = array / 65535
    expected = (1 - ink[..., :3]) * (1 - ink[..., 3:])
    pixels = decode(tmp_path / "a.tif").pixels.numpy().transpose(1, 2, 0)
    np.testing.assert_allclose(pixels, expected, atol=1e-6)


def test_colors_multiplied_by_alpha_are_divided_again(tmp_path):
    alpha = np.array([[65535, 30000, 0]], np.uint16)
    straight = np.array([[[1000, 20000, 65535]] * 3], np.float64)
    multiplied = np.rint(straight * alpha[..., None] / 65535).astype(np.uint16)
    array = np.dstack([multiplied, alpha])
    tifffile.imwrite(
        tmp_path / "a.tif", array, photometric="rgb", extrasamples=["assocalpha"], metadata=None
    )
    pixels = levels(decode(tmp_path / "a.tif").pixels)
    np.testing.assert_allclose(pixels[0, :2], straight[0, :2], atol=2)
    assert (pixels[0, 2] == 0).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_16_bit_tiff_is_turned_as_a_png_is(tmp_path, orientation):
    array = noise(3, 5)
    tag = [(274, 3, 1, orientation, True)]
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="rgb", extratags=tag, metadata=None)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray((array >> 8).astype(np.uint8)).save(tmp_path / "a.png", exif=exif)
    deep, shallow = decode(tmp_path / "a.tif").pixels, decode(tmp_path / "a.png").pixels
    np.testing.assert_array_equal(levels(deep) >> 8, levels(shallow, 255))


def test_gray_tiff_of_12_bits(tmp_path):
    """Two samples in three bytes, as TIFF packs them."""
    row = bytes([0x00, 0x0F, 0xFF, 0x80, 0x04, 0x00])  # 0, 4095, 2048, 1024
    tags = {256: 4, 257: 1, 258: 12, 259: 1, 262: 1, 277: 1, 278: 1, 279: 6}
    tags[273] = 8 + 2 + 12 * 9 + 4
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    header = b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags))
    (tmp_path / "a.tif").write_bytes(header + entries + bytes(4) + row)
    pixels = decode(tmp_path / "a.tif").pixels[0, 0].numpy()
    np.testing.assert_allclose(pixels, np.array([0, 4095, 2048, 1024]) / 4095, atol=1e-5)
