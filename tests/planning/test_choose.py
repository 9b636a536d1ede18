"""The choice of a way to compute a run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto.engine.schedule import Stage
from impasto.errors import InputError
from impasto.execution import ExecutionPlan
from impasto.planning.choose import GOOD, choose, ways


class Estimates:
    """Whole 1000, compact 500, tiles their side / 2, files a tenth of that off."""

    def peak(self, stages, plan):
        size = 1000 if plan.tile is None else plan.tile // 2
        size = size // 2 if plan.compact else size
        return size * 9 // 10 if plan.mapped else size

    def disk(self, stages, plan):
        return 77 if plan.mapped else 0


STAGES = (Stage(1, 100, 150, 3), Stage(2, 1000, 1500, 3))


def chosen(budget, **options):
    return choose(budget, STAGES, Estimates(), **options)


def test_whole_where_it_fits():
    plan = chosen(1000, compactable=True, mappable=True)
    assert plan.is_plain
    assert (plan.peak, plan.budget) == (1000, 1000)


def test_a_compact_allocator_comes_before_tiles():
    assert chosen(999, compactable=True) == ExecutionPlan(compact=True, peak=500, budget=999)


def test_the_largest_tile_that_fits():
    assert chosen(600).tile == 1024  # 1280 would take 640
    assert chosen(511).tile == 896


def test_files_are_taken_before_tiles_get_small():
    plan = chosen(GOOD // 2 - 10, mappable=True)
    assert (plan.tile, plan.mapped, plan.disk) == (GOOD, True, 77)
    assert chosen(GOOD // 2 - 10).tile == 640


def test_what_cannot_fit_is_refused_with_the_least_it_needs():
    with pytest.raises(InputError, match=r"1500 x 1000 px need at least .* tiles of 256 px"):
        chosen(100)


@given(st.integers(130, 1200), st.booleans(), st.booleans())
def test_a_plan_fits_its_budget_and_more_memory_is_never_worse(budget, compactable, mappable):
    options = {"compactable": compactable, "mappable": mappable}
    order = [(w.tile, w.compact, w.mapped) for w in ways(STAGES, **options)]
    plan, richer = chosen(budget, **options), chosen(budget + 50, **options)
    assert plan.peak <= budget
    places = [order.index((p.tile, p.compact, p.mapped)) for p in (richer, plan)]
    assert places == sorted(places)


def test_a_small_picture_has_no_tiles():
    found = list(ways((Stage(1, 200, 256, 1),), compactable=False, mappable=True))
    assert found == [ExecutionPlan()]


def test_plans_are_plain_values():
    plan = ExecutionPlan(tile=768, mapped=True, peak=3_100_000_000, budget=4 * 10**9, disk=5)
    assert ExecutionPlan.from_dict(plan.to_dict()) == plan
    assert ExecutionPlan.from_dict(None).is_plain
    assert str(plan) == "in tiles of 768 px, in files: about 3.1 GB of 4.0 GB"
    assert str(ExecutionPlan()) == "whole"


def test_images_lie_in_files_only_where_what_is_taken_is_known():
    found = list(ways(STAGES, compactable=True, mappable=True))
    assert all(way.compact for way in found if way.mapped)
    assert not all(way.compact for way in found)
    found = list(ways(STAGES, compactable=False, mappable=True))
    assert any(way.mapped for way in found)
    assert not any(way.compact for way in found)
