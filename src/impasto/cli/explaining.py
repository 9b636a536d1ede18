"""A report made with somebody listening. This module loads torch; import it inside a command."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from impasto.cli import exits, fetching, native_stderr
from impasto.cli.exits import Interrupted
from impasto.cli.interrupts import Interrupts
from impasto.engine.control import Control
from impasto.events import Event, Fetching, Prepared, StageStarted, Status, Step, Warned
from impasto.explain.report import Report
from impasto.explain.sections import SECTIONS, SectionStarted
from impasto.explain.text import report_text
from impasto.explaining import explain_events
from impasto.images.codec import decode
from impasto.numerics.allocator import keep_freed_memory
from impasto.recipe import Recipe
from impasto.teaching import FULL, QUICK


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What to explain, and where the report goes."""

    content: Path
    style: Path
    recipe: Recipe
    weights: Path | None
    offline: bool
    device: str
    threads: int | None
    quick: bool
    sections: tuple[str, ...]
    output: Path | None
    """None: print a text."""
    columns: int
    command: str


def teach(lesson: Lesson, *, quiet: bool) -> int:
    """Make the report; save it or print it; return the exit code."""
    began = time.monotonic()
    keep_freed_memory()
    if lesson.threads is not None:
        torch.set_num_threads(lesson.threads)
    with Interrupts() as interrupts, _Display(quiet) as display:
        report = _made(lesson, interrupts, display)
        if lesson.output is not None:
            display.say("writing the page")
            report.save(lesson.output)
    if lesson.output is None:
        print(report_text(report, lesson.columns), end="")
    elif not quiet:
        size = lesson.output.expanduser().stat().st_size / 1e6
        print(f"saved {lesson.output} ({size:.1f} MB) in {time.monotonic() - began:.1f} s")
    if report.recording.status is Status.DIVERGED:
        exits.say(f"error: the run diverged: {report.recording.reason}; the report tells how far")
        return exits.FAILED
    return interrupts.exit_code


def _made(lesson: Lesson, interrupts: Interrupts, display: "_Display") -> Report:
    control = Control()
    with native_stderr.silenced():
        pictures = decode(lesson.content), decode(lesson.style)
    events = explain_events(
        *pictures,
        names=(lesson.content.name, lesson.style.name),
        recipe=lesson.recipe,
        weights=lesson.weights,
        offline=lesson.offline,
        device=lesson.device,
        depth=QUICK if lesson.quick else FULL,
        sections=lesson.sections,
        control=control,
        command=lesson.command,
    )
    for item in events:
        if isinstance(item, Report):
            return item
        if isinstance(item, StageStarted):
            interrupts.stops(control)
        display.event(item)
    raise Interrupted(interrupts.received or 2, "interrupted: nothing to explain")


class _Display:
    """A bar on a terminal; else a line for each section."""

    def __init__(self, quiet: bool) -> None:
        self.console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self.quiet, self.task, self.fetched = quiet, TaskID(0), ""
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        hidden = quiet or not self.console.is_terminal
        self.progress = Progress(*columns, console=self.console, transient=True, disable=hidden)

    def __enter__(self) -> "_Display":
        self.progress.start()
        self.task = self.progress.add_task("loading", total=None)
        return self

    def __exit__(self, *error: object) -> None:
        self.progress.stop()

    def say(self, text: str) -> None:
        """Show what is being done."""
        self.progress.update(self.task, description=text)

    def event(self, event: Event | SectionStarted) -> None:
        """Show how far it is."""
        if isinstance(event, Warned):
            exits.say(f"warning: {event.message}")
        elif isinstance(event, Fetching) and event.address != self.fetched:
            self.fetched = event.address
            self.console.print(fetching.line(event), soft_wrap=True)
        elif isinstance(event, Prepared):
            self._line(f"painting with {event.network}: {event.steps} steps")
        elif isinstance(event, Step):
            self.progress.update(self.task, completed=event.step, total=event.steps)
        elif isinstance(event, SectionStarted):
            text = f"section {event.number} of {event.sections}: {SECTIONS[event.name].lower()}"
            self._line(text)
            self.progress.update(self.task, completed=event.number - 1, total=event.sections)

    def _line(self, text: str) -> None:
        self.say(text)
        if not self.quiet and self.progress.disable:
            print(text, file=sys.stderr, flush=True)
