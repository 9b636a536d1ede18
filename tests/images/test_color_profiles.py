"""Embedded profiles become sRGB, as formulas in float64 say."""

import io
import struct

import numpy as np
import pytest
import tifffile
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from impasto.images import Picture, decode, encode, matrix_profiles
from impasto.images.color_profiles import srgb_profile

# Primaries and white as xy, and the exponent: Adobe RGB (1998), section 4.3; SMPTE EG 432-1.
D65 = (0.3127, 0.3290)
ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
GAMMA = 563 / 256


def xyz(x, y):
    return np.array([x / y, 1, (1 - x - y) / y])


def to_xyz(primaries):
    """Linear RGB to XYZ under the primaries' own white."""
    columns = np.array([xyz(*p) for p in primaries]).T
    return columns * np.linalg.solve(columns, xyz(*D65))


def srgb_curve(linear):
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def srgb_inverse(value):
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def expected(values, primaries, linear):
    """Values in [0, 1], (H, W, 3), to sRGB: no adaptation is needed, both whites are D65."""
    matrix = np.linalg.solve(to_xyz(SRGB), to_xyz(primaries))
    return srgb_curve(linear(values) @ matrix.T)


def fixed(value):
    return struct.pack(">i", round(value * 65536))


def profile(space, tags, *, pcs=b"XYZ "):
    """Write an ICC profile of given tags."""
    header = bytearray(128)
    header[8:12], header[12:16], header[16:20] = b"\x04\x40\0\0", b"mntr", space
    header[20:24], header[36:40] = pcs, b"acsp"
    header[68:80] = fixed(0.9642) + fixed(1) + fixed(0.8249)
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += struct.pack(">4sII", name, at + len(body), len(data))
        body += padded
    header[0:4] = struct.pack(">I", at + len(body))
    return bytes(header) + table + body


def rgb_profile(primaries, curve):
    d50 = np.array([0.9642, 1, 0.8249])
    gains = (BRADFORD @ d50) / (BRADFORD @ xyz(*D65))
    columns = np.linalg.solve(BRADFORD, gains[:, None] * (BRADFORD @ to_xyz(primaries))).T
    named = dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True))
    colorants = {name: b"XYZ \0\0\0\0" + b"".join(map(fixed, c)) for name, c in named.items()}
    white = {b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642) + fixed(1) + fixed(0.8249)}
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return profile(b"RGB ", white | colorants | curves)


def parametric(kind, *numbers):
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + b"".join(map(fixed, numbers))


GAMMA_CURVE = b"curv\0\0\0\0" + struct.pack(">IH", 1, 563)
SRGB_CURVE = parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
ADOBE_PROFILE = rgb_profile(ADOBE, GAMMA_CURVE)
P3_PROFILE = rgb_profile(P3, SRGB_CURVE)
KNOWN = {
    "Adobe RGB": (ADOBE_PROFILE, ADOBE, lambda v: v**GAMMA),
    "Display P3": (P3_PROFILE, P3, srgb_inverse),
}


def patches(dtype):
    return np.random.default_rng(4).integers(0, np.iinfo(dtype).max + 1, (8, 9, 3), dtype=dtype)


def pixels(path):
    return decode(path).pixels.double().numpy().transpose(1, 2, 0)


@pytest.mark.parametrize(("icc", "primaries", "linear"), KNOWN.values(), ids=list(KNOWN))
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_matrix_profiles_follow_the_formula(tmp_path, icc, primaries, linear, dtype):
    array = patches(dtype)
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="rgb", iccprofile=icc, metadata=None)
    formula = expected(array / np.iinfo(dtype).max, primaries, linear)
    np.testing.assert_allclose(pixels(tmp_path / "a.tif"), formula, atol=4e-4)


