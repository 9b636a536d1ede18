"""What follows from a plan: sizes known beforehand, and an allocator that follows the run."""

import pytest
import torch
from PIL import Image

from impasto import executing
from impasto.errors import PictureError
from impasto.events import Planned, StageStarted
from impasto.execution import ExecutionPlan
from impasto.images.picture import Picture
from impasto.numerics import allocator

GIVEN = Picture(torch.rand(3, 30, 40))


def test_sizes_of_files_are_those_of_the_decoded_pictures(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (50, 20)).save(tmp_path / "a.jpg", exif=turned)
    found = executing.sizes_of(GIVEN, [tmp_path / "a.jpg"], GIVEN)
    assert (found.content, found.styles, found.start) == ((30, 40), ((50, 20),), (30, 40))
    assert not found.streamed


def test_what_is_decoded_already_is_held():
    assert executing.held_by([GIVEN, "a.png", None, GIVEN]) == 2 * 12 * 30 * 40


def test_a_file_that_is_no_picture_is_refused(tmp_path):
    (tmp_path / "a.png").write_text("no")
    with pytest.raises(PictureError):
        executing.sizes_of(tmp_path / "a.png", [GIVEN], None)


def test_the_allocator_follows_the_run(monkeypatch):
    done = []
    for name in ("keep_freed_memory", "give_freed_memory_back", "hand_back"):
        monkeypatch.setattr(executing, name, lambda name=name: done.append(name))
    stage = StageStarted(stage=1, stages=1, height=8, width=8, steps=1)
    compact, plain = (Planned(ExecutionPlan(compact=compact)) for compact in (True, False))
    for item in (compact, stage, plain, object()):
        executing.tune_allocator(item)
    assert done == ["give_freed_memory_back", "hand_back", "keep_freed_memory"]


@pytest.mark.skipif(allocator._libc() is None, reason="needs glibc")
def test_the_c_library_takes_the_settings(monkeypatch):
    real, asked = allocator._libc(), []

    class Noting:
        malloc_trim = staticmethod(real.malloc_trim)

        @staticmethod
        def mallopt(parameter, value):
            asked.append((parameter, value))
            return hasattr(real, "mallopt")  # not for real: the process is shared by all tests

    monkeypatch.setattr(allocator, "_libc", Noting)
    allocator.keep_freed_memory()
    allocator.hand_back()
    assert allocator.give_freed_memory_back()
    # M_MMAP_THRESHOLD is -3 and M_TRIM_THRESHOLD -1, of which -1 turns trimming off.
    assert asked == [(-3, 2**30), (-1, -1), (-3, 2**20), (-1, 2**20)]
