"""The state of a run between two steps: everything that the next step depends on, typed.

What a run takes from its job (stages, objectives, settings) is not here: the same job with this
state goes on as if it had never been interrupted. No step draws random numbers; the phase of the
pooling grid is the number of steps done.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor

from impasto.engine.strength import Steering
from impasto.events import Event
from impasto.timeline import Timeline
from impasto.trace import TraceRow

State = Mapping[str, Tensor]
"""Named tensors, numbers among them as 0-dimensional ones; nobody may write into them."""


@dataclass(frozen=True)
class AverageState:
    """An average of iterates under way."""

    count: int
    total: Tensor | None


@dataclass(frozen=True)
class GuardState:
    """What a guard has seen of its stage."""

    reference: float
    seen: int


@dataclass(frozen=True)
class StageState:
    """The stage under way."""

    index: int
    """From 1."""
    tries: int
    """Steps begun in the stage, those rolled back among them."""
    converged: bool
    image: Tensor
    """(1, 3, H, W), where the next step begins."""
    good: Tensor
    """The last image whose losses are known to be good."""
    image_is_start: bool
    """The image is still that of the stage's start, which enters no average."""
    good_is_start: bool
    average: AverageState
    guard: GuardState
    optimizer: State


@dataclass(frozen=True)
class RunState:
    """A run between two steps.

    Tensors belong to the run, which goes on writing into some of them: save or clone them at once.
    """

    stage: StageState
    weights: Mapping[str, float]
    """Those changed from outside, as they were given."""
    content_factor: float | None
    """The balance, once it is measured."""
    steering: Steering | None
    """The loop that holds a strength, once the pilot has run."""
    retries: int
    """Roll-backs so far, in all stages."""
    rows: tuple[TraceRow, ...]
    timeline: Timeline
    seconds: float
    """Since the run began, in all its processes."""
    pending: Timeline
    """What is still to be done again of a timeline that the run replays."""

    @property
    def step(self) -> int:
        """Steps done; also the phase of the next one."""
        return len(self.rows)


@dataclass(frozen=True)
class Boundary:
    """A place between two steps."""

    step: int
    ends: bool
    """The stage or the run ends here."""
    state: Callable[[], RunState]
    """Makes the state; works until the run goes on."""

    def due(self, every: int) -> bool:
        """Tell whether a state is to be kept here, if one is every so many steps."""
        return self.ends or self.step % every == 0


Keep = Callable[[Boundary], Iterable[Event]]
"""Is shown every boundary, keeps what it likes, and says what it did."""
