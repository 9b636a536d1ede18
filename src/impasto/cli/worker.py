"""`impasto worker`: do the jobs that a service has accepted."""

from pathlib import Path
from typing import Annotated

import typer

from impasto.cli import exits, options
from impasto.cli.exits import reporting_errors
from impasto.cli.extras import needing


@reporting_errors
def worker(
    home: Annotated[
        Path,
        typer.Option(
            "--home", metavar="DIR", help="The folder of the jobs, shared by all workers."
        ),
    ],
    db: options.Database = "",
    device: options.Device = "auto",
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="NAME",
            help="This worker's own name, the same after each restart; HOST-1, HOST-2, ... if left "
            "out.",
        ),
    ] = None,
    until_end_of_input: Annotated[
        bool, typer.Option("--until-end-of-input", help="Also end as standard input ends.")
    ] = False,
) -> None:
    """Do the jobs of `impasto studio`, one at a time, until SIGTERM or Ctrl-C.

    A job under way is kept then, and goes on where the next worker begins.
    """
    with needing("studio", "dbos", "sqlalchemy"):
        from impasto.jobs.worker import run_worker
    from impasto.numerics.allocator import keep_freed_memory

    keep_freed_memory()
    run_worker(
        home,
        db,
        device=device,
        executor_id=name,
        until_end_of_input=until_end_of_input,
        ready=lambda name: exits.say(f"worker {name} takes jobs"),
    )
