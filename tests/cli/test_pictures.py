"""Pictures on the command line: the recipe in every format, and how the result is written."""

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

from impasto import recipe_files
from impasto.images import Picture, decode, encode

SUFFIXES = [".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".avif"]


@pytest.fixture
def made(folder):
    """Write a picture whose recipe is `draft` with another weight."""

    def write(name, **options):
        recipe = recipe_files.named("draft").changed({"style.weight": 2.5})
        picture = Picture(torch.full((3, 20, 20), 0.4), recipe=recipe_files.to_toml(recipe))
        encode(picture, folder / name, **options)
        return name

    return write


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_recipe_is_shown_from_every_format(run, made, suffix):
    result = run("recipe", "show", made(f"out{suffix}"))
    assert result.exit_code == 0, result.output
    assert "weight = 2.5" in result.stdout


@pytest.mark.parametrize("name", ["out.png", "out.tif"])
def test_the_recipe_is_shown_from_16_bits(run, made, name):
    assert "weight = 2.5" in run("recipe", "show", made(name, depth=16)).stdout


@pytest.mark.parametrize("name", ["out.png", "out.jpg", "out.avif"])
def test_like_repeats_the_recipe_of_a_picture(run, folder, small, made, name):
    result = run(
        "stylize", "photo.png", "painting.png", *small, "--like", made(name), "-o", "next.png"
    )
    assert result.exit_code == 0, result.output
    recipe = recipe_files.parse(decode(folder / "next.png").recipe, name="next")
    assert recipe.style.weight == 2.5


def test_like_knows_a_picture_by_its_bytes(run, folder, small, made):
    (folder / "out.png.bak").write_bytes((folder / made("out.png")).read_bytes())
    arguments = ["--like", "out.png.bak", "--style-weight", "3", "-o", "next.png"]
    result = run("stylize", "photo.png", "painting.png", *small, *arguments)
    assert result.exit_code == 0, result.output
    assert recipe_files.parse(decode("next.png").recipe, name="next").style.weight == 3


@pytest.mark.parametrize("name", ["out.png", "out.tif"])
def test_depth_and_dpi_reach_the_file(stylize, folder, name):
    result = stylize("-o", name, "--depth", "16", "--dpi", "240", "--save-every", "4")
    assert result.exit_code == 0, result.output
    for path in (folder / name, folder / name.replace(".", ".step00004.")):
        back = decode(path)
        assert back.dpi == pytest.approx(240, abs=0.02)
        levels = (back.pixels.double() * 65535).round().numpy()
        assert (levels % 257 != 0).any(), "8 bits would do"
    if name == "out.tif":
        assert tifffile.imread(folder / name).dtype == np.uint16


def test_quality_reaches_the_file(stylize, folder):
    sizes = []
    for quality in (20, 95):
        stylize("-o", f"{quality}.jpg", "--quality", quality)
        sizes.append((folder / f"{quality}.jpg").stat().st_size)
        with Image.open(folder / f"{quality}.jpg") as image:
            assert image.format == "JPEG"
    assert sizes[0] < sizes[1]


def test_the_pixel_limit_counts_over_the_environment(stylize, run, monkeypatch):
    monkeypatch.setenv("IMPASTO_PIXEL_LIMIT", "100")
    result = run("recipe", "show", "photo.png")
    assert result.exit_code == 2
    assert "has 48 x 32 = 1,536 pixels; expected at most 100" in result.stderr
    assert stylize("-o", "out.png", "--pixel-limit", "2000").exit_code == 0


def test_a_deep_picture_with_alpha_and_dpi_goes_all_the_way(run, folder, small):
    pixels = np.random.default_rng(0).integers(0, 65536, (24, 30, 4), dtype=np.uint16)
    tifffile.imwrite(
        folder / "deep.tif",
        pixels,
        photometric="rgb",
        extrasamples=["unassalpha"],
        resolution=(300, 300),
        resolutionunit="INCH",
        metadata=None,
    )
    result = run("stylize", "deep.tif", "painting.png", *small, "-o", "out.tif", "--depth", "16")
    assert result.exit_code == 0, result.output
    back = decode(folder / "out.tif")
    assert back.dpi == 300
    assert back.alpha is not None
    assert back.alpha.shape[1:] == back.pixels.shape[1:]
    assert 0.2 < back.alpha.mean() < 0.8
