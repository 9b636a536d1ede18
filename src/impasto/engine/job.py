"""The job: what a run needs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from impasto.engine.optimizers.optimizer import Optimizer
from impasto.engine.pixel_objective import PixelObjective
from impasto.engine.schedule import Stage
from impasto.engine.shards import WHOLE, Shards
from impasto.engine.strength import Strength
from impasto.numerics.storage import MEMORY, Storage


@dataclass(frozen=True)
class Job:
    """What a run needs; everything in it is made by somebody else."""

    stages: Sequence[Stage]
    objective: Callable[[Stage], PixelObjective]
    """Makes the objective of a stage: its pictures at that size, its targets."""
    start: Callable[[Stage], Tensor]
    """Makes the image that the first stage starts from, (1, 3, H, W), or the part that is held."""
    optimizer: Optimizer
    """Fresh: what it learns of one run does not suit another."""
    average: float = 0.0
    balanced: bool = False
    strength: Strength | None = None
    """What the content weight is steered towards; the objective has a content term then."""
    shards: Shards = WHOLE
    """How the image is divided."""
    storage: Storage = MEMORY
    """Where images lie that are as large as the result."""
    tiled: Callable[[Stage, int], PixelObjective] | None = None
    """Makes an objective in tiles of a side, for when memory runs out."""
    time_limit: float | None = None
    """Seconds of this process, whatever was done before it."""

    @property
    def steps(self) -> int:
        """Of all stages together."""
        return sum(stage.steps for stage in self.stages)
