"""The terminal display: a live view of the run on stderr, and the last line on stdout.

Where stderr is no terminal, one plain line tells of each finished stage.
"""

import shlex
import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from impasto.cli import fetching
from impasto.cli.listeners import Listener, Outcome, Plan
from impasto.cli.progress import Progress
from impasto.events import (
    Balanced,
    Estimating,
    Event,
    Fetching,
    Planned,
    Prepared,
    Resumed,
    StageFinished,
    StageStarted,
    Status,
    Step,
    Warned,
)

_INDENT = "  "


def listener(title: str, recipe: str, stopping: Callable[[], bool]) -> Listener:
    """Make the listener that suits stderr.

    Args:
        title: the pictures that go in.
        recipe: the recipe's name.
        stopping: tells whether the user has asked to stop.
    """
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    kind = LiveDisplay if console.is_terminal and not console.is_dumb_terminal else PlainDisplay
    return kind(console, title, recipe, stopping)


class PlainDisplay(Listener):
    """Prints what has happened, line by line."""

    def __init__(
        self, console: Console, title: str, recipe: str, stopping: Callable[[], bool]
    ) -> None:
        self.console, self.title, self.recipe, self.stopping = console, title, recipe, stopping
        self.progress: Progress | None = None
        self.threads = 0
        self._stage_began = 0.0
        self.fetching: Fetching | None = None

    def planned(self, plan: Plan) -> None:
        """Take the plan for estimates."""
        self.progress, self.threads = Progress(plan), plan.threads

    def event(self, event: Event) -> None:
        """Print what is worth a line."""
        if isinstance(event, Prepared):
            self._print_head(event)
        elif isinstance(event, Fetching):
            if self.fetching is None or self.fetching.address != event.address:
                self._print(fetching.line(event))
            self.fetching = event
        elif isinstance(event, Planned):
            if not event.execution.is_plain:
                self._print(f"computed {event.execution} of memory", "dim")
        elif isinstance(event, Warned):
            self._print(f"warning: {event.message}", "yellow")
        elif isinstance(event, Resumed):
            self._print_resumed(event)
        elif isinstance(event, Estimating):
            if event.step == 1:
                steps = f"{event.steps} steps by the style alone, to find the strength"
                self._print(_INDENT + steps, "dim")
        elif isinstance(event, Balanced):
            factor = number(event.content_factor)
            self._print(f"{_INDENT}balanced: content weight times {factor}", "dim")
        elif self.progress is not None:
            self._follow(event, self.progress)

    def finished(self, outcome: Outcome) -> None:
        """Print where the picture is."""
        print(last_line(outcome), file=sys.stdout, flush=True)

    def _follow(self, event: Event, progress: Progress) -> None:
        if isinstance(event, StageStarted):
            progress.stage_started(event)
            self._stage_began = time.monotonic()
        elif isinstance(event, Step):
            progress.step(event)
        elif isinstance(event, StageFinished):
            seconds = time.monotonic() - self._stage_began
            self._print(_INDENT + stage_line(progress, seconds))

    def _print_head(self, event: Prepared) -> None:
        threads = f", {counted(self.threads, 'thread')}" if event.device == "cpu" else ""
        work = f"{counted(event.steps, 'step')} in {counted(len(event.stages), 'stage')}"
        self._print(f"{self.title}: recipe {self.recipe}, {work}", "bold")
        if event.steps:
            self._print(f"{event.network} on {event.device} in {event.precision}{threads}", "dim")

    def _print_resumed(self, event: Resumed) -> None:
        if self.progress is not None:
            self.progress.resumed(event)
        place = (
            f"after step {event.step}" if event.step else "from the start: there is no state yet"
        )
        self._print(f"{_INDENT}going on {place}", "dim")

    def _print(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style), soft_wrap=True)


