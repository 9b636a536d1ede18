"""`impasto compare`: the table, JSON, the page, and what is refused."""

import json
import subprocess
import sys

import pytest
import torch

from impasto import recipe_files
from impasto.images import Picture, decode, encode

PAIR = ("--content", "photo.png", "--style", "painting.png")


@pytest.fixture
def compare(run, folder, pocket_file):
    """Run `impasto compare` with a random network as the judge."""

    def invoke(*arguments):
        return run("compare", *arguments, "--weights", pocket_file, "--threads", "1")

    return invoke


def test_a_table_of_several_pictures(compare):
    result = compare("photo.png", "painting.png", *PAIR)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    head, ways, photo, painting, *legend = result.stdout.splitlines()
    assert head.split()[:3] == ["picture", "size", "SSIM"]
    assert ways.split()[:2] == ["higher", "higher"]
    assert photo.split()[:7] == ["photo.png", "48", "x", "32", "1.000", "1.000", "0.000"]
    assert painting.split()[:5] == ["painting.png", "*", "40", "x", "40"]
    assert painting.split()[8:11] == ["0.000", "0.000", "1.000"]
    assert "measured in pocket-v1" in legend[1]


def test_json_is_a_list_with_every_number(compare):
    result = compare("photo.png", "./painting.png", *PAIR, "--json")
    photo, painting = json.loads(result.stdout)
    assert (photo["picture"], photo["width"], photo["height"]) == ("photo.png", 48, 32)
    assert photo["ssim"] == pytest.approx(1)
    assert painting["moments"]["total"] == 0
    assert set(photo) == {
        *("picture", "width", "height", "ssim", "edges", "deep", "sliced", "moments"),
        *("grain", "flat_grain", "border", "network", "notes"),
    }


def test_the_page_is_written_and_the_table_says_where(compare, folder):
    result = compare("photo.png", *PAIR, "--html", "page.html")
    assert result.stdout.endswith("\nsaved page.html\n")
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg;base64,") == 3
    result = compare("photo.png", *PAIR, "--html", "page.html", "--json")
    assert len(json.loads(result.stdout)) == 1
    assert result.stderr == "saved page.html\n"


def test_a_picture_of_the_same_network_is_starred(compare, folder):
    recipe = recipe_files.to_toml(recipe_files.named("draft"))
    encode(Picture(decode("photo.png").pixels, recipe=recipe), folder / "own.png")
    lines = compare("own.png", "photo.png", *PAIR).stdout.splitlines()
    assert lines[2].startswith("own.png *")
    assert lines[3].startswith("photo.png  ")
    (note,) = [line for line in lines if "own.png: " in line]
    assert "optimized by pocket-v1, which judges here" in note


def test_names_with_brackets_spaces_and_accents(compare, folder):
    name = "my [red] été.png"
    (folder / name).write_bytes((folder / "photo.png").read_bytes())
    result = compare(name, *PAIR, "--html", "[b] ü.html")
    assert name in result.stdout
    assert "saved [b] ü.html" in result.stdout
    assert name in (folder / "[b] ü.html").read_text(encoding="utf-8")


REFUSED = {
    "missing image": (["gone.png", *PAIR], "there is no file gone.png"),
    "missing content": (
        ["photo.png", "--content", "gone.png", "--style", "painting.png"],
        "there is no file gone.png",
    ),
    "image is text": (["notes.txt", *PAIR], "notes.txt is not a picture"),
    "too small": (["tile.png", *PAIR], "expected "),
    "unknown network": (["photo.png", *PAIR, "--network", "vgg18"], "unknown network 'vgg18'"),
    "weights of another network": (["photo.png", *PAIR, "--network", "vgg19"], "expected weights"),
    "page is a picture": (
        ["photo.png", *PAIR, "--html", "painting.png"],
        "a page is written as .html or .htm, got 'painting.png'",
    ),
    "no folder for the page": (["photo.png", *PAIR, "--html", "no/p.html"], "there is no folder"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_refused_in_one_line(compare, folder, case):
    arguments, message = REFUSED[case]
    (folder / "notes.txt").write_text("words")
    encode(Picture(torch.rand(3, 12, 12)), folder / "tile.png")
    before = sorted(folder.rglob("*"))
    result = compare(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert sorted(folder.rglob("*")) == before
    (line,) = result.stderr.splitlines()
    assert line.startswith("impasto: error: ")
    assert message in line


def test_content_and_style_are_needed(compare):
    for arguments in (["photo.png"], ["photo.png", "--content", "photo.png"], list(PAIR)):
        assert compare(*arguments).exit_code == 2


def test_help_names_every_option(run):
    text = run("compare", "--help").stdout
    for option in ("content", "style", "network", "weights", "threads", "html", "json"):
        assert f"--{option} " in text, option


WITHOUT_TORCH = """
import sys
from typer.testing import CliRunner
from impasto.cli.main import app
given = "photo.png --content photo.png --style painting.png"
for line, code in (
    ("compare --help", 0), ("compare gone.png --content gone.png --style gone.png", 2),
    (f"compare {given} --network vgg18", 2), (f"compare {given} --html out.png", 2),
):
    result = CliRunner().invoke(app, line.split())
    assert result.exit_code == code, (line, result.output)
    heavy = {"torch", "numpy", "PIL"} & set(sys.modules)
    assert not heavy, (line, heavy)
"""


def test_help_and_early_errors_do_not_load_torch(folder):
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH], check=True, cwd=folder)
