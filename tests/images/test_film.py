"""Films: frames in time and color, read back with PyAV's own decoder."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from impasto import files
from impasto.errors import InputError, PictureError
from impasto.images.animation import save_frames
from impasto.images.film import write_film

av = pytest.importorskip("av", reason="PyAV is not installed: pip install 'impasto[video]'")

COLORS = [(200, 40, 40), (40, 180, 60), (30, 60, 200)]


def flat(color, height=32, width=48):
    return np.full((height, width, 3), color, np.uint8)


def read(path):
    """The planes Y, Cb and Cr of every frame, and what the file says of itself."""
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        frames = [[plane(frame, n) for n in range(3)] for frame in film.decode(stream)]
        return frames, (
            stream.codec_context.name,
            stream.codec_context.pix_fmt,
            stream.average_rate,
        )


def plane(frame, number):
    found = frame.planes[number]
    rows = np.frombuffer(found, np.uint8).reshape(found.height, found.line_size)
    return rows[:, : found.width].astype(float)


def bt709(color):
    """Y, Cb and Cr in 8 bits and limited range: ITU-R BT.709, items 3.2 to 3.5."""
    red, green, blue = (level / 255 for level in color)
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 16 + 219 * y, 128 + 224 * (blue - y) / 1.8556, 128 + 224 * (red - y) / 1.5748


def test_frames_are_shown_for_their_time_in_their_colors(tmp_path):
    path = tmp_path / "a.mp4"
    save_frames([flat(color) for color in COLORS], path, milliseconds=100, last=1000)
    frames, (codec, pixels, rate) = read(path)
    assert (codec, pixels, rate) == ("h264", "yuv420p", 30)
    assert len(frames) == 3 + 3 + 30
    for number, color in ((1, 0), (4, 1), (20, 2)):
        means = [plane.mean() for plane in frames[number]]
        assert means == pytest.approx(bt709(COLORS[color]), abs=2)


def test_odd_sides_get_a_copy_of_the_last_row_and_column(tmp_path):
    levels = flat((0, 0, 0), 31, 47)
    levels[-1], levels[:, -1] = 255, 255
    save_frames([levels], tmp_path / "a.mp4", milliseconds=100)
    ((luma, *_), *_), _ = read(tmp_path / "a.mp4")
    assert luma.shape == (32, 48)
    assert luma[-2:].min() > 200
    assert luma[:, -2:].min() > 200
    assert luma[:28, :44].max() < 40


def test_another_rate_and_none(tmp_path):
    write_film([(flat(COLORS[0]), 500)], tmp_path / "a.mp4", rate=10)
    frames, (_, _, rate) = read(tmp_path / "a.mp4")
    assert (len(frames), rate) == (5, 10)
    with pytest.raises(InputError, match="at least 1 frame per second"):
        write_film([], tmp_path / "b.mp4", rate=0)
    assert not (tmp_path / "b.mp4").exists()


def test_a_disk_that_is_full_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    def fail(*args, **options):
        raise av.error.UnknownError(1, "no space")

    monkeypatch.setattr(av, "open", fail)
    with pytest.raises(PictureError, match=r"cannot write .*a\.mp4: .*no space"):
        save_frames([flat(COLORS[0])], tmp_path / "a.mp4", milliseconds=100)
    assert list(tmp_path.iterdir()) == []


def test_pyav_is_imported_in_one_module():
    root = Path(files.__file__).parent
    found = re.compile(r"^\s*(import|from) av\b", re.MULTILINE)
    importing = [p.name for p in root.rglob("*.py") if found.search(p.read_text("utf-8"))]
    assert importing == ["film.py"]


def test_without_pyav_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(PictureError, match=r"pip install 'impasto\[video\]'"):
        save_frames([flat(COLORS[0])], tmp_path / "a.mp4", milliseconds=100)
    save_frames([flat(COLORS[0])], tmp_path / "a.gif", milliseconds=100)
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]