class LiveDisplay(PlainDisplay):
    """The plain lines scroll by; beneath them the stage under way is seen working."""

    def __init__(
        self, console: Console, title: str, recipe: str, stopping: Callable[[], bool]
    ) -> None:
        super().__init__(console, title, recipe, stopping)
        self._began = time.monotonic()
        self._spinner = Spinner("line", "reading the pictures and the network", style="dim")
        self._live = Live(
            console=console, get_renderable=self._view, refresh_per_second=8, transient=True
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def _view(self) -> RenderableType:
        progress = self.progress
        if progress is None or progress.started is None:
            return self._spinner if self.fetching is None else _fetched(self.fetching)
        return Group(
            _ends(self._place(progress.started), self._time(progress)),
            _ends(_bar(progress.fraction), self._count(progress)),
            self._note(progress),
        )

    def _place(self, stage: StageStarted) -> Text:
        text = Text(_INDENT + f"stage {stage.stage} of {stage.stages}", "bold")
        return text.append(f"   {stage.width} x {stage.height} px", "not bold")

    def _time(self, progress: Progress) -> Text:
        left = progress.seconds_left
        text = Text(clock(time.monotonic() - self._began))
        return text if left is None else text.append(f", about {clock(left)} left")

    def _count(self, progress: Progress) -> Text:
        if progress.latest is None:
            return Text("step 0")
        return Text(f"step {progress.latest.step}/{progress.latest.steps}")

    def _note(self, progress: Progress) -> Text:
        if self.stopping():
            note = "stopping after this step; press Ctrl-C again to abort without saving"
            return Text(_INDENT + note, "yellow")
        latest = progress.latest
        return Text("" if latest is None else _INDENT + equation(latest.losses), "dim")


def _fetched(event: Fetching) -> RenderableType:
    """Show how far a download is; when all is here, it still has to be verified and converted."""
    size = event.size or max(1, event.received)
    text = f"{event.received / 1e6:.0f} of {size / 1e6:.0f} MB"
    if event.received == event.size:
        return Text(f"{_INDENT}{event.name}: {text}; verifying")
    return _ends(_bar(event.received / size), Text(text))


def _ends(left: RenderableType, right: RenderableType) -> Table:
    """Put one thing at the left edge and another at the right."""
    table = Table.grid(expand=True, padding=(0, 1))
    table.add_column(ratio=1)
    table.add_column(justify="right", no_wrap=True)
    table.add_row(left, right)
    return table


def _bar(fraction: float) -> Table:
    table = Table.grid(padding=0, expand=True)
    table.add_column(width=len(_INDENT))
    table.add_column(ratio=1)
    table.add_row("", ProgressBar(total=1.0, completed=fraction))
    return table


# --- words -----------------------------------------------------------------------------------


def terms(losses: Mapping[str, float]) -> dict[str, float]:
    """Pick the terms, which have no dot in their names, unlike layers; without the total."""
    return {name: value for name, value in losses.items() if "." not in name and name != "total"}


def equation(losses: Mapping[str, float]) -> str:
    """Write the loss as the sum of its terms."""
    parts = [f"{name.replace('_', ' ')} {number(v)}" for name, v in terms(losses).items()]
    return f"loss {number(losses['total'])} = " + " + ".join(parts)


def stage_line(progress: Progress, seconds: float) -> str:
    """Tell of a finished stage."""
    stage, latest = progress.started, progress.latest
    if stage is None:
        return ""
    size = f"{stage.width} x {stage.height} px"
    steps = counted(progress.steps_in_stage, "step")
    line = f"{stage.stage}/{stage.stages}  {size:>14}  {steps:>9}  {seconds:6.1f} s"
    if latest is None or not progress.steps_in_stage:
        return line
    losses = "  ".join(
        f"{name.replace('_', ' ')} {number(v)}" for name, v in terms(latest.losses).items()
    )
    return f"{line}   {losses}"


def last_line(outcome: Outcome) -> str:
    """Say where the picture is, how large, and how long it took; then why, if it ended early."""
    early = outcome.status is not Status.COMPLETED
    steps = (
        f"{outcome.steps} of {outcome.planned} steps" if early else counted(outcome.steps, "step")
    )
    size = f"{outcome.width} x {outcome.height} px"
    line = f"saved {outcome.output} ({size}, {steps}, {outcome.seconds:.1f} s)"
    if not early:
        return line
    line = f"{line}\n{outcome.status}: {outcome.reason}"
    if outcome.status is Status.STOPPED and outcome.checkpoint is not None:
        return f"{line}\nto go on: impasto resume {shlex.quote(str(outcome.checkpoint))}"
    return line


def counted(number: int, word: str) -> str:
    """Write 1 step, 2 steps."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def number(value: float) -> str:
    """Write a loss with four digits that count."""
    return f"{value:.4g}" if not 0.001 <= abs(value) < 1 else f"{value:.4f}"


def clock(seconds: float) -> str:
    """Write 75 as 1:15 and 3700 as 1:01:40."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
