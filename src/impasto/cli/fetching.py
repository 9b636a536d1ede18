"""What is seen of a download: a bar on a terminal, else one line that tells the size."""

from collections.abc import Iterable

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from impasto.events import Fetching
from impasto.weights import cache


def line(event: Fetching) -> str:
    """Say what is being fetched, how large it is, and where it goes."""
    size = cache.megabytes(event.size) if event.size else "a file of unknown size"
    resumed = f", going on at {cache.megabytes(event.received)}" if event.received else ""
    return f"fetching {event.name}, {size}, from {event.address} into {cache.folder()}{resumed}"


def show(events: Iterable[Fetching]) -> None:
    """Follow a download to its end on stderr."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as p:
        task, address = None, ""
        for event in events:
            if event.address != address:
                address = event.address
                console.print(line(event), soft_wrap=True)
            if task is None:
                task = p.add_task(event.name)
            p.update(task, completed=event.received, total=event.size)
