"""The command `impasto`: its subcommands, and the way in."""

import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from impasto.cli import recipes, weights
from impasto.cli.compare import compare
from impasto.cli.demo import demo
from impasto.cli.doctor import doctor
from impasto.cli.exits import report
from impasto.cli.explain import explain
from impasto.cli.info import info, version
from impasto.cli.maps import features, gram, reconstruct
from impasto.cli.plan import plan
from impasto.cli.resume import resume
from impasto.cli.stylize import stylize
from impasto.cli.sweep import sweep

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(stylize)
app.command()(sweep)
app.command()(plan)
app.command()(resume)
app.command()(demo)
app.command()(compare)
app.command()(explain)
app.command()(features)
app.command()(gram)
app.command()(reconstruct)
app.add_typer(recipes.app, name="recipe")
app.add_typer(weights.app, name="weights")
app.command()(info)
app.command()(doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"impasto {version()}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Neural style transfer that explains itself: offline, on any machine."""


def main() -> None:
    """Run the command line; ends the process with an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name must not fail for want of a glyph
    try:
        app(prog_name="impasto")
    except (Exception, KeyboardInterrupt) as error:
        sys.exit(report(error))
