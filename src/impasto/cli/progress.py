"""How far a run is, and how long it will still take."""

from dataclasses import dataclass, field

from impasto.cli.listeners import Plan
from impasto.events import Resumed, StageStarted, Step

_MEMORY = 0.9
"""Share of the old in the running mean of seconds per pixel."""


@dataclass
class Progress:
    """Counts work in pixels times steps, as later stages are larger and slower.

    Learns as it goes how long a pixel takes; the first step of a stage, which warms up, is left
    out.
    """

    plan: Plan
    started: StageStarted | None = None
    latest: Step | None = None
    steps_in_stage: int = 0
    _before: int = 0
    _skipped: int = 0
    """Steps of the stage that an earlier process did."""
    _resumed: Resumed | None = None
    _seconds_per_pixel: float | None = None
    _work: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        stages = self.plan.prepared.stages
        self._work = [p * s.steps for p, s in zip(self.plan.pixels, stages, strict=True)]

    def resumed(self, event: Resumed) -> None:
        """Count the steps before as done."""
        self._resumed = event

    def stage_started(self, event: StageStarted) -> None:
        """Count the stages before as done, also those that converged early."""
        self.started, self.steps_in_stage = event, 0
        self._before = sum(self._work[: event.stage - 1])
        self._skipped = self._steps_skipped(event)

    def step(self, event: Step) -> None:
        """Count a step and learn from its time."""
        if self.latest is not None and self.steps_in_stage > 0:
            self._learn((event.seconds - self.latest.seconds) / self._pixels(event.stage))
        self.latest, self.steps_in_stage = event, self.steps_in_stage + 1

    @property
    def fraction(self) -> float:
        """The share of the work that is done, from 0 to 1."""
        return min(1.0, self._done / max(1, sum(self._work)))

    @property
    def seconds_left(self) -> float | None:
        """Seconds still to go; None as long as nobody can tell."""
        if self._seconds_per_pixel is None or self.latest is None:
            return None
        left = self._seconds_per_pixel * max(0, sum(self._work) - self._done)
        if self.plan.time_limit is not None:
            seconds = self.latest.seconds - (self._resumed.seconds if self._resumed else 0.0)
            left = min(left, max(0.0, self.plan.time_limit - seconds))
        return left

    @property
    def _done(self) -> int:
        if self.started is None:
            return 0
        steps = self._skipped + self.steps_in_stage
        return self._before + steps * self._pixels(self.started.stage)

    def _steps_skipped(self, event: StageStarted) -> int:
        """Only the first stage after going on has such steps; none converged early, let us say."""
        if self._resumed is None or self.latest is not None:
            return 0
        before = sum(stage.steps for stage in self.plan.prepared.stages[: event.stage - 1])
        return min(max(0, self._resumed.step - before), event.steps)

    def _pixels(self, stage: int) -> int:
        return self.plan.pixels[stage - 1]

    def _learn(self, rate: float) -> None:
        old = self._seconds_per_pixel
        self._seconds_per_pixel = rate if old is None else _MEMORY * old + (1 - _MEMORY) * rate
