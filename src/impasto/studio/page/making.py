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
from impasto.studio.page.choices import sample

USUAL = 0.7
"""Where the slider stands for looks that hold no strength."""
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
    strength: float | None
    """None leaves the look's own way to hold the content."""
    size: int
    scale: float = 1.0
    color: str = "style"
    protect: str = "none"
    pair: str = "none"
    mask: str | None = None
    """White where the photograph is to stay."""
    maps: Sequence[str] = ()
    """Label maps of the photograph and of each style, painted in the same colors."""
    recipe: Mapping[str, Any] | None = None
    """That of a picture which was dropped, in place of the look's."""
    parent: str | None = None
    title: str = ""


def recipe_of(jobs: Jobs, wish: Wish) -> Recipe:
    """Return the recipe for a wish; raises RecipeError where its parts do not go together."""
    base = Recipe.from_dict(wish.recipe) if wish.recipe is not None else look_of(jobs, wish.look)
    changes: dict[str, Any] = {
        "schedule.size": wish.size,
        "style.scale": wish.scale,
        "color.mode": wish.color,
        "guides.pair": "labels" if wish.maps else wish.pair,
        "guides.protect": "mask" if wish.mask else wish.protect,
    }
    if wish.strength is not None and base.style.weight > 0 and base.content.weight > 0:
        changes |= {"content.hold": "strength", "content.strength": wish.strength}
    return base.changed(changes)


def look_of(jobs: Jobs, name: str) -> Recipe:
    """Return a look's recipe: one of the user's own, or a packaged one."""
    own = {saved.name: saved.recipe for saved in jobs.saved_recipes()}
    return Recipe.from_dict(own[name]) if name in own else recipe_files.named(name)


@dataclass(frozen=True)
class Controls:
    """What the page's controls show of a recipe, in the words of the page."""

    strength: float
    scale: float
    color: str
    protect: str
    pair: str

    @classmethod
    def of(cls, recipe: Recipe) -> "Controls":
        """Read them from a recipe; what the page has no control for stays in the recipe."""
        held = recipe.content.hold == "strength"
        return cls(
            recipe.content.strength if held else USUAL,
            recipe.style.scale,
            _word(COLORS, recipe.color.mode),
            _word(PROTECT, recipe.guides.protect),
            _word(PAIR, recipe.guides.pair),
        )

    @property
    def values(self) -> tuple[Any, ...]:
        """What the controls are set to; True: the user has not moved the strength."""
        return self.strength, True, self.scale, self.color, self.protect, self.pair


def _word(words: Mapping[str, str], value: str) -> str:
    """Return the word for a value; the first where a mask or labels would be needed."""
    return next((word for word, known in words.items() if known == value), next(iter(words)))


def start(jobs: Jobs, wish: Wish, client: str) -> Job:
    """Make a job of a wish; raises InputError as `request_of` does, or where it is refused."""
    return jobs.submit(request_of(jobs, wish, client))


def request_of(jobs: Jobs, wish: Wish, client: str) -> JobRequest:
    """Take the pictures of a wish in, and write down what is to be made of them.

    What was painted is removed, whatever comes of it.

    Raises:
        InputError: something is missing or cannot be used, said in a sentence.
    """
    try:
        return _request_of(jobs, wish, client)
    finally:
        for path in (*wish.maps, *([wish.mask] if wish.mask else [])):
            Path(path).unlink(missing_ok=True)


def _request_of(jobs: Jobs, wish: Wish, client: str) -> JobRequest:
    if not wish.content:
        raise InputError("Choose a photograph first: drop one, or pick a sample.")
    recipe = recipe_of(jobs, wish)
    styles = [style for style in wish.styles if style]
    if not styles and recipe.style.sample:
        styles = [str(sample(recipe.style.sample))]
    if not styles:
        raise InputError("Choose a style as well: drop a picture, or pick a sample.")
    return JobRequest(
        recipe=recipe.to_dict(),
        content=_upload(jobs, wish.content, client),
        styles=tuple(_upload(jobs, style, client) for style in styles),
        protect=_upload(jobs, wish.mask, client) if wish.mask else None,
        regions=tuple(_upload(jobs, path, client) for path in wish.maps),
        title=wish.title,
        client=client,
        parent=wish.parent,
    )


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


def _upload(jobs: Jobs, path: str, client: str) -> str:
    with Path(path).open("rb") as file:
        return jobs.upload(file, Path(path).name, client).id


def recipe_in(jobs: Jobs, path: str) -> Recipe:
    """Read the recipe that a picture was made with; raises InputError if it holds none."""
    text = jobs.recipe_in(Path(path), Path(path).name)
    if text is None:
        raise InputError("This picture holds no recipe; drop one that impasto made.")
    return recipe_files.parse(text, name=Path(path).stem, source=Path(path).name)
