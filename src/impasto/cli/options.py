"""Options that commands share, and what their texts mean.

Defaults are the recipe's: an option changes a setting only when it is given.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

import typer

from impasto import recipe_files
from impasto.errors import InputError, PictureError, RecipeError, unknown_name
from impasto.files import PICTURE_FORMATS
from impasto.recipe import NetworkSettings, OptimizerSettings, Recipe
from impasto.weights.catalog import NETWORKS

LOOK, METHOD, MACHINE, OUTPUT = "Look", "Method", "Machine", "Output"
"""Groups of options in the help."""


def choices(kind: type, field: str) -> tuple[str, ...]:
    """List the values that a setting can have."""
    return get_args(get_type_hints(kind)[field])


STARTS = tuple(name for name in choices(Recipe, "start") if name != "picture")


def _named(names: Iterable[str]) -> str:
    return ", ".join(names)


# --- what a command line may say -------------------------------------------------------------

RecipeSource = Annotated[
    str,
    typer.Option(
        "--recipe",
        metavar="NAME|FILE",
        rich_help_panel=LOOK,
        help=f"{_named(recipe_files.names())}; a .toml or .json file; or a picture that impasto "
        "made.",
    ),
]
Size = Annotated[
    int | None,
    typer.Option("--size", metavar="PIXELS", rich_help_panel=LOOK, help="Long side of the result."),
]
Steps = Annotated[
    int | None,
    typer.Option("--steps", rich_help_panel=METHOD, help="Optimizer steps in all."),
]
Seed = Annotated[
    int | None, typer.Option("--seed", rich_help_panel=METHOD, help="Seed of a noise start.")
]
Network = Annotated[
    str | None,
    typer.Option("--network", metavar="NAME", rich_help_panel=METHOD, help=_named(NETWORKS) + "."),
]
Weights = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        metavar="FILE",
        rich_help_panel=METHOD,
        help="Weights of the network: .safetensors, or a PyTorch state dict.",
    ),
]
Optimizer = Annotated[
    str | None,
    typer.Option(
        "--optimizer",
        metavar="NAME",
        rich_help_panel=METHOD,
        help=_named(choices(OptimizerSettings, "name")) + ".",
    ),
]
Precision = Annotated[
    str | None,
    typer.Option(
        "--precision",
        metavar="NAME",
        rich_help_panel=MACHINE,
        help=_named(choices(NetworkSettings, "precision")) + ".",
    ),
]
Init = Annotated[
    str | None,
    typer.Option(
        "--init",
        metavar="START|FILE",
        rich_help_panel=METHOD,
        help=f"Where to start: {_named(STARTS)}, or a picture file.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        rich_help_panel=METHOD,
        help="Any setting of the recipe by its path, such as style.scale=2. Repeatable.",
    ),
]
Device = Annotated[
    str,
    typer.Option("--device", rich_help_panel=MACHINE, help="auto, cpu, cuda, cuda:1 or mps."),
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads", min=1, show_default=False, rich_help_panel=MACHINE, help="CPU threads to use."
    ),
]
TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit",
        metavar="SECONDS",
        rich_help_panel=MACHINE,
        help="Stop painting after so long, and save the image so far.",
    ),
]
Offline = Annotated[
    bool,
    typer.Option(
        "--offline", rich_help_panel=MACHINE, help="Never download a network that is not here."
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", rich_help_panel=OUTPUT, help="Print nothing but errors and warnings."
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", rich_help_panel=OUTPUT, help="Print events as JSON lines on stdout instead."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


# --- what the texts mean ---------------------------------------------------------------------


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


def load_recipe(source: str) -> Recipe:
    """Load a recipe by name, from a file, or from a picture that was made with it.

    Raises:
        RecipeError: there is none.
    """
    path = Path(source)
    if path.suffix.lower() not in PICTURE_FORMATS:
        return recipe_files.load(source)
    if not path.expanduser().exists():
        raise PictureError(f"there is no file {path}; check the name and the folder")
    from impasto.images.codec import decode

    text = decode(path).recipe
    if text is None:
        raise RecipeError(f"{path} holds no recipe; expected a picture that impasto made")
    return recipe_files.parse(text, name=path.stem, source=source)


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
