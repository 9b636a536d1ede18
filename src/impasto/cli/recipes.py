"""`impasto recipe`: list, show and save recipes."""

from pathlib import Path
from typing import Annotated

import typer

from impasto import recipe_files
from impasto.cli import given_options, options
from impasto.cli.exits import reporting_errors

app = typer.Typer(no_args_is_help=True, help="List, show and save recipes.")

Source = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE",
        help="A recipe's name; a .toml or .json file; or a picture that impasto made.",
    ),
]


@app.command("list")
@reporting_errors
def list_recipes() -> None:
    """List the recipes that come with impasto."""
    names = recipe_files.names()
    width = max(map(len, names))
    for name in names:
        print(f"{name:{width}}  {recipe_files.named(name).description}")


@app.command("show")
@reporting_errors
def show(source: Source, json: options.AsJson = False) -> None:
    """Print every setting of a recipe, as TOML unless asked for JSON."""
    recipe = given_options.load_recipe(source)
    print((recipe_files.to_json if json else recipe_files.to_toml)(recipe), end="")


@app.command("save")
@reporting_errors
def save(
    source: Source,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .toml or .json file.")],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change a setting, such as style.weight=2. Repeatable.",
        ),
    ] = None,
) -> None:
    """Write a recipe to a file of your own, with settings changed; it takes the file's name."""
    recipe = given_options.changed(given_options.load_recipe(source), {"name": file.stem}, settings)
    recipe_files.save(recipe, file)
    print(f"saved {file}")
