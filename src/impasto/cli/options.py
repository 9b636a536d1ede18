"""Options that commands share; `given_options` reads what their texts mean."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, get_args, get_type_hints

import typer

from impasto import recipe_files
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
