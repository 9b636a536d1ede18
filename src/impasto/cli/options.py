"""Options that commands share, and what their texts mean.

Defaults are the recipe's: an option changes a setting only when it is given.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

import typer

from impasto import recipe_files
from impasto.cli import native_stderr
from impasto.errors import InputError, RecipeError, unknown_name
from impasto.files import PICTURE_FORMATS, READ_ONLY_FORMATS
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
Like = Annotated[
    Path | None,
    typer.Option(
        "--like",
        metavar="PICTURE",
        rich_help_panel=LOOK,
        help="A picture that impasto made: repeat its recipe.",
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
    int | None, typer.Option("--seed", rich_help_panel=METHOD, help="Seed of all chance.")
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
Database = Annotated[
    str,
    typer.Option(
        "--db",
        metavar="URL",
        envvar="IMPASTO_DB",
        help="The database, such as postgresql://user@host/impasto; SQLite in DIR if left out.",
    ),
]
Server = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        rich_help_panel=MACHINE,
        help="Let `impasto studio` on another machine do the work.",
    ),
]
Token = Annotated[
    str,
    typer.Option(
        "--token",
        metavar="TOKEN",
        envvar="IMPASTO_TOKEN",
        show_envvar=True,
        rich_help_panel=MACHINE,
        help="What that server wants to know.",
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads", min=1, show_default=False, rich_help_panel=MACHINE, help="CPU threads to use."
    ),
]
Strength = Annotated[
    float | None,
    typer.Option(
        "--strength",
        metavar="0..1",
        rich_help_panel=LOOK,
        help="How far to go, from 0, the photograph, to 1, all style; finds the content weight.",
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
Checkpoint = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        metavar="DIR",
        rich_help_panel=OUTPUT,
        help="Keep the state of the run in a folder, so that `impasto resume DIR` can go on.",
    ),
]
CheckpointEvery = Annotated[
    int,
    typer.Option(
        "--checkpoint-every",
        metavar="STEPS",
        min=1,
        rich_help_panel=OUTPUT,
        help="Steps between two checkpoints; there is one at the end of each stage too.",
    ),
]
Replay = Annotated[
    Path | None,
    typer.Option(
        "--replay",
        metavar="TRACE",
        rich_help_panel=METHOD,
        help="Do again what was done to another run as it worked: a .json file from --trace.",
    ),
]
Offline = Annotated[
    bool,
    typer.Option(
        "--offline", rich_help_panel=MACHINE, help="Never download a network that is not here."
    ),
]
PixelLimit = Annotated[
    int | None,
    typer.Option(
        "--pixel-limit",
        metavar="PIXELS",
        min=1,
        rich_help_panel=MACHINE,
        help="Refuse pictures with more pixels; else $IMPASTO_PIXEL_LIMIT, or 178956970.",
    ),
]
Quality = Annotated[
    int,
    typer.Option(
        "--quality",
        min=1,
        max=100,
        rich_help_panel=OUTPUT,
        help="Of a JPEG, WebP or AVIF.",
    ),
]
Depth = Annotated[
    int,
    typer.Option(
        "--depth", metavar="8|16", rich_help_panel=OUTPUT, help="Bits per channel; 16: PNG, TIFF."
    ),
]
Dpi = Annotated[
    float | None,
    typer.Option(
        "--dpi",
        metavar="NUMBER",
        rich_help_panel=OUTPUT,
        help="Dots per inch for printing; else the content's.",
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
