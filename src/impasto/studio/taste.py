"""Taste: choices between two pictures, one after another, that end in a recipe.

Each question changes one thing about the recipe so far, two ways; what is chosen stays. Nobody
needs to know what a setting is called: the answer is which picture is liked better.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from impasto.errors import InputError
from impasto.jobs.jobs import Jobs
from impasto.jobs.values import Job, JobRequest, SavedRecipe
from impasto.recipe import Recipe

Choice = Literal["a", "b", "neither"]
"""Which of two is liked better; `neither` leaves the recipe as it was."""
CHOICES: tuple[Choice, ...] = ("a", "b", "neither")
"""All there are."""

TRIAL = 384
"""Long side in pixels at which pictures to choose from are painted, at most."""
MIDDLE, WIDE, NARROW = 0.6, 0.2, 0.1
"""Strength asked about first, how far apart on either side, and the same for the second time."""
FINER, BROADER = 0.75, 1.4
"""Factors on the scale of the style."""
SMALLEST, LARGEST = 0.05, 20.0
"""Scales that recipes allow."""


@dataclass(frozen=True)
class Way:
    """One of two ways to answer a question."""

    words: str
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class Taste:
    """What is known of somebody's taste: the recipe so far, and the questions to come.

    Example:
        >>> from impasto import recipe_files
        >>> taste = Taste.of(recipe_files.named("draft"))
        >>> taste.ways()[0].words
        'closer to the photograph'
        >>> taste.chosen("b").recipe.content.strength
        0.8
    """

    recipe: Recipe
    """At its full size."""
    questions: tuple[str, ...]
    """Names of those not asked yet."""

    @classmethod
    def of(cls, recipe: Recipe) -> Self:
        """Begin with a recipe; only what makes a difference to it is asked.

        Raises:
            InputError: nothing about it can be chosen so.
        """
        paints = recipe.style.weight > 0 and recipe.color.mode != "palette"
        held = paints and recipe.content.weight > 0
        asked: tuple[str, ...] = ("strength", "strength again") if held else ()
        if paints:
            asked += ("strokes", "colors")
        if not asked:
            raise InputError(
                "this recipe takes colors alone, so there is nothing to choose; start from another"
            )
        return cls(recipe, asked)

    @property
    def is_known(self) -> bool:
        """Whether there is nothing left to ask."""
        return not self.questions

    def ways(self) -> tuple[Way, Way]:
        """Return the two ways of the question that comes next.

        Raises:
            InputError: there is none.
        """
        if self.is_known:
            raise InputError("every question has been asked; give the recipe a name to keep it")
        return _QUESTIONS[self.questions[0]](self.recipe)

    def trials(self) -> tuple[Recipe, Recipe]:
        """Return the recipes of the two pictures to choose from, at a size that is soon painted."""
        small = {"schedule.size": min(TRIAL, self.recipe.schedule.size)}
        one, other = (self.recipe.changed({**way.changes, **small}) for way in self.ways())
        return one, other

    def chosen(self, choice: Choice) -> "Taste":
        """Return what is known once the question is answered.

        Raises:
            InputError: there is no question, or no such answer.
        """
        ways = self.ways()
        if choice not in CHOICES:
            raise InputError(f"expected the answer a, b or neither, got {choice!r}")
        rest = self.questions[1:]
        if choice == "neither":
            return replace(self, questions=rest)
        return Taste(self.recipe.changed(ways[choice == "b"].changes), rest)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, from which `from_dict` builds the same."""
        return {"recipe": self.recipe.to_dict(), "questions": list(self.questions)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build it from plain values.

        Raises:
            InputError: they are not what `to_dict` gives.
        """
        if not isinstance(values, Mapping):
            raise InputError("these are no choices; begin anew")
        questions = tuple(values.get("questions", ()))
        if set(values) != {"recipe", "questions"} or not set(questions) <= set(_QUESTIONS):
            raise InputError("these choices are of another version of impasto; begin anew")
        return cls(Recipe.from_dict(values["recipe"]), questions)


def hand_in(jobs: Jobs, request: JobRequest, taste: Taste) -> tuple[Job, Job]:
    """Hand in the two pictures to choose from.

    Args:
        jobs: where to.
        request: pictures and masks; its recipe and title do not count.
        taste: which question it is.

    Raises:
        InputError: there is no question left, or one of the jobs is refused; then there is neither.
    """
    one, other = (
        replace(request, recipe=recipe.to_dict(), title=way.words.capitalize())
        for recipe, way in zip(taste.trials(), taste.ways(), strict=True)
    )
    first = jobs.submit(one)
    try:
        return first, jobs.submit(other)
    except InputError:
        jobs.cancel(first.id)
        raise


def keep(jobs: Jobs, name: str, taste: Taste) -> SavedRecipe:
    """Keep the recipe so far as one of the user's own; raises InputError for a name of no use."""
    return jobs.save_recipe(name, taste.recipe.to_dict())


def _strength(middle: float, apart: float) -> tuple[Way, Way]:
    less, more = max(0.0, round(middle - apart, 2)), min(1.0, round(middle + apart, 2))
    return (
        Way("closer to the photograph", _held(less)),
        Way("closer to the style", _held(more)),
    )


def _held(strength: float) -> dict[str, Any]:
    return {"content.hold": "strength", "content.strength": strength}


def _first(recipe: Recipe) -> tuple[Way, Way]:
    return _strength(MIDDLE, WIDE)


def _again(recipe: Recipe) -> tuple[Way, Way]:
    """Ask around what was chosen; around the middle where neither was."""
    known = recipe.content.hold == "strength"
    return _strength(recipe.content.strength if known else MIDDLE, NARROW)


def _strokes(recipe: Recipe) -> tuple[Way, Way]:
    fine, broad = (round(recipe.style.scale * factor, 3) for factor in (FINER, BROADER))
    fine, broad = max(fine, SMALLEST), min(broad, LARGEST)
    return Way("finer strokes", _scaled(fine)), Way("broader strokes", _scaled(broad))


def _scaled(scale: float) -> dict[str, Any]:
    return {"style.scale": scale, "style.scales": []}


def _colors(recipe: Recipe) -> tuple[Way, Way]:
    return (
        Way("colors of the style", {"color.mode": "style"}),
        Way("colors of the photograph", {"color.mode": "content"}),
    )


_QUESTIONS = {
    "strength": _first,
    "strength again": _again,
    "strokes": _strokes,
    "colors": _colors,
}
