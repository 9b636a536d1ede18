"""Resizing by bands against PyTorch's resizing of the whole."""

from importlib import import_module
from itertools import pairwise

import pytest
import torch
from torch.nn import functional

from impasto.images import resample as module
from impasto.images.resample import resample
from impasto.images.resize import resize, resize_signed
from impasto.numerics.storage import MEMORY, Storage

front = import_module("impasto.images.resize")  # the room has a function of that name
SIZES = [
    ((37, 53), (74, 106)),
    ((37, 53), (36, 80)),
    ((101, 64), (13, 9)),
    ((16, 16), (16, 40)),
    ((200, 30), (1, 1)),
    ((3, 2), (97, 11)),
]


@pytest.mark.parametrize("kind", ["bicubic", "bilinear"])
@pytest.mark.parametrize(("before", "after"), SIZES)
@pytest.mark.parametrize("band", [1, 700, 10**6])
def test_bands_agree_with_the_whole(monkeypatch, kind, before, after, band):
    monkeypatch.setattr(module, "BAND", band)
    image = torch.rand(2, 3, *before)
    made = torch.empty(2, 3, *after)
    resample(lambda top, bottom: image[..., top:bottom, :], *before, made, kind)
    whole = functional.interpolate(image, after, mode=kind, antialias=True)
    torch.testing.assert_close(made, whole, rtol=0, atol=2e-6)


def test_rows_are_asked_for_in_order_and_few_at_once(monkeypatch):
    monkeypatch.setattr(module, "BAND", 20 * 3 * 40)
    image, asked = torch.rand(1, 3, 400, 40), []

    def read(top, bottom):
        asked.append((top, bottom))
        return image[..., top:bottom, :]

    resample(read, 400, 40, torch.empty(1, 3, 100, 10), "bicubic")
    assert asked == sorted(asked)
    assert all(later[1] > earlier[1] for earlier, later in pairwise(asked))
    assert max(bottom - top for top, bottom in asked) <= 20 + 4 * 4 + 1


def test_large_and_mapped_results_are_made_by_bands(monkeypatch, tmp_path):
    image = torch.rand(1, 3, 40, 50)
    bright = (image > 0.5).float()  # overshoots, and is clamped
    whole = resize(bright, 90, 70), resize_signed(image - 0.5, 90, 70)
    for name in ("AT_ONCE", "BAND"):
        monkeypatch.setattr(front, name, 10)
    for storage in (MEMORY, Storage(tmp_path)):
        found = (
            resize(bright, 90, 70, storage=storage),
            resize_signed(image - 0.5, 90, 70, storage=storage),
        )
        for banded, expected in zip(found, whole, strict=True):
            torch.testing.assert_close(banded, expected, rtol=0, atol=2e-6)
        assert found[0].min() == 0
        assert found[0].max() == 1
