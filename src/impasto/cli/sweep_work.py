"""The work of a sweep: paint every picture, save the sheet. This module loads torch."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from impasto.axes import Axis
from impasto.cli import exits, native_stderr
from impasto.cli.exits import Interrupted
from impasto.cli.interrupts import Interrupts
from impasto.engine.control import Control
from impasto.errors import InputError
from impasto.events import StageStarted, Warned
from impasto.executing import tune_allocator
from impasto.images.animation import check_animation, save_animation
from impasto.images.codec import check_writable, encode
from impasto.images.contact_sheet import contact_sheet
from impasto.numerics.allocator import keep_freed_memory
from impasto.recipe import Recipe
from impasto.sweep import CellStarted, Painted, grid, sweep_events


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Everything that the command asks for."""

    content: Path
    styles: tuple[Path, ...]
    axes: tuple[Axis, ...]
    recipe: Recipe
    weights: Path | None
    device: str
    threads: int | None
    offline: bool
    pixel_limit: int | None
    output: Path
    side: int | None
    pictures: Path | None
    animate: Path | None
    quiet: bool

    def say(self, text: str) -> None:
        """Print a line of progress."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)


def paint(sweep: Sweep) -> int:
    """Paint and save; return the exit code. After Ctrl-C the sheet has what is done."""
    began = time.monotonic()
    check_writable(sweep.output)
    if sweep.animate is not None:
        check_animation(sweep.animate)
    if sweep.pictures is not None:
        _make(sweep.pictures)
    keep_freed_memory()
    if sweep.threads is not None:
        torch.set_num_threads(sweep.threads)
    with Interrupts() as interrupts:
        painted = _painted(sweep, interrupts)
    if not painted and interrupts.received is not None:
        raise Interrupted(interrupts.received, "interrupted: nothing to save")
    _save(sweep, painted)
    if not sweep.quiet:
        print(f"saved {sweep.output} ({len(painted)} pictures, {time.monotonic() - began:.1f} s)")
    return interrupts.exit_code


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot make the folder {folder}: {(error.strerror or str(error)).lower()}; "
            "choose another for --pictures"
        ) from error


def _painted(sweep: Sweep, interrupts: Interrupts) -> list[Painted]:
    control, painted = Control(), list[Painted]()
    events = sweep_events(
        sweep.content,
        sweep.styles,
        sweep.axes,
        recipe=sweep.recipe,
        weights=sweep.weights,
        offline=sweep.offline,
        device=sweep.device,
        pixel_limit=sweep.pixel_limit,
        control=control,
    )
    began = time.monotonic()
    while True:
        with native_stderr.silenced():
            item = next(events, None)
        if item is None:
            return painted
        tune_allocator(item)
        if isinstance(item, StageStarted):
            interrupts.stops(control)
        elif isinstance(item, Warned):
            exits.say(f"warning: {item.message}")
        elif isinstance(item, CellStarted):
            began = time.monotonic()
            place = f"{item.number}/{item.count}"
        elif isinstance(item, Painted):
            painted.append(item)
            if sweep.pictures is not None:
                item.result.save(sweep.pictures / _file_name(sweep, item))
            labels = ", ".join(item.cell.labels)
            sweep.say(f"{place}  {labels}  {time.monotonic() - began:.1f} s")


def _file_name(sweep: Sweep, item: Painted) -> str:
    """Name a picture after its place and values: `02_strength-0.4_scale-1.png`."""
    number = 0
    for one, index in zip(sweep.axes, item.cell.indices, strict=True):
        number = number * len(one.values) + index
    labels = "_".join(item.cell.labels).replace(" ", "-").replace(":", "-")
    kept = "".join(letter for letter in labels if letter.isalnum() or letter in "-_.")
    return f"{number + 1:02}_{kept[:100]}.png"


def _save(sweep: Sweep, painted: list[Painted]) -> None:
    names = " + ".join(path.stem for path in (sweep.content, *sweep.styles))
    sheet = contact_sheet(grid(sweep.axes, painted, title=names), side=sweep.side)
    encode(sheet, sweep.output)
    if sweep.animate is not None:
        save_animation([item.result.picture for item in painted], sweep.animate)
