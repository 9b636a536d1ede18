"""The plan of tiles: it divides every layer's grid, and tells what tiles cost."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.engine.tiled.plan import TilePlan
from impasto.features import geometry
from impasto.features.architectures import POCKET, VGG19, Architecture

LAYERS = ("relu1_1", "relu2_1", "pool3", "relu5_1")


@given(height=st.integers(1, 200), width=st.integers(1, 200), tile=st.integers(1, 120))
def test_every_position_of_every_layer_belongs_to_one_tile(height, width, tile):
    plan = TilePlan.of(VGG19, LAYERS, (height, width), tile)
    for layer in LAYERS:
        owners = torch.zeros(geometry.grid(VGG19, layer, (height, width)))
        for number in range(len(plan.boxes)):
            box = plan.positions(VGG19, layer, number)
            if box is not None:
                owners[box[0] : box[1], box[2] : box[3]] += 1
        assert owners.numel() == 0 or owners.min() == owners.max() == 1


@given(height=st.integers(1, 200), width=st.integers(1, 200), tile=st.integers(16, 120))
def test_tiles_are_no_larger_than_told_but_for_what_is_left_over(height, width, tile):
    plan = TilePlan.of(VGG19, LAYERS, (height, width), tile)
    for top, bottom, left, right in plan.boxes:
        assert bottom - top <= plan.tile + (15 if bottom == height else 0)
        assert right - left <= plan.tile + (15 if right == width else 0)


def test_tiles_begin_on_the_grid_of_the_deepest_layer():
    plan = TilePlan.of(VGG19, ["pool5", "relu1_1"], (200, 210), 100)
    assert plan.tile == 96
    assert plan.boxes == (
        (0, 64, 0, 64),
        (0, 64, 64, 128),
        (0, 64, 128, 210),
        (64, 128, 0, 64),
        (64, 128, 64, 128),
        (64, 128, 128, 210),
        (128, 200, 0, 64),
        (128, 200, 64, 128),
        (128, 200, 128, 210),
    )
    assert not plan.whole
    assert TilePlan.of(VGG19, ["pool5"], (200, 210), 256).whole


def test_one_tile_costs_a_pass_forth_more_if_sums_are_gathered():
    plan = TilePlan.of(POCKET, ["relu3_1"], (64, 64), 64)
    assert plan.overhead(POCKET, ["relu3_1"], ["relu3_1"]) == pytest.approx(1.45)
    assert plan.overhead(POCKET, ["relu3_1"]) == pytest.approx(1)
    share = 0.45 * geometry.work(POCKET, ["relu1_1"], (64, 64))
    share /= geometry.work(POCKET, ["relu3_1"], (64, 64))
    assert plan.overhead(POCKET, ["relu3_1"], ["relu1_1"]) == pytest.approx(1 + share)


def test_halos_cost_what_tiles_compute_twice():
    one = Architecture("one", ((4,),), final_pool=False)
    plan = TilePlan.of(one, ["conv1_1"], (32, 64), 32)
    assert len(plan.boxes) == 2
    # The second tile needs a column to its left, on the grid of its layer; the first, to its right.
    assert plan.overhead(one, ["conv1_1"]) == pytest.approx((33 + 33) / 64)


def test_pixels_alone_cost_the_network_nothing():
    plan = TilePlan.of(POCKET, ["pixels"], (64, 64), 32)
    assert plan.overhead(POCKET, ["pixels"]) == 1
