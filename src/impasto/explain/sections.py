"""The sections of a report."""

from collections.abc import Sequence
from dataclasses import dataclass

from impasto.errors import InputError, RecipeError, unknown_name
from impasto.recipe import Recipe

SECTIONS = {
    "pictures": "The three pictures",
    "pipeline": "The pipeline, step by step",
    "layers": "What the layers see",
    "invariance": "What stays when the picture changes",
    "content": "Content, rebuilt from one layer",
    "gram": "The Gram matrix by hand",
    "style": "Style, rebuilt from Gram matrices",
    "losses": "The losses",
    "tradeoff": "The trade-off",
    "insight": "Key insight, and check yourself",
    "papers": "The papers behind this recipe",
}
"""The sections in order, with their headings."""


@dataclass(frozen=True)
class SectionStarted:
    """Work on a section begins."""

    name: str
    number: int
    """From 1, of those that are run."""
    sections: int


QUICK_RUN = {"schedule.size": 160, "schedule.steps": 50}
"""What `quick` changes in the recipe, unless size or steps are given."""


def check(recipe: Recipe, sections: Sequence[str]) -> None:
    """Raise InputError where a recipe or a choice of sections cannot be explained."""
    for name in sections:
        if name not in SECTIONS:
            raise InputError(unknown_name("section", name, SECTIONS))
    if not sections:
        raise InputError(
            f"expected at least one section, got none; choose from {', '.join(SECTIONS)}"
        )
    for term, weight in (("content", recipe.content.weight), ("style", recipe.style.weight)):
        if weight == 0:
            raise RecipeError(
                f"{term}.weight is 0, and explain looks at both content and style: give it some"
            )
