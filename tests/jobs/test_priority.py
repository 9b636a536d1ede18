"""Priority: what is overtaken by what."""

from impasto import recipe_files
from impasto.jobs.priority import EPOCH, LONGEST, priority_of, seconds_expected

NOW = EPOCH + 10_000_000.0
DRAFT = recipe_files.named("draft")
PRINT = recipe_files.named("default").changed({"schedule.size": 4000, "schedule.steps": 300})


def test_a_draft_overtakes_a_print_that_came_a_little_earlier():
    assert priority_of(DRAFT, NOW + 60) < priority_of(PRINT, NOW)


def test_no_print_waits_forever():
    assert priority_of(PRINT, NOW) < priority_of(DRAFT, NOW + LONGEST)


def test_among_equals_the_first_comes_first():
    assert priority_of(DRAFT, NOW) < priority_of(DRAFT, NOW + 1)


def test_the_cost_grows_with_pixels_and_steps():
    twice = DRAFT.changed({"schedule.size": 512})
    assert seconds_expected(twice) == 4 * seconds_expected(DRAFT)
    longer = DRAFT.changed({"schedule.steps": 200})
    assert seconds_expected(longer) == 2 * seconds_expected(DRAFT)


def test_priorities_fit_the_database_for_a_lifetime():
    assert 0 < priority_of(PRINT, EPOCH + 60 * 365 * 86400.0) < 2**31
    assert priority_of(DRAFT, 0.0) == 1
