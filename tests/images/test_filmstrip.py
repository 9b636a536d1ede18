"""Film strips: which steps are kept, how large, and for how long they are shown."""

import pytest
import torch
from PIL import Image, ImageSequence

from impasto.events import Step
from impasto.images.filmstrip import Filmstrip
from impasto.images.picture import Picture


def step(number, steps, level=0.5, height=12, width=20):
    return Step(1, number, steps, {}, 0.0, torch.full((1, 3, height, width), level))


def shown(path):
    """Level, size and milliseconds of every frame."""
    with Image.open(path) as image:
        return [
            (frame.convert("RGB").getpixel((5, 5))[0], frame.size, frame.info["duration"])
            for frame in ImageSequence.Iterator(image)
        ]


@pytest.mark.parametrize(
    ("most", "steps", "kept"),
    [(60, 3, [1, 2, 3]), (4, 8, [2, 4, 6, 8]), (3, 10, [4, 7, 10]), (1, 5, [5])],
)
def test_steps_are_chosen_evenly_and_end_with_the_last(most, steps, kept):
    strip = Filmstrip(most=most)
    assert [n for n in range(1, steps + 1) if strip.wants(n, steps)] == kept


def test_long_runs_keep_sixty():
    assert sum(Filmstrip().wants(n, 1000) for n in range(1, 1001)) == 60


def test_small_stages_are_enlarged_and_the_finished_picture_is_held(tmp_path):
    strip = Filmstrip()
    strip.see(step(1, 2, level=0.2, height=6, width=10))
    strip.see(step(2, 2, level=1.7))  # L-BFGS strays
    strip.save(tmp_path / "a.gif", Picture(torch.full((3, 12, 20), 0.4)))
    assert shown(tmp_path / "a.gif") == [
        (51, (20, 12), 100),
        (255, (20, 12), 100),
        (102, (20, 12), 1000),
    ]


def test_a_frame_is_kept_as_it_was(tmp_path):
    strip, image = Filmstrip(), torch.full((1, 3, 12, 20), 0.2)
    strip.see(Step(1, 1, 1, {}, 0.0, image))
    image.fill_(0.8)  # the engine goes on with its tensor
    strip.save(tmp_path / "a.gif", Picture(torch.full((3, 12, 20), 0.4)))
    assert [level for level, _, _ in shown(tmp_path / "a.gif")] == [51, 102]


def test_large_frames_are_shrunk(tmp_path):
    strip = Filmstrip(long_side=16)
    strip.see(step(1, 1, height=24, width=32))
    strip.save(tmp_path / "a.gif", Picture(torch.zeros(3, 24, 32)))
    assert {size for _, size, _ in shown(tmp_path / "a.gif")} == {(16, 12)}


def test_a_run_without_steps_is_a_still(tmp_path):
    Filmstrip().save(tmp_path / "a.webp", Picture(torch.zeros(3, 12, 20)))
    with Image.open(tmp_path / "a.webp") as image:
        assert image.n_frames == 1
