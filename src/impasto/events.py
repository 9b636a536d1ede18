"""What the engine says while it works: frozen values, in the order in which things happen.

The engine is a generator of these. A terminal, a page, a trace file or a cluster listens; nobody
else prints. Images in events are the engine's own tensors: look at once, or clone to keep.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from impasto.execution import ExecutionPlan
from impasto.timeline import Timeline
from impasto.trace import Trace

if TYPE_CHECKING:
    from torch import Tensor


class Status(StrEnum):
    """How a run ended; in each case there is an image."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    """Interrupted, or out of time."""
    DIVERGED = "diverged"
    """The loss kept exploding or became non-finite; the image is the last good one."""


@dataclass(frozen=True)
class Fetching:
    """A network that is not on this machine yet is being fetched; comes before `Prepared`."""

    name: str
    address: str
    received: int
    """Bytes so far."""
    size: int | None
    """Bytes in all; None where the server does not tell."""


@dataclass(frozen=True)
class PlannedStage:
    """A stage to come."""

    height: int
    width: int
    steps: int


@dataclass(frozen=True)
class Planned:
    """How the run will be computed, and what it is estimated to take; comes before `Prepared`."""

    execution: ExecutionPlan


@dataclass(frozen=True)
class Prepared:
    """Pictures are read and the network is loaded; the run is about to begin."""

    network: str
    device: str
    precision: str
    stages: tuple[PlannedStage, ...]
    margin: int
    """Pixels around the image that are measured as well."""

    @property
    def steps(self) -> int:
        """Of all stages together."""
        return sum(stage.steps for stage in self.stages)


@dataclass(frozen=True)
class Resumed:
    """The run goes on from a checkpoint, with the stage under way."""

    step: int
    """The step after which it was written; 0 where the run begins anew."""
    seconds: float
    """Since the run began, in the processes before this one."""
    path: str
    """The folder of checkpoints."""


@dataclass(frozen=True)
class Checkpointed:
    """A checkpoint is on the disk: the run could go on from here."""

    step: int
    path: str


@dataclass(frozen=True)
class Estimating:
    """A step of the pilot run is done, which tells how far the style alone leads."""

    step: int
    steps: int
    """Of the pilot."""


@dataclass(frozen=True)
class Estimated:
    """How far from the content the style alone would lead: a strength is a share of that."""

    distances: tuple[float, ...]
    """Content loss without its weight, at the end of each stage."""


@dataclass(frozen=True)
class StageStarted:
    """A stage, one size of the schedule, begins."""

    stage: int
    stages: int
    height: int
    width: int
    steps: int


@dataclass(frozen=True)
class Balanced:
    """The content weight was multiplied so that content and style pull equally hard."""

    content_factor: float


@dataclass(frozen=True)
class Step:
    """One optimizer step is done."""

    stage: int
    step: int
    """Counted through all stages, from 1."""
    steps: int
    """Of all stages together."""
    losses: Mapping[str, float]
    """Before the update; named as in `TraceRow.losses`."""
    seconds: float
    """Since the run began."""
    image: "Tensor"
    """(1, 3, H, W) after the update, sRGB; [0, 1] but for L-BFGS, which may stray until the end."""


@dataclass(frozen=True)
class StageFinished:
    """A stage has ended; its image is what the next one starts from."""

    stage: int
    image: "Tensor"


@dataclass(frozen=True)
class Warned:
    """Something the user should know, that does not end the run."""

    message: str


@dataclass(frozen=True)
class Finished:
    """The run has ended, one way or another."""

    status: Status
    reason: str
    image: "Tensor"
    """(1, 3, H, W), sRGB in [0, 1]."""
    trace: Trace
    timeline: Timeline
    """What was done to the run from outside or by its guards."""


Event = (
    Fetching
    | Planned
    | Prepared
    | Resumed
    | Estimating
    | Estimated
    | StageStarted
    | Balanced
    | Step
    | Checkpointed
    | StageFinished
    | Warned
    | Finished
)
