"""What the texts of shared options mean.

Defaults are the recipe's: an option changes a setting only when it is given.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import typer

from impasto import recipe_files
from impasto.cli import native_stderr
from impasto.cli.options import STARTS
from impasto.errors import InputError, RecipeError, unknown_name
from impasto.files import PICTURE_FORMATS, READ_ONLY_FORMATS
from impasto.recipe import Recipe


def layers(text: str | None) -> dict[str, float] | None:
    """Read `relu1_1,relu2_1=0.5`: layers with their weights, 1 where none is given."""
    if text is None:
        return None
    found: dict[str, float] = {}
    for part in text.split(","):
        name, equals, weight = (piece.strip() for piece in part.partition("="))
        if not name or name in found:
            problem = f"names {name} twice" if name else "has an empty name"
            raise InputError(f"the list of layers '{text}' {problem}; try relu1_1,relu2_1=0.5")
        found[name] = number(weight, f"weight of layer {name}", "relu2_1=0.5") if equals else 1.0
    return found


def strength(value: float | None, content_weight: float | None) -> dict[str, Any]:
    """Return the settings that `--strength` stands for.

    Raises:
        InputError: it is out of range, or a weight was given as well.
    """
    if value is None:
        return {} if content_weight is None else {"content.hold": "weight"}
    if content_weight is not None:
        raise InputError(
            "expected --strength or --content-weight, got both; a strength finds the weight itself"
        )
    if not 0 <= value <= 1:
        raise InputError(f"a strength lies between 0 (photograph) and 1 (all style), got {value:g}")
    return {"content.hold": "strength", "content.strength": value}


def number(text: str, what: str, example: str) -> float:
    """Read a number.

    Raises:
        InputError: it is none.
    """
    try:
        return float(text)
    except ValueError:
        raise InputError(f"a {what} must be a number, got '{text}'; try {example}") from None


def start(text: str | None) -> tuple[str | None, Path | None]:
    """Read `--init`: the name of a start, or a picture file.

    Raises:
        InputError: it is neither.
    """
    if text is None or text in STARTS:
        return text, None
    path = Path(text)
    if not path.expanduser().exists():
        raise InputError(unknown_name("start", text, STARTS) + ", or give a picture file")
    return None, path


def is_given(context: typer.Context, name: str) -> bool:
    """Tell an option that stands on the command line from one at its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def load_recipe(source: str) -> Recipe:
    """Load a recipe by name, from a file, or from a picture that was made with it.

    Raises:
        RecipeError: there is none.
    """
    path = Path(source)
    if path.suffix.lower() not in PICTURE_FORMATS | READ_ONLY_FORMATS:
        return recipe_files.load(source)
    return recipe_in(path)


def recipe_in(path: Path, pixel_limit: int | None = None) -> Recipe:
    """Read the recipe that a picture was made with, whatever its name.

    Raises:
        PictureError: there is no picture.
        RecipeError: it holds no recipe.
    """
    from impasto.images.codec import decode

    with native_stderr.silenced():
        text = decode(path, pixel_limit=pixel_limit).recipe
    if text is None:
        raise RecipeError(f"{path} holds no recipe; expected a picture that impasto made")
    return recipe_files.parse(text, name=path.stem, source=str(path))


def changed(recipe: Recipe, given: Mapping[str, Any], settings: Iterable[str] | None) -> Recipe:
    """Apply the options that were given, then `--set`.

    Raises:
        RecipeError: there is no such setting, or a value is impossible.
    """
    changes = {path: value for path, value in given.items() if value is not None}
    return recipe.changed(changes | dict(map(recipe_files.assignment, settings or ())))


Voice = Literal["display", "quiet", "json"]


def voice(*, quiet: bool, json: bool) -> Voice:
    """Choose how a command speaks while it works."""
    return "json" if json else "quiet" if quiet else "display"
