"""Options for memory and for how a run is computed."""

from typing import Annotated

import typer

from impasto.cli.options import MACHINE
from impasto.planning.budget import read_size

Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        rich_help_panel=MACHINE,
        help="What the run may take: 4GB, 800MB, or 70% of what is free; else 90% of that.",
    ),
]

Tile = Annotated[
    int | None,
    typer.Option(
        "--tile",
        metavar="PX",
        min=64,
        rich_help_panel=MACHINE,
        help="Compute in tiles of that side; else as fits the memory (768 with several processes).",
    ),
]


def checked(text: str | None) -> str | None:
    """Return the text of `--memory` as it is, if it can be read.

    Raises:
        InputError: it cannot.
    """
    if text is not None:
        read_size(text)
    return text
