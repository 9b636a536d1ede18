"""The pilot: a short run by the style alone, to tell how far that leads from the content."""

from collections.abc import Callable, Iterator, Sequence
from math import log2

from torch import Tensor

from impasto.engine.job import Job
from impasto.engine.optimizers.optimizer import Evaluate
from impasto.engine.pixel_objective import PixelObjective
from impasto.engine.schedule import Stage
from impasto.events import Estimated, Estimating

EARLY, LAST = 0.34, 0.24
"""Shares of a stage's steps that the pilot takes: before the last stage, and in it."""
FEWER = 0.55
"""Share of these steps that L-BFGS takes, whose run with a strength costs more in other ways."""
GROWTH, GROWTH_LARGE, GROWTH_PATIENT = 1.06, 1.11, 1.14
"""A whole run by the style alone is taken to end so much farther from the content than the pilot:
up to 256 px, from 512 px on, and with L-BFGS. With Adam the mean over ten pairs is 1.06, but from
512 px on some go on far longer, and 1.11 divides the largest misses evenly between both sides."""


def style_only_distances(
    job: Job, objective_of: Callable[[Stage], PixelObjective] | None = None
) -> Iterator[Estimating | Estimated]:
    """Estimate, stage by stage, how far from the content the style alone leads.

    Iterates are not averaged: an average would still hold the content that a short run began with.

    Args:
        job: of the run.
        objective_of: makes the objective of a stage, if not as the job does.

    Yields:
        `Estimating` for every step of the pilot, then `Estimated` with the distances.
    """
    image, optimizer = job.start(job.stages[0]), job.optimizer.slower(1.0)
    patient, done = optimizer.settling > 1, 0
    planned = pilot_steps(job.stages, patient=patient)
    growth = growth_of(job.stages[-1], patient=patient)
    distances: list[float] = []
    for stage, steps in zip(job.stages, planned, strict=True):
        if not job.shards.fits(image, stage.height, stage.width):
            image = job.shards.resized(image, stage.height, stage.width, job.storage)
            optimizer = optimizer.resized(stage.height, stage.width)
        objective = (objective_of or job.objective)(stage)
        alone = objective.reweighted({"content": 0.0})
        for phase in range(done, done + steps):
            image = optimizer.step(image, _at_phase(alone, phase)).image
            yield Estimating(phase + 1, sum(planned))
        done += steps
        distances.append(growth * content_distance(objective, image))
    yield Estimated(tuple(distances))


def pilot_steps(stages: Sequence[Stage], *, patient: bool = False) -> list[int]:
    """Return the pilot's steps in each stage: together about a quarter of the run's time.

    Args:
        stages: of the run.
        patient: the optimizer must not be steered at every step; such ones come farther in a step.
    """
    part = FEWER if patient else 1.0
    shares = [part * EARLY] * (len(stages) - 1) + [part * LAST]
    return [
        min(stage.steps, max(1, round(share * stage.steps)))
        for share, stage in zip(shares, stages, strict=True)
    ]


def growth_of(last: Stage, *, patient: bool = False) -> float:
    """Return how much farther than the pilot a run goes that ends with a stage."""
    if patient:
        return GROWTH_PATIENT
    share = min(1.0, max(0.0, log2(max(last.height, last.width) / 256)))
    return GROWTH + share * (GROWTH_LARGE - GROWTH)


def content_distance(
    objective: PixelObjective, image: Tensor, phases: Sequence[int] | None = None
) -> float:
    """Return the content loss of (1, 3, H, W) without its weight: the mean over some phases.

    Args:
        objective: with a term named `content`.
        image: sRGB in [0, 1].
        phases: of the framing; the first two where not given.
    """
    alone = objective.only("content").reweighted({"content": 1.0})
    phases = range(min(2, objective.framing.shifts)) if phases is None else phases
    found = [float(alone.measure(image, phase).terms["content"]) for phase in phases]
    return sum(found) / len(found)


def _at_phase(objective: PixelObjective, phase: int) -> Evaluate:
    return lambda image: objective.value_and_gradient(image, phase)
