"""What the user keeps: recipes and a gallery of styles."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from impasto import recipe_files
from impasto.studio.models import (
    Id,
    NewRecipe,
    RecipeBody,
    Recipes,
    SavedRecipe,
    Text,
    Upload,
    Uploads,
)
from impasto.studio.problems import documented
from impasto.studio.recipes import resolved
from impasto.studio.service import TheService

router = APIRouter(tags=["library"])

Name = Annotated[Text, Path(min_length=1, max_length=100, examples=["my oil"])]


@router.get("/recipes", response_model=Recipes, responses=documented())
def list_recipes(service: TheService) -> Any:
    """List the names of all recipes."""
    saved = [item.name for item in service.jobs.saved_recipes()]
    return {"named": recipe_files.names(), "saved": saved}


@router.get("/recipes/{name}", response_model=RecipeBody, responses=documented())
def show_recipe(name: Name, service: TheService) -> Any:
    """Return every setting of a recipe."""
    return {"name": name, "recipe": resolved(service.jobs, name).to_dict()}


@router.put("/recipes/{name}", response_model=SavedRecipe, responses=documented())
def save_recipe(name: Name, new: NewRecipe, service: TheService) -> Any:
    """Keep a recipe under a name; one of the user's own of that name is replaced."""
    return service.jobs.save_recipe(name, resolved(service.jobs, new.recipe).to_dict())


@router.delete("/recipes/{name}", status_code=204, responses=documented(404))
def delete_recipe(name: Name, service: TheService) -> None:
    """Forget a recipe of the user's own."""
    service.jobs.delete_recipe(name)


@router.get("/gallery", response_model=Uploads, responses=documented())
def list_gallery(service: TheService) -> Any:
    """List the user's own styles, the newest first."""
    return {"items": service.jobs.gallery()}


@router.put("/gallery/{id}", response_model=Upload, responses=documented(404))
def add_to_gallery(id: Id, service: TheService) -> Any:
    """Keep an upload as a style; no quota removes it then."""
    return service.jobs.add_to_gallery(id)


@router.delete("/gallery/{id}", status_code=204, responses=documented(404))
def remove_from_gallery(id: Id, service: TheService) -> None:
    """Take a style out of the gallery."""
    service.jobs.remove_from_gallery(id)
