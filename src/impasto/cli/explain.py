"""`impasto explain`: one page, or a text, on what happens inside a run."""

import shlex
import shutil
from pathlib import Path
from typing import Annotated

import typer

from impasto.cli import checks, given_options, options
from impasto.cli.exits import reporting_errors
from impasto.cli.options import OUTPUT
from impasto.errors import InputError
from impasto.explain.sections import QUICK_RUN, SECTIONS, check
from impasto.files import check_target
from impasto.recipe import Recipe

PAGES = (".html", ".htm")
RECIPE = "lesson"


def _named_sections(text: str | None) -> tuple[str, ...]:
    """Read `gram,losses`."""
    if text is None:
        return tuple(SECTIONS)
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _check_page(path: Path, inputs: list[Path]) -> None:
    if path.suffix.lower() not in PAGES:
        raise InputError(f"a report is written as {' or '.join(PAGES)}, got '{path.name}'")
    check_target(path)
    checks.check_not_input(path, inputs)


@reporting_errors
def explain(
    content: Annotated[Path, typer.Argument(metavar="CONTENT", help="What the picture shows.")],
    style: Annotated[Path, typer.Argument(metavar="STYLE", help="Whose look it shall have.")],
    context: typer.Context,
    recipe: options.RecipeSource = RECIPE,
    size: options.Size = None,
    network: options.Network = None,
    weights: options.Weights = None,
    steps: options.Steps = None,
    seed: options.Seed = None,
    settings: options.Settings = None,
    offline: options.Offline = False,
    device: options.Device = "auto",
    threads: options.Threads = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="OUT", rich_help_panel=OUTPUT, help="The page: .html."
        ),
    ] = Path("report.html"),
    sections: Annotated[
        str | None,
        typer.Option(
            "--sections",
            metavar="NAMES",
            rich_help_panel=OUTPUT,
            help=f"Only these, with commas: {', '.join(SECTIONS)}.",
        ),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", rich_help_panel=OUTPUT, help="Smaller and shorter: about 15 seconds."
        ),
    ] = False,
    terminal: Annotated[
        bool,
        typer.Option(
            "--terminal",
            rich_help_panel=OUTPUT,
            help="Print trace, table and a chart in letters instead of writing a page.",
        ),
    ] = False,
    quiet: options.Quiet = False,
) -> int:
    """See inside: run CONTENT and STYLE, and write a page that shows every step of it.

    The recipe `lesson` keeps the method as the papers have it; any other can be explained too.
    """
    chosen = _recipe(recipe, quick=quick, given=(size, steps, seed, network), settings=settings)
    asked = _named_sections(sections)
    if terminal and sections is None:
        asked = ("pipeline", "losses", "gram", "insight")
    checks.check_inputs([content, style], weights)
    checks.check_recipe(chosen, 1, None)
    checks.check_network(chosen.network.name, weights, offline=offline)
    check(chosen, asked)
    if not terminal:
        _check_page(output, [content, style, *([weights] if weights else [])])
    from impasto.cli.explaining import Lesson, teach  # loads torch

    lesson = Lesson(
        content=content,
        style=style,
        recipe=chosen,
        weights=weights and weights.expanduser(),
        offline=offline,
        device=device,
        threads=threads,
        quick=quick,
        sections=asked,
        output=None if terminal else output,
        columns=shutil.get_terminal_size().columns,
        command=_command(context),
    )
    return teach(lesson, quiet=quiet)


def _recipe(
    source: str,
    *,
    quick: bool,
    given: tuple[int | None, int | None, int | None, str | None],
    settings: list[str] | None,
) -> Recipe:
    """Load the recipe; `--quick` counts under everything else that is given."""
    size, steps, seed, network = given
    changes = (QUICK_RUN if quick else {}) | {
        name: value
        for name, value in {
            "schedule.size": size,
            "schedule.steps": steps,
            "seed": seed,
            "network.name": network,
        }.items()
        if value is not None
    }
    return given_options.changed(given_options.load_recipe(source), changes, settings)


def _command(context: typer.Context) -> str:
    """Write the command line again, as it can be given to a shell."""
    words = ["impasto", "explain"]
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if parameter.param_type_name == "argument":
            words.append(str(value))
        elif parameter.name and given_options.is_given(context, parameter.name):
            words += _option(parameter.opts[0], value)
    return shlex.join(words)


def _option(name: str, value: object) -> list[str]:
    if value is True:
        return [name]
    if isinstance(value, list | tuple):
        return [word for one in value for word in (name, str(one))]
    return [name, str(value)]
