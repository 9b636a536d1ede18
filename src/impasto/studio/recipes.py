"""Recipes by name or as settings; names are looked up, never opened as files."""

import json
from collections.abc import Mapping
from typing import Any

from impasto import recipe_files
from impasto.errors import RecipeError, unknown_name
from impasto.jobs.jobs import Jobs
from impasto.recipe import Recipe


def resolved(
    jobs: Jobs, recipe: str | Mapping[str, Any], changes: Mapping[str, Any] | None = None
) -> Recipe:
    """Build the recipe that a request means.

    Args:
        jobs: know the user's own recipes.
        recipe: a name, of impasto's or the user's; or settings, which may extend a named recipe.
        changes: settings by their paths.

    Raises:
        RecipeError: there is no such recipe or setting, or a value is impossible.
    """
    found = _named(jobs, recipe) if isinstance(recipe, str) else _completed(recipe)
    return found.changed(changes) if changes else found


def _named(jobs: Jobs, name: str) -> Recipe:
    if name in recipe_files.names():
        return recipe_files.named(name)
    saved = {item.name: item.recipe for item in jobs.saved_recipes()}
    if name not in saved:
        raise RecipeError(unknown_name("recipe", name, [*recipe_files.names(), *saved]))
    return Recipe.from_dict(saved[name])


def _completed(settings: Mapping[str, Any]) -> Recipe:
    return recipe_files.parse(json.dumps(settings), name="custom", as_json=True)
