"""Bands of rows: what looks beyond a band gives what the whole gives."""

import pytest
import torch

from impasto.engine.control import Control
from impasto.engine.framing import Framing
from impasto.engine.ranks.control import SharedControl
from impasto.engine.ranks.layout import Layout
from impasto.engine.ranks.shards import Bands
from impasto.images.resize import resize
from impasto.numerics.filters import blurred
from impasto.numerics.spans import common, merged, without
from impasto.numerics.storage import MEMORY

SIZE = (90, 37)


def bands_of(tiny, ranks):
    return Bands(
        ranks, Layout(tiny.architecture, ["relu3_1"], Framing(16), tile=32, world=ranks.world)
    )


def test_sets_of_rows():
    assert merged([(5, 9), (0, 3), (3, 4), (7, 7)]) == ((0, 4), (5, 9))
    assert common([(0, 4), (5, 9)], [(2, 6)]) == ((2, 4), (5, 6))
    assert without([(0, 9)], [(2, 4), (8, 20)]) == ((0, 2), (4, 8))


@pytest.mark.parametrize("world", [1, 2, 3, 9])
def test_bands_divide_the_rows(tiny, world):
    spans = Layout(tiny.architecture, ["relu3_1"], Framing(16), 32, world).bands(SIZE)
    rows = [row for first, last in spans for row in range(first, last)]
    assert rows == list(range(SIZE[0]))


@pytest.mark.parametrize("world", [1, 2, 3])
def test_bands_blur_resize_and_measure_as_the_whole_does(tiny, together, world):
    whole = torch.rand(1, 3, *SIZE)

    def work(ranks):
        bands = bands_of(tiny, ranks)
        band = bands.own(whole)
        return (
            bands.blurred(band, 1.0),
            bands.resized(band, 120, 50, MEMORY),
            bands.norm(band),
            bands.fits(band, *SIZE),
        )

    found = together(world, work)
    assert torch.equal(torch.cat([f[0] for f in found], 2), blurred(whole, 1.0))
    assert torch.equal(torch.cat([f[1] for f in found], 2), resize(whole, 120, 50))
    assert {f[2] for f in found} == {found[0][2]}
    assert found[0][2] == pytest.approx(float(whole.double().norm()), rel=1e-12)
    assert all(f[3] for f in found)


def test_the_norm_has_the_same_bits_with_any_number_of_ranks(tiny, together):
    whole = torch.rand(1, 3, *SIZE)
    norms = {
        norm
        for world in (1, 2, 3)
        for norm in together(world, lambda r: bands_of(tiny, r).norm(bands_of(tiny, r).own(whole)))
    }
    assert len(norms) == 1


def test_all_ranks_stop_when_one_is_asked_to_and_weights_are_rank_0s(together):
    def work(ranks):
        own = Control()
        if ranks.rank == 1:
            own.stop("terminated")
            own.change_weight("style", 9.0)
        if ranks.rank == 0:
            own.change_weight("content", 2.0)
        shared = SharedControl(own, ranks, None)
        assert shared.stopped is None
        shared.arrive(3, 0)
        return shared.stopped, shared.take_weights()

    assert together(3, work) == [("terminated", {"content": 2.0})] * 3
