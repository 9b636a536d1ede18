"""Random damage to files of every format gives a picture that holds its contract, or an error."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from impasto.errors import PictureError
from impasto.images import Picture, decode

pytestmark = pytest.mark.slow

KINDS = {  # suffix -> options of a file that Pillow writes
    "jpg": {"quality": 90},
    "progressive.jpg": {"progressive": True},
    "png": {},
    "webp": {},
    "lossless.webp": {"lossless": True},
    "tif": {},
    "lzw.tif": {"compression": "tiff_lzw"},
    "bmp": {},
    "gif": {},
    "avif": {},
}
DEEP = ["deep.png", "deep.tif", "deep.alpha.tif"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a small picture in every format, by suffix."""
    import numpy as np
    from PIL import Image

    from impasto.images import encode

    folder = tmp_path_factory.mktemp("whole")
    array = np.random.default_rng(2).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    for suffix, options in KINDS.items():
        Image.fromarray(array).save(folder / f"a.{suffix}", **options)
    pixels = torch.from_numpy(array.transpose(2, 0, 1) / 255).float()
    for suffix in DEEP:
        alpha = torch.rand(1, 20, 24) if "alpha" in suffix else None
        picture = Picture(pixels, alpha, dpi=300, recipe="steps = 1")
        encode(picture, folder / f"a.{suffix}", depth=16)
    heif = pytest.importorskip("pillow_heif")
    heif.from_pillow(Image.fromarray(array)).save(folder / "a.heic")
    return {path.name.removeprefix("a."): path.read_bytes() for path in folder.iterdir()}


def mutated(data, content):
    """Overwrite, cut out, repeat or append bytes, a few times."""
    content = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 12))
        kind = data.draw(st.sampled_from(["overwrite", "cut out", "insert", "repeat", "end"]))
        if kind == "overwrite":
            content[at : at + length] = data.draw(st.binary(min_size=length, max_size=length))
        elif kind == "cut out":
            del content[at : at + length]
        elif kind == "insert":
            content[at:at] = data.draw(st.binary(max_size=12))
        elif kind == "repeat":
            content[at:at] = content[at : at + 40 * length]
        else:
            del content[at:]
    return bytes(content)


def check_message(message, path):
    assert str(path) in message
    assert "\n" not in message


@pytest.mark.parametrize("suffix", [*KINDS, *DEEP, "heic"])
@settings(
    max_examples=400,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_picture_or_a_picture_error(tmp_path, whole, suffix, data):
    path = tmp_path / "a"
    path.write_bytes(mutated(data, whole[suffix]))
    try:
        picture = decode(path, pixel_limit=1_000_000)
    except PictureError as error:
        check_message(str(error), path)
        return
    for part, channels in ((picture.pixels, 3), (picture.alpha, 1)):
        if part is not None:
            assert part.dtype == torch.float32
            assert part.shape == (channels, picture.height, picture.width)
            assert part.is_contiguous()
            assert torch.isfinite(part).all()
            assert 0 <= part.min() <= part.max() <= 1
    assert picture.height * picture.width <= 1_000_000
    assert picture.dpi is None or 2 <= picture.dpi <= 65_535
    assert picture.recipe is None or isinstance(picture.recipe, str)
