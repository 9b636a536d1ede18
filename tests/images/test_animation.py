"""Animations: frames in order, there and back, for ever."""

import pytest
import torch
from PIL import Image, ImageSequence

from impasto.errors import InputError, PictureError
from impasto.images.animation import save_animation
from impasto.images.picture import Picture


def gray(level, height=12, width=20):
    return Picture(torch.full((3, height, width), level))


def levels(path):
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        frames = [
            frame.convert("RGB").getpixel((5, 5))[0] for frame in ImageSequence.Iterator(image)
        ]
        return frames, image.size


@pytest.mark.parametrize("suffix", ["gif", "webp"])
@pytest.mark.parametrize(("back", "order"), [(True, [0, 1, 2, 1]), (False, [0, 1, 2])])
def test_frames_come_in_order(tmp_path, suffix, back, order):
    path, shades = tmp_path / f"a.{suffix}", [0.0, 0.5, 1.0]
    save_animation([gray(s) for s in shades], path, milliseconds=100, there_and_back=back)
    frames, size = levels(path)
    assert size == (20, 12)
    assert frames == pytest.approx([255 * shades[n] for n in order], abs=3)


def test_one_picture_is_a_still(tmp_path):
    save_animation([gray(0.5)], tmp_path / "a.gif")
    assert len(levels_of_still(tmp_path / "a.gif")) == 1


def levels_of_still(path):
    with Image.open(path) as image:
        return list(ImageSequence.Iterator(image))


def test_what_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match="2 sizes"):
        save_animation([gray(0.1), gray(0.2, 10)], tmp_path / "a.gif")
    with pytest.raises(InputError, match="0 sizes"):
        save_animation([], tmp_path / "a.gif")
    with pytest.raises(PictureError, match=r"\.gif, \.webp or \.mp4"):
        save_animation([gray(0.1)], tmp_path / "a.png")
    with pytest.raises(PictureError, match="no folder"):
        save_animation([gray(0.1)], tmp_path / "nowhere" / "a.gif")
    assert list(tmp_path.iterdir()) == []
