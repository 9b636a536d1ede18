"""A recording of a run: images on the way, one step kept whole, and every loss."""

from dataclasses import dataclass, field
from math import isclose

import torch
from torch import Tensor

from impasto.engine.job import Job
from impasto.engine.objective import Objective
from impasto.events import Balanced, Event, Finished, StageFinished, StageStarted, Status, Step
from impasto.images.resize import resize
from impasto.trace import Trace, TraceRow

SAME = 1e-5
"""Two weights nearer than this are one, and rounding is between them."""


@dataclass(frozen=True, eq=False)
class Frame:
    """The image after so many steps."""

    step: int
    """0 is the start."""
    image: Tensor
    """(1, 3, H, W) at the size of its stage, sRGB in [0, 1], on the CPU."""


@dataclass(frozen=True, eq=False)
class KeptStep:
    """One step of the optimizer: from which image to which."""

    step: int
    before: Tensor
    """(1, 3, H, W), exactly what the optimizer was given."""
    after: Tensor


@dataclass(frozen=True, eq=False)
class Recording:
    """What is left of a run when it is over."""

    frames: tuple[Frame, ...]
    """The start, some on the way, the end."""
    kept: KeptStep
    trace: Trace
    status: Status
    reason: str
    content_factor: float | None
    """The balance, where the recipe asks for one."""

    @property
    def last(self) -> Frame:
        """The end of the run."""
        return self.frames[-1]

    def nearest(self, step: int) -> Frame:
        """Return the frame nearest to a step, among those of the last size."""
        size = self.last.image.shape
        same = [frame for frame in self.frames if frame.image.shape == size]
        return min(same, key=lambda frame: abs(frame.step - step))


def moments(steps: int, count: int) -> tuple[int, ...]:
    """Choose steps to keep: 0, the last, and more at the beginning, where most happens."""
    chosen = {round(steps * (index / (count - 1)) ** 2) for index in range(count)}
    return tuple(sorted(chosen | {0, steps}))


def followed_step(job: Job) -> int:
    """Choose the step to look at closely: a tenth into the last stage."""
    before = sum(stage.steps for stage in job.stages[:-1])
    return before + max(1, job.stages[-1].steps // 10)


@dataclass
class Recorder:
    """Sees the events of a run and keeps what a lesson needs."""

    job: Job
    count: int = 24
    """Frames to keep."""
    _frames: dict[int, Frame] = field(default_factory=dict)
    _image: Tensor | None = None
    _kept: KeptStep | None = None
    _factor: float | None = None
    _recording: Recording | None = None

    def __post_init__(self) -> None:
        self._moments = frozenset(moments(self.job.steps, self.count))
        self._follow = followed_step(self.job)

    def see(self, event: Event) -> None:
        """Look at one event."""
        if isinstance(event, StageStarted):
            self._begin(event)
        elif isinstance(event, Balanced):
            self._factor = event.content_factor
        elif isinstance(event, Step):
            self._step(event)
        elif isinstance(event, StageFinished):
            self._image = event.image.clone()
        elif isinstance(event, Finished):
            self._finish(event)

    @property
    def complete(self) -> bool:
        """Whether the run is over, and took one step at least."""
        return self._recording is not None

    def recording(self) -> Recording:
        """Return what was kept; the run must be over, after one step at least."""
        assert self._recording is not None
        return self._recording

    def _begin(self, event: StageStarted) -> None:
        if self._image is None:
            self._image = self.job.start(self.job.stages[0])
            self._keep_frame(0, self._image)
        else:
            self._image = resize(self._image, event.height, event.width)

    def _step(self, event: Step) -> None:
        image = event.image.clone()
        assert self._image is not None
        if self._kept is None or event.step <= self._follow:
            self._kept = KeptStep(event.step, self._image, image)
        if event.step in self._moments:
            self._keep_frame(event.step, image)
        self._image = image

    def _keep_frame(self, step: int, image: Tensor) -> None:
        self._frames[step] = Frame(step, image.detach().clamp(0, 1).cpu())

    def _finish(self, event: Finished) -> None:
        if self._kept is None:
            return
        self._keep_frame(len(event.trace.rows), event.image)
        self._recording = Recording(
            frames=tuple(self._frames.values()),
            kept=self._kept,
            trace=event.trace,
            status=event.status,
            reason=event.reason,
            content_factor=self._factor,
        )


def objective_at(job: Job, row: TraceRow) -> Objective:
    """Make the objective of a step: of its stage, with the weights that the run had there.

    A balance, a strength or a person may have changed them: they are read off the step's losses.
    """
    objective = job.objective(job.stages[row.stage - 1])
    assert isinstance(objective, Objective)  # lessons run whole: they look into the network
    weights = objective.weights()
    for target in objective.targets:
        name = target.term.name
        distances = {
            layer: torch.tensor(row.losses[f"{name}.{layer}"], dtype=torch.float64)
            for layer in target.term.layers
        }
        alone = float(target.term.combined(distances))
        had = row.losses[name] / alone if alone > 0 and row.losses[name] > 0 else weights[name]
        if not isclose(had, weights[name], rel_tol=SAME):
            weights[name] = had
    return objective.reweighted(weights)
