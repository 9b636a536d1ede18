"""The plan of stages: sizes, and the sharing of steps."""

from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto.engine.schedule import stages
from impasto.recipe import ScheduleSettings


def schedule(**changes: float) -> ScheduleSettings:
    plain = {"size": 512, "first": 128, "growth": sqrt(2), "steps": 500, "decay": 0.75}
    plain |= {"least": 0.0, "late": 1_000_000}
    return ScheduleSettings(**(plain | changes))


def test_from_128_to_512_by_the_root_of_2():
    plan = stages(schedule(), 512, 512)
    assert [stage.height for stage in plan] == [128, 181, 256, 362, 512]
    assert [stage.index for stage in plan] == [1, 2, 3, 4, 5]


def test_each_stage_has_three_quarters_of_the_steps_before():
    plan = stages(schedule(steps=781), 512, 512)
    # 1, 3/4, 9/16, 27/64, 81/256 of 256 are 256, 192, 144, 108, 81: 781 together.
    assert [stage.steps for stage in plan] == pytest.approx([256, 192, 144, 108, 81], abs=2)


def test_proportions_are_kept_and_the_long_side_is_the_size():
    plan = stages(schedule(), 3000, 4000)
    assert (plan[-1].height, plan[-1].width) == (384, 512)
    assert all(stage.height == pytest.approx(0.75 * stage.width, abs=0.51) for stage in plan)
    upright = stages(schedule(), 4000, 3000)
    assert (upright[-1].height, upright[-1].width) == (512, 384)


def test_a_first_stage_above_the_size_leaves_one_stage():
    plan = stages(schedule(first=1_000_000), 100, 100)
    assert [(s.height, s.width, s.steps) for s in plan] == [(512, 512, 500)]


def test_more_sizes_get_more_steps_where_each_has_a_least_share():
    settings = schedule(growth=2.0, steps=120, decay=0.8, least=0.25)
    assert [stage.steps for stage in stages(settings, 512, 512)] == [50, 39, 31]
    larger = schedule(size=1024, growth=2.0, steps=120, decay=0.8, least=0.25)
    # 1, .8, .64, .512 of 120 / 2.952 are 40.6, 32.5, 26.0, 20.8: the last two are raised to 30.
    assert [stage.steps for stage in stages(larger, 512, 512)] == [41, 32, 30, 30]


def test_stages_beyond_late_have_fewer_steps():
    settings = schedule(size=8192, growth=2.0, steps=120, decay=0.8, least=0.25, late=2048)
    plan = stages(settings, 3000, 4000)
    assert [stage.width for stage in plan] == [128, 256, 512, 1024, 2048, 4096, 8192]
    # 1, 1/2 and 1/4 of the least share, 30; Python rounds 7.5 to 8.
    assert [stage.steps for stage in plan[-3:]] == [30, 15, 8]
    assert plan[:5] == stages(schedule(**{**vars(settings), "late": 10_000}), 3000, 4000)[:5]


def test_a_single_stage_is_never_late():
    plan = stages(schedule(size=4096, first=4096, late=1024, steps=50), 100, 100)
    assert [stage.steps for stage in plan] == [50]


def test_as_many_steps_as_stages_are_one_each_however_the_decay_rises():
    plan = stages(schedule(size=268, first=16, growth=1.5, steps=8, decay=2.0), 300, 400)
    assert [stage.steps for stage in plan] == [1] * 8


@given(st.integers(1, 400), st.integers(64, 4000), st.floats(0, 1))
def test_no_stage_has_less_than_its_least_share(steps, size, least):
    settings = schedule(size=size, steps=steps, least=least)
    plan = stages(settings, 300, 400)
    if len(plan) > 1:
        assert min(stage.steps for stage in plan) >= round(least * steps)
    assert sum(stage.steps for stage in plan) >= steps


SETTINGS = st.builds(
    schedule,
    size=st.integers(16, 5000),
    first=st.integers(16, 2000),
    growth=st.floats(1.05, 4),
    steps=st.integers(1, 2000),
    decay=st.floats(0.05, 2),
)
SIDES = st.integers(1, 6000)


@given(SETTINGS, SIDES, SIDES)
def test_stages_grow_by_the_growth_and_end_exactly_at_the_size(settings, height, width):
    longs = [max(stage.height, stage.width) for stage in stages(settings, height, width)]
    assert longs[-1] == settings.size
    for small, large in pairwise(longs):
        # Both ends are rounded to whole pixels.
        assert abs(large - settings.growth * small) <= 0.5 + 0.5 * settings.growth
        assert small >= 0.98 * settings.first - 0.5


@given(SETTINGS)
def test_there_is_no_room_for_one_more_stage_before_the_first(settings):
    first = stages(settings, 300, 400)[0]
    assert first.width / settings.growth < 0.98 * settings.first + 0.5


@given(SETTINGS)
def test_steps_add_up_and_every_stage_has_one(settings):
    plan = stages(settings, 300, 400)
    assert all(stage.steps >= 1 for stage in plan)
    assert sum(stage.steps for stage in plan) == max(settings.steps, len(plan))


@given(SETTINGS, st.integers(1, 100))
def test_stages_too_small_for_the_network_are_left_out_but_never_the_last(settings, smallest):
    every, some = stages(settings, 300, 400), stages(settings, 300, 400, smallest)
    sizes = [(stage.height, stage.width) for stage in every]
    wanted = [size for size in sizes[:-1] if min(size) >= smallest] + sizes[-1:]
    assert [(stage.height, stage.width) for stage in some] == wanted
    assert [stage.index for stage in some] == list(range(1, len(some) + 1))
    assert sum(stage.steps for stage in some) == max(settings.steps, len(some))
