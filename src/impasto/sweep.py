"""A sweep: one pair of pictures painted by many recipes, with what they share done once.

for item in impasto.sweep_events("photo.jpg", "painting.jpg", [axis("style.scale", "0.5,1,2")]):
    ...
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from os import PathLike

from impasto.axes import Axis, Cell, cells
from impasto.engine.control import Control
from impasto.events import Event, Status, Warned
from impasto.given import Source
from impasto.images.contact_sheet import Grid
from impasto.images.picture import Picture
from impasto.recipe import Recipe
from impasto.result import Result
from impasto.shared import Shared
from impasto.stylizing import stylize_events


@dataclass(frozen=True)
class CellStarted:
    """The next picture of a sweep begins."""

    number: int
    """From 1."""
    count: int
    cell: Cell


@dataclass(frozen=True)
class Painted:
    """A picture of a sweep is done."""

    cell: Cell
    result: Result


def sweep_events(
    content: Source,
    styles: Source | Sequence[Source],
    axes: Sequence[Axis],
    *,
    recipe: Recipe,
    weights: str | PathLike[str] | None = None,
    start: Source | None = None,
    offline: bool = False,
    device: str = "auto",
    pixel_limit: int | None = None,
    control: Control | None = None,
) -> Iterator[Event | CellStarted | Painted]:
    """Paint every combination of the axes' values, the last axis fastest.

    The pictures are read, the network loaded, and targets and estimates of strengths measured only
    once where the recipes agree in them; every picture has the bytes that it has by itself. A
    warning is given once. After a stop the sweep ends with the picture under way.

    Args:
        content: what the pictures show.
        styles: one or more pictures whose look they shall have.
        axes: what varies.
        recipe: all else.
        weights: a weights file, as for `stylize`; so are all that follow.
        start: a picture to start from.
        offline: never download a network.
        device: auto, cpu, cuda or mps.
        pixel_limit: refuse picture files with more pixels.
        control: to stop, pause or steer from another thread.

    Raises:
        InputError: something cannot be used, or a combination is no possible recipe; then nothing
            is painted.
    """
    every = [(cell, recipe.changed(cell.changes)) for cell in cells(axes)]
    control, shared, warned = control or Control(), Shared(), set[str]()
    for number, (cell, changed) in enumerate(every, start=1):
        if control.stopped is not None:
            return
        yield CellStarted(number, len(every), cell)
        for event in stylize_events(
            content,
            styles,
            recipe=changed,
            weights=weights,
            start=start,
            offline=offline,
            device=device,
            pixel_limit=pixel_limit,
            control=control,
            shared=shared,
        ):
            if isinstance(event, Warned):
                if event.message in warned:
                    continue
                warned.add(event.message)
            if not isinstance(event, Result):
                yield event
            elif event.status is not Status.STOPPED:
                yield Painted(cell, event)


def grid(axes: Sequence[Axis], painted: Iterable[Painted], title: str = "") -> Grid:
    """Lay pictures out: the last axis across, all combinations of the others down."""
    done = {item.cell.indices: item.result.picture for item in painted}
    *down, across = axes
    rows: list[list[Picture | None]] = []
    labels: list[str] = []
    for indices in product(*(range(len(axis.values)) for axis in down)):
        rows.append([done.get((*indices, column)) for column in range(len(across.values))])
        labels.append(", ".join(axis.labels[i] for axis, i in zip(down, indices, strict=True)))
    return Grid(rows, across.labels, labels, title)
