"""`impasto plan`: what a run would take, without running it."""

import json as json_text
from pathlib import Path
from typing import Annotated, Any

import typer

from impasto import recipe_files
from impasto.cli import checks, given_options, look, memory_options, options
from impasto.cli.exits import reporting_errors


@reporting_errors
def plan(
    content: Annotated[Path, typer.Argument(metavar="CONTENT", help="What the picture shows.")],
    styles: Annotated[
        list[Path] | None,
        typer.Argument(metavar="STYLE", help="Left out: one of the content's size."),
    ] = None,
    recipe: options.RecipeSource = recipe_files.BASE,
    size: options.Size = None,
    network: options.Network = None,
    steps: options.Steps = None,
    optimizer: options.Optimizer = None,
    settings: options.Settings = None,
    memory: memory_options.Memory = None,
    device: options.Device = "auto",
    precision: options.Precision = None,
    threads: options.Threads = None,
    pixel_limit: options.PixelLimit = None,
    json: options.AsJson = False,
) -> None:
    """Tell what a run would take: stages, memory, time and disk. Nothing is painted.

    The options are those of `stylize`; it chooses the same way to compute the picture.
    """
    given = {
        "network.name": network,
        "network.precision": precision,
        "schedule.size": size,
        "schedule.steps": steps,
        "optimizer.name": optimizer,
    }
    chosen = given_options.changed(given_options.load_recipe(recipe), given, settings)
    memory_options.checked(memory)
    pictures = [*(styles or ([look.own_style(chosen)] if chosen.style.sample else []))]
    checks.check_inputs([content, *pictures], None)
    checks.check_recipe(chosen, max(1, len(pictures)), None)
    from impasto.cli.planning_work import outlook  # loads torch

    found = outlook(content, pictures, chosen, memory, device, threads, pixel_limit)
    print(json_text.dumps(found, indent=2) if json else table(found))


def table(found: dict[str, Any]) -> str:
    """Write an outlook as a table."""
    rows = [("stage", "size", "steps", "computed", "memory", "time")]
    for number, stage in enumerate(found["stages"], start=1):
        rows.append(
            (
                str(number),
                f"{stage['width']} x {stage['height']} px",
                str(stage["steps"]),
                "whole" if stage["tiles"] == 1 else f"{stage['tiles']} tiles",
                gigabytes(stage["bytes"]),
                span(stage["seconds"]),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(f"{cell:>{w}}" for cell, w in zip(row, widths, strict=True)) for row in rows]
    disk = f"; {gigabytes(found['disk'])} of temporary files" if found["disk"] else ""
    total = f"{found['how']}; {span(found['seconds'])} in all{disk}"
    where = f"{found['network']} on {found['device']} in {found['precision']}"
    return "\n".join([where, *lines, total])


def gigabytes(size: int) -> str:
    """Write bytes in GB."""
    return f"{size / 1e9:.2f} GB"


def span(seconds: list[float]) -> str:
    """Write a range of seconds: `20 to 45 s`, `3 to 6 min`, `1.5 to 3.2 h`."""
    found = ((unit, name) for unit, name in ((3600, "h"), (60, "min")) if seconds[1] >= 2 * unit)
    unit, name = next(found, (1, "s"))
    low, high = (_short(value / unit) for value in seconds)
    return f"{low} to {high} {name}"


def _short(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"