@pytest.mark.parametrize("icc", [ADOBE_PROFILE, P3_PROFILE], ids=list(KNOWN))
def test_littlecms_agrees(tmp_path, icc):
    array = patches(np.uint8)
    Image.fromarray(array).save(tmp_path / "a.png", icc_profile=icc)
    theirs = ImageCms.profileToProfile(
        Image.fromarray(array),
        ImageCms.ImageCmsProfile(io.BytesIO(icc)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    np.testing.assert_allclose(pixels(tmp_path / "a.png") * 255, np.array(theirs), atol=1.01)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_the_profile_of_every_format_is_applied(tmp_path, kind):
    array = np.full((32, 32, 3), (40, 200, 90), np.uint8)
    lossless = {"lossless": True} if kind == "WEBP" else {}
    Image.fromarray(array).save(
        tmp_path / "a", kind, icc_profile=ADOBE_PROFILE, quality=100, **lossless
    )
    formula = expected(array / 255, ADOBE, lambda v: v**GAMMA)
    assert np.abs(formula - array / 255).max() > 0.1
    np.testing.assert_allclose(pixels(tmp_path / "a"), formula, atol=0.02)


def test_the_profile_of_a_heic_is_applied(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    array = np.full((64, 64, 3), (40, 200, 90), np.uint8)
    image = Image.fromarray(array)
    image.info["icc_profile"] = P3_PROFILE
    heif.from_pillow(image).save(tmp_path / "a.heic", quality=100)
    formula = expected(array / 255, P3, srgb_inverse)
    np.testing.assert_allclose(pixels(tmp_path / "a.heic"), formula, atol=0.03)


def test_alpha_is_no_color(tmp_path):
    array = np.dstack([patches(np.uint8), np.arange(72, dtype=np.uint8).reshape(8, 9)])
    Image.fromarray(array).save(tmp_path / "a.png", icc_profile=ADOBE_PROFILE)
    alpha = decode(tmp_path / "a.png").alpha
    np.testing.assert_array_equal((alpha[0] * 255).round().numpy(), array[..., 3])


@pytest.mark.parametrize("icc", [srgb_profile(), rgb_profile(SRGB, SRGB_CURVE)])
def test_srgb_is_left_exactly_as_it_is(tmp_path, icc):
    array = patches(np.uint8)
    Image.fromarray(array).save(tmp_path / "a.png", icc_profile=icc)
    np.testing.assert_array_equal(np.rint(pixels(tmp_path / "a.png") * 255), array)


def test_a_table_of_the_curve(tmp_path):
    table = np.rint((np.arange(1024) / 1023) ** GAMMA * 65535).astype(">u2")
    curve = b"curv\0\0\0\0" + struct.pack(">I", 1024) + table.tobytes()
    array = patches(np.uint8)
    Image.fromarray(array).save(tmp_path / "a.png", icc_profile=rgb_profile(ADOBE, curve))
    formula = expected(array / 255, ADOBE, lambda v: v**GAMMA)
    np.testing.assert_allclose(pixels(tmp_path / "a.png"), formula, atol=1e-3)


CURVES = {  # ICC.1:2022, table 68, at x = 0.2 and x = 0.7
    "0": (parametric(0, 2.0), (0.04, 0.49)),
    "1": (parametric(1, 2.0, 1.5, -0.5), (0.0, 0.3025)),
    "2": (parametric(2, 2.0, 1.0, -0.5, 0.1), (0.1, 0.14)),
    "3": (parametric(3, 2.0, 1.0, 0.1, 0.5, 0.3), (0.1, 0.64)),
    "4": (parametric(4, 2.0, 0.8, 0.1, 0.5, 0.3, 0.05, 0.02), (0.12, 0.4856)),
    "identity": (b"curv\0\0\0\0\0\0\0\0", (0.2, 0.7)),
}


@pytest.mark.parametrize(("curve", "values"), CURVES.values(), ids=list(CURVES))
def test_every_kind_of_curve(curve, values):
    read = matrix_profiles.parse(profile(b"GRAY", {b"kTRC": curve}))
    array = np.array([[[0.2], [0.7]]]) * 65535
    light = srgb_inverse(read.convert(np.rint(array).astype(np.uint16)).double().numpy()[0, 0])
    np.testing.assert_allclose(light, values, atol=1e-4)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_gray_profile(tmp_path, mode):
    icc = profile(b"GRAY", {b"kTRC": parametric(0, 1.0)})  # linear light
    gray = np.arange(0, 255, 5, dtype=np.uint8).reshape(3, 17)
    image = Image.fromarray(gray).convert(mode)
    image.save(tmp_path / "a.png", icc_profile=icc)
    for channel in range(3):
        found = pixels(tmp_path / "a.png")[..., channel]
        np.testing.assert_allclose(found, srgb_curve(gray / 255), atol=1e-5)


def table_profile():
    """An RGB profile of tables that swaps red and blue, by Lab from LittleCMS itself."""
    lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    axis = np.linspace(0, 255, 17).round().astype(np.uint8)
    nodes = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(17, -1, 3)
    image = Image.fromarray(np.ascontiguousarray(nodes[..., ::-1]))
    found = np.frombuffer(ImageCms.applyTransform(image, lab).tobytes(), np.uint8).reshape(-1, 3)
    found = found.copy()
    found[:, 1:] ^= 128  # Pillow holds a and b as signed numbers
    ramp = np.linspace(0, 255, 256).astype(np.uint8).tobytes()
    unit = b"".join(fixed(v) for v in np.eye(3).ravel())
    tag = b"mft1\0\0\0\0" + bytes([3, 3, 17, 0]) + unit + ramp * 3 + found.tobytes() + ramp * 3
    return profile(b"RGB ", {b"A2B0": tag, b"A2B1": tag}, pcs=b"Lab ")


def test_a_profile_of_tables_in_8_and_in_16_bits(tmp_path):
    """16 bits are interpolated between the answers for 8 and keep more than 256 levels."""
    ramp = np.linspace(0.2, 0.8, 600)
    values = np.stack([ramp, np.full(600, 0.5), np.full(600, 0.4)], -1)[None]
    icc, found = table_profile(), {}
    for dtype in (np.uint8, np.uint16):
        array = np.rint(values * np.iinfo(dtype).max).astype(dtype)
        name = tmp_path / f"{dtype.__name__}.tif"
        tifffile.imwrite(name, array, photometric="rgb", iccprofile=icc, metadata=None)
        found[dtype] = pixels(name)
        np.testing.assert_allclose(found[dtype], values[..., ::-1], atol=0.04)
    np.testing.assert_allclose(found[np.uint8], found[np.uint16], atol=0.01)
    counts = [len(np.unique(found[dtype][..., 2])) for dtype in (np.uint8, np.uint16)]
    assert counts[0] <= 256 < counts[1]


BROKEN = {
    "nothing of it": b"",
    "no profile": b"x" * 300,
    "cut off": ADOBE_PROFILE[:200],
    "no tags": ADOBE_PROFILE[:128] + bytes(100),
    "for CMYK": ADOBE_PROFILE[:16] + b"CMYK" + ADOBE_PROFILE[20:],
    "for gray": profile(b"GRAY", {b"kTRC": parametric(0, 1.0)}),
    "curve of no kind": rgb_profile(ADOBE, b"none" + bytes(20)),
    "curve without end": rgb_profile(ADOBE, b"curv\0\0\0\0" + b"\x7f" * 8),
    "curve of kind 9": rgb_profile(ADOBE, parametric(9, 1.0)),
    "colorants of zero": ADOBE_PROFILE.replace(b"XYZ \0", b"YXZ \0"),
}


@pytest.mark.parametrize("icc", BROKEN.values(), ids=list(BROKEN))
def test_a_useless_profile_does_not_cost_the_picture(tmp_path, icc):
    array = patches(np.uint8)
    Image.fromarray(array).save(tmp_path / "a.png", icc_profile=icc)
    np.testing.assert_array_equal(np.rint(pixels(tmp_path / "a.png") * 255), array)


@given(data=st.data())
def test_any_damage_to_a_profile_gives_values_or_nothing(data):
    content = bytearray(data.draw(st.sampled_from([ADOBE_PROFILE, P3_PROFILE])))
    places = st.integers(0, len(content) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=12)):
        content[place] = value
    found = matrix_profiles.parse(bytes(content))
    if found is not None:
        converted = found.convert(patches(np.uint8)[..., : len(found.curves)])
        assert torch.isfinite(converted).all()
        assert 0 <= converted.min() <= converted.max() <= 1


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".avif"])
def test_what_we_write_says_that_it_is_srgb(tmp_path, suffix):
    encode(Picture(torch.full((3, 8, 8), 0.5)), tmp_path / f"a{suffix}")
    with Image.open(tmp_path / f"a{suffix}") as image:
        icc = image.info["icc_profile"]
    assert icc == srgb_profile()
    assert "sRGB" in ImageCms.getProfileName(ImageCms.ImageCmsProfile(io.BytesIO(icc)))
    assert matrix_profiles.parse(icc).is_srgb
    assert not matrix_profiles.parse(ADOBE_PROFILE).is_srgb


def test_lab_becomes_rgb(tmp_path):
    lab = Image.merge("LAB", [Image.new("L", (4, 4), v) for v in (136, 128, 128)])  # L* = 53.3
    lab.save(tmp_path / "a.tif")
    np.testing.assert_allclose(pixels(tmp_path / "a.tif"), 127 / 255, atol=0.012)
