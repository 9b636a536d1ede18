"""`impasto sweep`: one pair of pictures by many recipes, on one sheet."""

from pathlib import Path
from typing import Annotated

import typer

from impasto import recipe_files
from impasto.axes import Axis, axis, cells
from impasto.cli import checks, given_options, options
from impasto.cli.exits import reporting_errors
from impasto.cli.options import OUTPUT
from impasto.errors import InputError

VARIED = "What varies: 0.2..1:5 (five from 0.2 to 1), or 0.5,1,2"


def _varied(name: str, help: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name, metavar="VALUES", rich_help_panel=VARIED, help=help
    )
    return option


@reporting_errors
def sweep(
    content: Annotated[Path, typer.Argument(metavar="CONTENT", help="What the pictures show.")],
    styles: Annotated[
        list[Path], typer.Argument(metavar="STYLE", help="Whose look they shall have.")
    ],
    strength: Annotated[str | None, _varied("--strength", "From 0 to 1.")] = None,
    style_scale: Annotated[str | None, _varied("--style-scale", "Breadth of strokes.")] = None,
    style_mix: Annotated[
        str | None, _varied("--style-mix", "Shares of several styles, such as 0:1..1:0.")
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="KEY=VALUES",
            rich_help_panel=VARIED,
            help="Any setting of the recipe, such as optimizer.adam.smoothing=0,1,2. Repeatable.",
        ),
    ] = None,
    recipe: options.RecipeSource = recipe_files.BASE,
    size: options.Size = None,
    network: options.Network = None,
    weights: options.Weights = None,
    steps: options.Steps = None,
    seed: options.Seed = None,
    settings: options.Settings = None,
    device: options.Device = "auto",
    threads: options.Threads = None,
    offline: options.Offline = False,
    pixel_limit: options.PixelLimit = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="SHEET", rich_help_panel=OUTPUT, help="The sheet, a picture."
        ),
    ] = Path("sheet.png"),
    side: Annotated[
        int | None,
        typer.Option(
            "--thumbnail",
            metavar="PIXELS",
            min=16,
            rich_help_panel=OUTPUT,
            help="Long side of a picture on the sheet; else as it was painted.",
        ),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(
            "--pictures",
            metavar="FOLDER",
            rich_help_panel=OUTPUT,
            help="Save each picture there as well, with its recipe inside.",
        ),
    ] = None,
    animate: Annotated[
        Path | None,
        typer.Option(
            "--animate",
            metavar="FILE",
            rich_help_panel=OUTPUT,
            help="Save the pictures as an animation as well: .gif, .webp or .mp4.",
        ),
    ] = None,
    quiet: options.Quiet = False,
) -> int:
    """Paint CONTENT in the manner of STYLE with every combination of some settings.

    The pictures come as a labeled grid; what they share is computed once. At least one of the
    options that vary something must be given.
    """
    varied = (("strength", strength), ("style_scale", style_scale), ("style_mix", style_mix))
    axes = _axes({name: text for name, text in varied if text is not None}, vary or [])
    given = {
        "schedule.size": size,
        "schedule.steps": steps,
        "seed": seed,
        "network.name": network,
    }
    chosen = given_options.changed(given_options.load_recipe(recipe), given, settings)
    for cell in cells(axes):
        checks.check_recipe(chosen.changed(cell.changes), len(styles), None)
    checks.check_inputs([content, *styles], weights)
    checks.check_network(chosen.network.name, weights, offline=offline)
    checks.check_outputs(output, None, [], [content, *styles, Path(recipe)])
    from impasto.cli.sweep_work import Sweep, paint  # loads torch

    return paint(
        Sweep(
            content=content,
            styles=tuple(styles),
            axes=tuple(axes),
            recipe=chosen,
            weights=weights,
            device=device,
            threads=threads,
            offline=offline,
            pixel_limit=pixel_limit,
            output=output,
            side=side,
            pictures=pictures,
            animate=animate,
            quiet=quiet,
        )
    )


def _axes(varied: dict[str, str], others: list[str]) -> list[Axis]:
    """Read the axes; the one of most values comes last, so that sheets are wide."""
    makers = {
        "strength": ("content.strength", "strength", {"content.hold": "strength"}),
        "style_scale": ("style.scale", "scale", {}),
        "style_mix": ("style.mix", "mix", {}),
    }
    found = [_other(text) for text in others]
    for option, text in varied.items():
        setting, name, also = makers[option]
        found.append(axis(setting, text, name=name, also=also))
    if not found:
        raise InputError(
            "expected something that varies, got nothing; try --strength 0.2..1:5, "
            "--style-scale 0.5,1,2 or --vary content.weight=1,2,4"
        )
    return sorted(found, key=lambda one: len(one.values))


def _other(text: str) -> Axis:
    setting, equals, values = text.partition("=")
    if not equals:
        raise InputError(f"expected KEY=VALUES, got '{text}'; try --vary content.weight=1,2,4")
    return axis(setting.strip(), values)
