"""`impasto demo`: a first picture from the samples that come with impasto."""

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from impasto import recipe_files
from impasto.cli import given_options, options
from impasto.cli.exits import reporting_errors
from impasto.cli.job import Job
from impasto.cli.perform import perform

CONTENT, STYLE = "harbor.jpg", "strokes.jpg"


@reporting_errors
def demo(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT", help="Where the picture goes.")
    ] = Path("impasto-demo.png"),
    recipe: options.RecipeSource = recipe_files.BASE,
    size: options.Size = None,
    steps: options.Steps = None,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> int:
    """Make a first picture from two samples that come with impasto."""
    given = {"schedule.size": size, "schedule.steps": steps}
    samples = resources.files("impasto") / "samples"
    with (
        resources.as_file(samples / CONTENT) as content,
        resources.as_file(samples / STYLE) as style,
    ):
        return perform(
            Job(
                content=content,
                styles=(style,),
                output=output,
                recipe=given_options.changed(given_options.load_recipe(recipe), given, None),
                threads=threads,
                voice=given_options.voice(quiet=quiet, json=False),
            )
        )
