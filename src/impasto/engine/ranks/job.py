"""From a job for one process to the same job for several."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from torch import Tensor

from impasto.engine.job import Job
from impasto.engine.optimizers.adam import Adam
from impasto.engine.optimizers.optimizer import Optimizer
from impasto.engine.pixel_objective import PixelObjective
from impasto.engine.ranks.layout import Layout
from impasto.engine.ranks.objective import RankedObjective
from impasto.engine.ranks.optimizer import BandOptimizer
from impasto.engine.ranks.ranks import Ranks
from impasto.engine.ranks.shards import Bands
from impasto.engine.schedule import Stage
from impasto.engine.tiled.objective import TiledObjective
from impasto.errors import RecipeError


def shared_job(
    job: Job, ranks: Ranks, layout: Layout, shows: Callable[[int], bool] | None = None
) -> Job:
    """Make the job of a rank.

    Args:
        job: with tiled objectives, whose targets were measured by `SharedGathering`.
        ranks: who shares it.
        layout: who computes what.
        shows: tells of which steps the image is wanted on rank 0; of none, if it is None.

    Raises:
        RecipeError: its optimizer cannot be shared.
    """
    bands = Bands(ranks, layout, job.time_limit, shows)

    def objective(stage: Stage) -> PixelObjective:
        size = (stage.height, stage.width)
        tiled = cast(TiledObjective, job.objective(stage))
        return RankedObjective(tiled, ranks, size, layout.bands(size))

    def start(stage: Stage) -> Tensor:
        return bands.own(job.start(stage))

    return replace(
        job,
        objective=objective,
        start=start,
        optimizer=shared_optimizer(job.optimizer, bands),
        shards=bands,
        tiled=None,  # one rank alone cannot go on in smaller tiles
        time_limit=None,  # rank 0's clock decides
    )


def shared_optimizer(optimizer: Optimizer, bands: Bands) -> Optimizer:
    """Make an optimizer of bands.

    Raises:
        RecipeError: it takes sums over the whole image.
    """
    if isinstance(optimizer, Adam):
        return BandOptimizer(Adam(optimizer.learning_rate), bands, optimizer.smoothing)
    raise RecipeError(
        "several processes share the optimizer adam alone: the others take sums over the whole "
        "image at every step; leave --optimizer out, or run in one process"
    )
