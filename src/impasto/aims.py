"""What a run aims at, a weight or a strength, and what runs with other aims share with it."""

from dataclasses import replace

from impasto import recipe_files
from impasto.engine.strength import Strength, aimed_share
from impasto.recipe import Recipe


def for_estimate(recipe: Recipe) -> Recipe:
    """Return a recipe without what the style-only result does not depend on."""
    content = replace(recipe.content, weight=1.0, hold="weight", strength=0.0)
    return replace(recipe, name="", description="", content=content)


def for_targets(recipe: Recipe) -> Recipe:
    """Return a recipe without what the targets of a stage do not depend on.

    A weight of zero stays: it leaves the term out.
    """
    neutral = for_estimate(recipe)
    content = replace(neutral.content, weight=float(recipe.content.weight > 0))
    default = recipe_files.named(recipe_files.BASE)
    optimizer = replace(default.optimizer, name=recipe.optimizer.name)
    return replace(
        neutral,
        content=content,
        start=default.start,
        schedule=default.schedule,
        optimizer=optimizer,
    )


def aimed(recipe: Recipe, distances: tuple[float, ...] = ()) -> tuple[Recipe, Strength | None]:
    """Return the recipe to build the objective of, and what its content weight is steered to.

    Args:
        recipe: as it was given.
        distances: of the style-only result, where another run has estimated them.
    """
    content = recipe.content
    if content.hold == "weight":
        return recipe, None
    if content.strength in (0, 1):
        return replace(recipe, content=replace(content, weight=0.0)), None
    strength = Strength(
        aimed_share(content.strength), unit=content.weight or 1.0, distances=distances
    )
    return replace(recipe, content=replace(content, weight=strength.first_weight)), strength
