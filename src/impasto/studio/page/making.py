"""From what was chosen on the page to a job, and from a job back to what is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from impasto import recipe_files
from impasto.errors import InputError
from impasto.jobs.jobs import Jobs
from impasto.jobs.values import Job, JobRequest
from impasto.recipe import Recipe
from impasto.studio.page.choices import LOOKS, sample

PROTECT = {"Nothing": "none", "The subject": "subject", "Faces": "faces"}
COLORS = {"The style's": "style", "The photograph's": "content", "Colors alone": "palette"}
PAIR = {"One style everywhere": "none", "Find regions that match": "auto"}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What was chosen on the page."""

    content: str | None
    """Files are where the browser's upload lies, or a sample."""
    styles: Sequence[str]
    look: str
    """Name of a recipe, packaged or one of the user's own."""
    strength: float
    size: int
    scale: float = 1.0
    color: str = "style"
    protect: str = "none"
    pair: str = "none"
    mask: str | None = None
    """White where the photograph is to stay."""
    recipe: Mapping[str, Any] | None = None
    """That of a picture which was dropped, in place of the look's."""
    parent: str | None = None
    title: str = ""


def recipe_of(jobs: Jobs, wish: Wish) -> Recipe:
    """Return the recipe for a wish; raises RecipeError where its parts do not go together."""
    own = {saved.name: saved.recipe for saved in jobs.saved_recipes()}
    if wish.recipe is not None:
        base = Recipe.from_dict(wish.recipe)
    elif wish.look in own:
        base = Recipe.from_dict(own[wish.look])
    else:
        base = recipe_files.named(wish.look)
    changes: dict[str, Any] = {
        "schedule.size": wish.size,
        "style.scale": wish.scale,
        "color.mode": wish.color,
        "guides.pair": wish.pair,
        "guides.protect": "mask" if wish.mask else wish.protect,
    }
    if base.style.weight > 0 and base.content.weight > 0:
        changes |= {"content.hold": "strength", "content.strength": wish.strength}
    return base.changed(changes)


def start(jobs: Jobs, wish: Wish, client: str) -> Job:
    """Make a job of a wish.

    Raises:
        InputError: something is missing or cannot be used, said in a sentence.
    """
    if not wish.content:
        raise InputError("Choose a photograph first: drop one, or pick a sample.")
    recipe = recipe_of(jobs, wish)
    styles = [style for style in wish.styles if style]
    if not styles and recipe.style.sample:
        styles = [str(sample(recipe.style.sample))]
    if not styles:
        raise InputError("Choose a style as well: drop a picture, or pick a sample.")
    request = JobRequest(
        recipe=recipe.to_dict(),
        content=_upload(jobs, wish.content, client),
        styles=tuple(_upload(jobs, style, client) for style in styles),
        protect=_upload(jobs, wish.mask, client) if wish.mask else None,
        title=wish.title,
        client=client,
        parent=wish.parent,
    )
    return jobs.submit(request)


def again(jobs: Jobs, job: Job, client: str, strength: float) -> Job:
    """Branch a job: the same pictures and recipe with another strength."""
    recipe = Recipe.from_dict(job.request.recipe).changed(
        {"content.hold": "strength", "content.strength": strength}
    )
    values = job.request.to_dict() | {
        "recipe": recipe.to_dict(),
        "client": client,
        "parent": job.id,
        "title": f"{job.title}, strength {strength:g}",
    }
    return jobs.submit(JobRequest.from_dict(values))


def title_of_look(name: str) -> str:
    """Return what the page calls a recipe."""
    return LOOKS.get(name, name)


def _upload(jobs: Jobs, path: str, client: str) -> str:
    with Path(path).open("rb") as file:
        return jobs.upload(file, Path(path).name, client).id
