"""Sizes on paper: from `--print` and `--dpi` to pixels, and into the file."""

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

from impasto.cli.print_options import Sheet, detail, parsed, print_size
from impasto.errors import InputError
from impasto.images.codec import decode, encode, size_of
from impasto.images.picture import Picture
from impasto.numerics import storage


def a_file(path, height, width):
    encode(Picture(torch.rand(3, height, width)), path)
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60x40cm", (60, 40)),
        ("600x400mm", (60, 40)),
        (" 24 x 16 in ", (60.96, 40.64)),
        ("29.7x42cm", (29.7, 42)),
        ("a3", (29.7, 42.0)),
        ("Letter", (21.59, 27.94)),
    ],
)
def test_sizes_on_paper(text, expected):
    sheet = parsed(text)
    assert (sheet.width, sheet.height) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["60x40", "60cm", "0x40cm", "A11", "60x40px", "-6x4cm", ""])
def test_what_is_no_size_says_what_is(text):
    with pytest.raises(InputError, match="60x40cm, 600x400mm, 24x16in or A3"):
        parsed(text)


@pytest.mark.parametrize(
    ("height", "width", "long_side"),
    [
        (2000, 3000, 7087),  # as the paper: 60 / 2.54 * 300 = 7086.6
        (3000, 2000, 7087),  # upright: the paper is turned
        (2000, 2000, 4724),  # square: 40 / 2.54 * 300 = 4724.4
        (1000, 4000, 7087),
        (2500, 3000, 5669),  # the height decides: 4724 * 3000 / 2500 = 5668.8, cut to 5668
    ],
)
def test_the_picture_fits_and_is_not_stretched(height, width, long_side):
    found = Sheet(60, 40).long_side(height, width, 300)
    assert found in (long_side, long_side - 1)
    short_side = found * min(height, width) / max(height, width)
    assert found <= 7087
    assert round(short_side) <= 4724
    # and it could not be larger
    assert found + 1 > 7087 or round((found + 1.01) / found * short_side) >= 4724


def test_what_the_command_says_and_takes(tmp_path):
    content = a_file(tmp_path / "a.png", 60, 60)
    found = print_size("30x20cm", content, None, None, None)
    assert (found.size, found.dpi) == (2362, 300)
    assert found.message == "prints 20.0 x 20.0 cm on 30 x 20 cm at 300 dpi; 10.0 cm stay bare"
    assert print_size("6x4cm", a_file(tmp_path / "b.png", 40, 60), None, 100, None).message == (
        "prints 6.0 x 4.0 cm on 6 x 4 cm at 100 dpi"
    )
    assert print_size(None, content, 512, None, None) is None


@pytest.mark.parametrize(
    ("text", "size", "dpi", "problem"),
    [
        ("30x20cm", 512, None, "--size or --print"),
        ("30x20cm", None, 0.5, "2 to 65,535 dpi"),
        ("1x1mm", None, 72, "long side of 3 px"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, text, size, dpi, problem):
    with pytest.raises(InputError, match=problem):
        print_size(text, a_file(tmp_path / "a.png", 60, 60), size, dpi, None)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_size_of_a_file_is_that_of_the_picture(tmp_path, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    deep = np.zeros((30, 40, 3), np.uint16)
    turn = [(274, 3, 1, orientation, True)]
    tifffile.imwrite(tmp_path / "b.tif", deep, photometric="rgb", extratags=turn, metadata=None)
    picture = decode(tmp_path / "b.tif")
    assert size_of(tmp_path / "b.tif") == (picture.height, picture.width)
    for name in ("a.jpg", "a.tif", "a.webp", "a.png"):
        Image.new("RGB", (40, 30)).save(tmp_path / name, exif=exif)
        picture = decode(tmp_path / name)
        assert size_of(tmp_path / name) == (picture.height, picture.width)


def test_a_print_from_the_command_line(run, tmp_path):
    content = a_file(tmp_path / "a.png", 60, 90)
    done = run(
        "stylize",
        content,
        a_file(tmp_path / "b.png", 64, 64),
        "--print",
        "3x2cm",
        "--dpi",
        "60",
        "--steps",
        "2",
        "-o",
        tmp_path / "out.tif",
        "--pyramid",
    )
    assert done.exit_code == 0
    assert "prints 3.0 x 2.0 cm on 3 x 2 cm at 60 dpi" in done.stderr
    made = decode(tmp_path / "out.tif")
    assert (made.height, made.width, made.dpi) == (47, 70, 60)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.4,0.3,0.2,0.1", (0.4, 0.3, 0.2, 0.1)),
        ("40%, 30%, 20%, 10%", (0.4, 0.3, 0.2, 0.1)),
        ("80,40,40,20", (0.4, 0.4, 0.2, 0.2)),  # of 200 x 100 px
        ("0,0,200,100", (0, 0, 1, 1)),
        ("0,0,1,1", (0, 0, 1, 1)),
    ],
)
def test_regions_in_shares_percent_and_pixels(tmp_path, text, expected):
    content = a_file(tmp_path / "a.png", 20, 40)
    assert detail(text, content, 200, None) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "1,2,3", "0.1,0.1,20%,0.1", "a,b,c,d", "0.5;0.5;0.1;0.1"])
def test_what_is_no_region_says_what_is(tmp_path, text):
    with pytest.raises(InputError, match=r"four numbers.*0\.4,0\.3"):
        detail(text, a_file(tmp_path / "a.png", 20, 40), 200, None)


@pytest.mark.parametrize("text", ["0.9,0,0.2,1", "-0.1,0,0.2,1", "0,0,0,1", "150,0,100,50"])
def test_a_region_beyond_the_picture_is_refused(tmp_path, text):
    with pytest.raises(InputError, match="inside the picture"):
        detail(text, a_file(tmp_path / "a.png", 20, 40), 200, None)


def test_a_detail_from_the_command_line(stylize, folder):
    done = stylize("--detail", "0.5,0,0.5,1", "-o", "out.tif")
    assert done.exit_code == 0
    made = decode("out.tif")
    assert (made.height, made.width) == (48, 36)
    assert "Detail 0.5,0,0.5,1 of a picture of 72 x 48 px" in made.recipe


@pytest.mark.parametrize(
    "options", [["--checkpoint", "kept"], ["--animate", "a.gif"], ["--protect", "painting.png"]]
)
def test_what_goes_with_no_detail_is_refused(stylize, folder, options):
    done = stylize("--detail", "0.5,0,0.5,1", *options)
    assert done.exit_code == 2
    assert f"--detail without {options[0]}" in done.stderr
    assert not (folder / "kept").exists()


def test_the_scratch_folder_is_told_to_the_storage(stylize, folder, monkeypatch):
    monkeypatch.setattr(storage, "_file_system", lambda _: "ext4")
    (folder / "space").mkdir()
    monkeypatch.setenv("IMPASTO_SCRATCH", "")  # what the command sets is undone
    assert stylize("--scratch", "space", "-o", "out.png").exit_code == 0
    assert storage.mapped_storage().folder == folder / "space"
    done = stylize("--scratch", "nowhere", "-o", "out.png")
    assert done.exit_code == 2
    assert "expected a folder for --scratch, got nowhere" in done.stderr
