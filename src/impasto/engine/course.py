"""The course of a run: what its stages share, and what others do to it on the way."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from impasto.engine.control import Control
from impasto.engine.job import Job
from impasto.engine.pilot import style_only_distances
from impasto.engine.pixel_objective import PixelObjective
from impasto.engine.retiling import Retiling, Tiles
from impasto.engine.schedule import Stage
from impasto.engine.state import Boundary, Keep, RunState, StageState
from impasto.engine.strength import Steering, pace
from impasto.events import Estimated, Event, Warned
from impasto.timeline import Kind, TimelineEntry
from impasto.trace import Trace


@dataclass
class Course:
    """Everything that changes in a run and outlives a stage, but for image and optimizer."""

    job: Job
    control: Control
    keep: Keep | None = None
    trace: Trace = field(default_factory=Trace)
    weights: dict[str, float] = field(default_factory=dict)
    """Those changed from outside, as they were given."""
    content_factor: float | None = None
    """The balance, once it is measured."""
    steering: Steering | None = None
    """The loop that holds a strength, once the pilot has run."""
    retries: int = 0
    """Roll-backs so far."""
    complaints: list[str] = field(default_factory=list)
    """What could not be obeyed, until the run has said so."""
    tiles: Tiles = field(default_factory=Tiles)
    """Smaller ones than the job's, where memory ran out."""
    began: float = field(default_factory=lambda: time.monotonic())
    seconds_before: float = 0.0
    """Of the processes before this one."""

    @property
    def step(self) -> int:
        """Steps done; also the phase of the next one."""
        return len(self.trace.rows)

    @property
    def pace(self) -> float:
        """Factor on the optimizer's steps: shorter ones where a strength leaves less way to go."""
        if self.job.strength is None or self.steering is None:
            return 1.0
        return pace(self.steering.aimed(self.job.strength))

    def seconds(self) -> float:
        """Of this process and those before it."""
        return self.seconds_before + time.monotonic() - self.began

    def stop_reason(self) -> str | None:
        """Why the run should end now, if it should."""
        limit = self.job.time_limit
        if limit is not None and time.monotonic() - self.began >= limit:
            return f"the time limit of {limit:g} s was reached"
        return self.control.stopped

    def note(
        self, kind: Kind, text: str = "", *, term: str = "", value: float | None = None
    ) -> None:
        """Write into the timeline what was done here."""
        entry = TimelineEntry(self.step, kind, term, value, text, self.retries)
        self.trace.timeline.append(entry)

    def obey(self) -> bool:
        """Do what the control asks for between two steps; tell whether weights have changed."""
        self.control.arrive(self.step, self.retries)
        if self.control.paused:
            self.note(Kind.PAUSED)
            self.control.wait()
            self.note(Kind.RESUMED)
        aimed, changes = self._aim(self.control.take_strength()), self.control.take_weights()
        for term, weight in changes.items():
            self.note(Kind.WEIGHT, term=term, value=weight)
        self.weights |= changes
        return aimed or bool(changes)

    def _aim(self, strength: float | None) -> bool:
        if strength is None:
            return False
        if self.job.strength is None or self.steering is None:
            self.complaints.append(
                "this run holds weights, not a strength: change the weight of content"
            )
            return True
        self.steering = self.steering.aiming(self.job.strength, strength)
        self.weights.pop("content", None)
        self.note(Kind.STRENGTH, value=strength)
        return True

    def objective(self, stage: Stage) -> PixelObjective:
        """Make the objective of a stage, in smaller tiles if memory runs out."""
        job = self.job

        def make(side: int | None) -> PixelObjective:
            if side is None or job.tiled is None:
                return job.objective(stage)
            return job.tiled(stage, side)

        if job.tiled is None:
            return Retiling.of(make(None), self.tiles)
        return Retiling.of(self.tiles.trying(max(stage.height, stage.width), make), self.tiles)

    def tell_tiles(self) -> Iterator[Event]:
        """Say and note that memory ran out, if it did."""
        for side in self.tiles.told():
            self.note(Kind.TILED, value=float(side))
            yield Warned(f"not enough memory: going on in tiles of {side} px, which is slower")

    def estimate(self) -> Iterator[Event]:
        """Find out, for a run with a strength, how far from the content the style alone leads."""
        aim = self.job.strength
        if aim is None or self.steering is not None:
            return
        if aim.distances:
            self.steering = Steering(aim.distances, aim.first_weight)
            return
        for event in style_only_distances(self.job, self.objective):
            yield event
            if isinstance(event, Estimated):
                self.steering = Steering(event.distances, aim.first_weight)
            if self.control.stopped is not None:
                return

    def show(self, stage: Callable[[], StageState], *, ends: bool) -> Iterator[Event]:
        """Show where the run stands to whoever keeps it."""
        if self.keep is not None:
            yield from self.keep(Boundary(self.step, ends, lambda: self.state(stage())))

    def state(self, stage: StageState) -> RunState:
        """Return everything that the rest of the run depends on."""
        return RunState(
            stage=stage,
            weights=dict(self.weights),
            content_factor=self.content_factor,
            steering=self.steering,
            retries=self.retries,
            rows=tuple(self.trace.rows),
            timeline=tuple(self.trace.timeline),
            seconds=self.seconds(),
            pending=self.control.pending,
        )

    def restore(self, state: RunState) -> None:
        """Put everything where it was."""
        self.trace = Trace(list(state.rows), list(state.timeline))
        self.weights, self.content_factor = dict(state.weights), state.content_factor
        self.steering = state.steering
        tiled = [entry.value for entry in state.timeline if entry.kind is Kind.TILED]
        self.tiles = Tiles(int(tiled[-1] or 0) if tiled else None)
        self.retries, self.seconds_before = state.retries, state.seconds
        self.control.follow(state.pending)
