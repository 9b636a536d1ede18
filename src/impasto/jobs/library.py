"""What the user keeps: recipes under names of their own, and a gallery of styles."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from impasto.errors import InputError
from impasto.jobs.errors import NotFound
from impasto.jobs.home import is_id
from impasto.jobs.incoming import upload_of
from impasto.jobs.tables import Database, gallery, now, recipes, uploads
from impasto.jobs.values import SavedRecipe, Upload
from impasto.recipe import Recipe


@dataclass(frozen=True)
class Library:
    """Recipes and styles of the user's own."""

    database: Database

    def saved_recipes(self) -> list[SavedRecipe]:
        """List the recipes, by name."""
        with self.database.reading() as connection:
            rows = connection.execute(sa.select(recipes).order_by(recipes.c.name)).mappings().all()
        return [
            SavedRecipe(name=r["name"], recipe=json.loads(r["recipe"]), created=r["created"])
            for r in rows
        ]

    def save_recipe(self, name: str, recipe: Mapping[str, Any]) -> SavedRecipe:
        """Keep a recipe; one of the same name is replaced.

        Raises:
            RecipeError: it is no recipe.
            InputError: the name is empty or too long.
        """
        name = name.strip()
        if not 0 < len(name) <= 100 or not name.isprintable():
            raise InputError("expected a name of 1 to 100 letters for the recipe")
        values = Recipe.from_dict(recipe).to_dict()
        saved = SavedRecipe(name=name, recipe=values, created=now())
        with self.database.writing() as connection:
            connection.execute(recipes.delete().where(recipes.c.name == name))
            row = {"name": name, "recipe": json.dumps(values), "created": saved.created}
            connection.execute(recipes.insert().values(row))
        return saved

    def delete_recipe(self, name: str) -> None:
        """Forget a recipe.

        Raises:
            NotFound: there is none of that name.
        """
        with self.database.writing() as connection:
            query = recipes.delete().where(recipes.c.name == name)
            gone = connection.execute(query).rowcount if name.isprintable() else 0
        if not gone:
            raise NotFound(f"there is no recipe of your own named '{name}'")

    def gallery(self) -> list[Upload]:
        """List the user's styles, the newest first."""
        query = (
            sa.select(uploads)
            .join(gallery, gallery.c.upload == uploads.c.id)
            .order_by(gallery.c.created.desc())
        )
        with self.database.reading() as connection:
            return [upload_of(row) for row in connection.execute(query).mappings()]

    def add(self, upload: Upload) -> None:
        """Put an upload in the gallery; it is kept from then on."""
        with self.database.writing() as connection:
            connection.execute(gallery.delete().where(gallery.c.upload == upload.id))
            connection.execute(gallery.insert().values(upload=upload.id, created=now()))

    def remove(self, id: str) -> None:
        """Take an upload out of the gallery.

        Raises:
            NotFound: it is not there.
        """
        with self.database.writing() as connection:
            query = gallery.delete().where(gallery.c.upload == id)
            gone = connection.execute(query).rowcount if is_id(id) else 0
        if not gone:
            raise NotFound(f"the gallery has no style '{id}'")
