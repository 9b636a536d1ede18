"""Who listens to a run: the contract, what is told at the end, and the one who says nothing."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from impasto.cli import exits
from impasto.events import Event, Fetching, Prepared, Status, Warned
from impasto.timeline import Timeline


@dataclass(frozen=True)
class Plan:
    """The work ahead, known when the pictures are read and the network is loaded."""

    prepared: Prepared
    time_limit: float | None
    threads: int

    @property
    def pixels(self) -> list[int]:
        """Pixels that are measured at each step of each stage, with the border around the image."""
        border = 2 * self.prepared.margin
        return [(s.height + border) * (s.width + border) for s in self.prepared.stages]


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    status: Status
    reason: str
    output: Path
    width: int
    height: int
    steps: int
    planned: int
    seconds: float
    """Of the whole command."""
    recipe: str
    trace: Path | None
    timeline: Timeline
    checkpoint: Path | None = None
    """The folder from which a run that was stopped can go on."""
    animation: Path | None = None


class Listener:
    """Hears of everything in order; entered before torch is loaded. This one says nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the display before anything else is printed."""

    def planned(self, plan: Plan) -> None:
        """The pictures are read and the network is loaded."""

    def event(self, event: Event) -> None:
        """Something happened in the run."""

    def finished(self, outcome: Outcome) -> None:
        """Everything is saved; called after the listener was left."""


class Silent(Listener):
    """`--quiet`: prints warnings alone, and that something large is fetched."""

    fetched = ""

    def event(self, event: Event) -> None:
        """Print a warning."""
        if isinstance(event, Warned):
            exits.say(f"warning: {event.message}")
        if isinstance(event, Fetching) and self.fetched != event.address:
            from impasto.cli.fetching import line

            self.fetched = event.address
            exits.say(line(event))
