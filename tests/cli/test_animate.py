"""`impasto stylize --animate`: the optimization as an animation."""

import json

import pytest
import torch
from PIL import Image, ImageSequence

from impasto.images import decode


def frames(path):
    with Image.open(path) as image:
        return [frame.convert("RGB").copy() for frame in ImageSequence.Iterator(image)]


def seconds(path):
    total = 0
    with Image.open(path) as image:
        for frame in ImageSequence.Iterator(image):
            frame.load()  # only now does a WebP know
            total += frame.info["duration"]
    return total / 1000


@pytest.mark.parametrize("name", ["run.gif", "run.webp"])
def test_every_step_of_a_short_run_and_the_result(stylize, folder, name):
    result = stylize("-o", "out.png", "--animate", name)
    assert result.exit_code == 0, result.output
    found = frames(folder / name)
    assert len(found) in (4, 5)  # Pillow shows what does not change as one frame
    assert seconds(folder / name) == pytest.approx(4 * 0.1 + 1)
    assert {frame.size for frame in found} == {(72, 48)}


def test_the_last_frame_is_the_result_in_the_colors_of_the_result(stylize, folder):
    plain = ("--set", "optimizer.adam.average=0", "--color", "content:luminance")
    assert stylize("-o", "out.png", "--animate", "run.webp", *plain).exit_code == 0
    *_, last, finished = frames(folder / "run.webp")
    with Image.open(folder / "out.png") as out:
        target = torch.tensor(list(out.convert("RGB").tobytes())).float()
    for frame in (last, finished):
        shown = torch.tensor(list(frame.tobytes())).float()
        assert float((shown - target).abs().mean()) < 8  # of 255; WebP loses a little


def test_a_film(stylize, folder):
    av = pytest.importorskip("av", reason="PyAV is not installed: pip install 'impasto[video]'")
    result = stylize("-o", "out.png", "--animate", "run.mp4", "--json")
    assert json.loads(result.stdout.splitlines()[-1])["animation"] == "run.mp4"
    with av.open(str(folder / "run.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == 4 * 3 + 30


def test_a_palette_takes_no_steps(run, folder):
    options = ("--size", "72", "--color", "palette", "-o", "out.png", "--animate", "run.gif")
    result = run("stylize", "photo.png", "painting.png", *options)
    assert result.exit_code == 0, result.output
    assert len(frames(folder / "run.gif")) == 1


def test_the_picture_is_the_same_with_it(stylize, folder):
    assert stylize("-o", "a.png", "--animate", "run.gif", "-q").exit_code == 0
    assert stylize("-o", "b.png", "-q").exit_code == 0
    assert torch.equal(decode(folder / "a.png").pixels, decode(folder / "b.png").pixels)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--animate", "run.png"), "saved as .gif, .webp or .mp4, got 'run.png'"),
        (("--animate", "none/run.gif"), "there is no folder"),
        (("--animate", "out.webp", "-o", "out.webp"), "written by this run already"),
        (("--animate", "g.webp", "--save-guides", "g.webp"), "written by this run already"),
        (
            ("--animate", "out.step00002.webp", "-o", "out.webp", "--save-every", "2"),
            "written by this run already",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_the_run(stylize, folder, options, words):
    before = sorted(folder.iterdir())
    result = stylize(*options)
    assert result.exit_code == 2
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert sorted(folder.iterdir()) == before
