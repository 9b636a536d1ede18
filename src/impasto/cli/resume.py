"""`impasto resume`: go on with a run that was interrupted."""

import json as json_text
import os
from pathlib import Path
from typing import Annotated

import typer

from impasto.checkpoints import folder as folders
from impasto.cli import given_options, options
from impasto.cli.exits import reporting_errors
from impasto.cli.job import Job
from impasto.cli.perform import perform


@reporting_errors
def resume(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="What --checkpoint named when the run began.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            rich_help_panel=options.OUTPUT,
            help="Where the picture goes, if not where the run began to paint it.",
        ),
    ] = None,
    time_limit: options.TimeLimit = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int | None:
    """Go on with a run that was interrupted, from its checkpoints.

    The picture is the one that an uninterrupted run would have made.
    """
    folder = folder.expanduser()
    plan = folders.read_plan(folder)
    saved = folders.saved_output(folder)
    voice = given_options.voice(quiet=quiet, json=json)
    if saved is not None and saved.exists() and (output is None or _same(output, saved)):
        _say_complete(folder, saved, voice)
        return None
    return perform(Job.resuming(folder, plan, output=output, time_limit=time_limit, voice=voice))


def _same(output: Path, saved: Path) -> bool:
    return os.path.realpath(output.expanduser()) == os.path.realpath(saved)


def _say_complete(folder: Path, saved: Path, voice: given_options.Voice) -> None:
    if voice == "json":
        values = {"event": "already_complete", "checkpoint": str(folder), "output": str(saved)}
        print(json_text.dumps(values))
    elif voice == "display":
        print(f"{folder} is complete: its picture is {saved}")
