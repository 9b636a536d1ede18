"""`impasto sweep`: a sheet of small pictures, and what it refuses."""

import pytest

from impasto import recipe_files
from impasto.images import decode


@pytest.fixture
def sweep(run, folder, pocket_file):
    def invoke(*arguments):
        return run(
            *("sweep", "photo.png", "painting.png", "--weights", pocket_file),
            *("--set", "network.sha256=", "--set", "network.precision=fp32"),
            *("--size", "72", "--steps", "3", "--threads", "1", *arguments),
        )

    return invoke


def test_it_makes_a_sheet(sweep, folder):
    result = sweep("--strength", "0,1", "--style-scale", "0.5,1,2", "-o", "out.png")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("saved out.png (6 pictures, ")
    lines = [line for line in result.stderr.splitlines() if "strength" in line]
    assert len(lines) == 6
    assert "6/6  strength 1, scale 2" in lines[-1]
    sheet = decode(folder / "out.png")
    assert sheet.width > 3 * 72
    assert sheet.height > 2 * 48


def test_pictures_and_an_animation_come_on_request(sweep, folder):
    result = sweep("--vary", "style.weight=1,2", "--pictures", "all", "--animate", "a.gif", "-q")
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    names = sorted(path.name for path in (folder / "all").iterdir())
    assert names == ["01_weight-1.png", "02_weight-2.png"]
    recipe = recipe_files.parse(decode(folder / "all" / names[1]).recipe, name="")
    assert recipe.style.weight == 2
    assert (folder / "sheet.png").exists()
    assert (folder / "a.gif").read_bytes().startswith(b"GIF89a")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "something that varies"),
        (("--strength", "low..high"), "cannot read"),
        (("--strength", "0,2"), "content.strength"),
        (("--vary", "style.wieght=1,2"), "did you mean style.weight"),
        (("--vary", "style.weight"), "KEY=VALUES"),
        (("--style-mix", "0:1..1:0"), "weights for 1 style"),
        (("--style-scale", "1,2", "-o", "photo.png"), "overwritten"),
        (("--style-scale", "1,2", "-o", "sheet.txt"), ".txt"),
        (("--style-scale", "1,2", "--animate", "a.png"), ".gif"),
        (("--style-scale", "1,2", "--pictures", "photo.png"), "--pictures"),
    ],
)
def test_bad_input(sweep, folder, arguments, words):
    before = sorted(path.name for path in folder.iterdir())
    result = sweep(*arguments)
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert sorted(path.name for path in folder.iterdir()) == before
