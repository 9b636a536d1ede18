"""Priority: drafts overtake prints, and no print waits forever."""

from impasto.recipe import Recipe

EPOCH = 1_750_000_000
"""Seconds since 1970 from which priorities count; they must fit 31 bits."""
HANDICAP = 3
"""Seconds of waiting that one second of expected work stands for."""
LONGEST = 4 * 3600
_MEGAPIXEL_STEPS_A_SECOND = 2.5
"""Of 2 cores with the embedded network; only ratios matter."""


def seconds_expected(recipe: Recipe) -> float:
    """Guess how long a recipe takes, from its pixels and steps.

    The stages before the last one are smaller; with the default growth they take about a fifth.
    """
    schedule = recipe.schedule
    megapixels = schedule.size**2 * 0.75 / 1e6
    return megapixels * schedule.steps * 0.5 / _MEGAPIXEL_STEPS_A_SECOND


def priority_of(recipe: Recipe, created: float) -> int:
    """Return the moment, in seconds, in whose order jobs are done: the lowest first.

    A job gets its time of arrival and a handicap by its cost, so a print that has waited long
    enough is not overtaken any more.
    """
    handicap = min(LONGEST, HANDICAP * seconds_expected(recipe))
    return max(1, int(created - EPOCH + handicap))
