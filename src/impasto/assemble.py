"""From a recipe and pictures to the objects that the engine runs."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from os import PathLike

import torch
from torch import Tensor

from impasto import events
from impasto.aims import aimed, for_estimate, for_targets
from impasto.building import build_extractor, build_framing, build_objective, build_optimizer
from impasto.engine import devices
from impasto.engine.objective import Objective
from impasto.engine.pixel_objective import PixelObjective
from impasto.engine.ranks.job import shared_job
from impasto.engine.ranks.layout import Layout
from impasto.engine.ranks.ranks import Ranks
from impasto.engine.run import Job
from impasto.engine.schedule import Stage, stages
from impasto.errors import InputError, ShapeError
from impasto.features.extractor import Extractor
from impasto.guided import check_guides
from impasto.guides.guides import Guides
from impasto.images import coloring
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size
from impasto.numerics.storage import MEMORY, Storage
from impasto.recipe import Recipe
from impasto.shared import Shared
from impasto.stage_pictures import StagePictures


@dataclass(frozen=True)
class Prepared:
    """A job ready to run, and the recipe with everything decided that was left open."""

    job: Job
    recipe: Recipe
    device: torch.device
    estimate: Hashable
    """Under which the estimate of a strength is shared with other runs."""

    @property
    def stages(self) -> tuple[events.PlannedStage, ...]:
        """The stages of the job, as events and checkpoints tell of them."""
        return tuple(events.PlannedStage(s.height, s.width, s.steps) for s in self.job.stages)

    def announced(self) -> events.Prepared:
        """Make the event that tells of a job ready to run."""
        return events.Prepared(
            network=self.recipe.network.name,
            device=str(self.device),
            precision=self.recipe.network.precision,
            stages=self.stages,
            margin=self.recipe.objective.margin,
        )


def prepare(
    recipe: Recipe,
    content: Picture,
    styles: Sequence[Picture],
    *,
    weights: str | PathLike[str] | None = None,
    start: Picture | None = None,
    device: str = "auto",
    time_limit: float | None = None,
    shared: Shared | None = None,
    guides: Guides | None = None,
    storage: Storage = MEMORY,
    tile: int | None = None,
    ranks: Ranks | None = None,
    shows: Callable[[int], bool] | None = None,
) -> Prepared:
    """Make the job of a recipe.

    Args:
        recipe: what to do.
        content: the content picture.
        styles: one or more style pictures.
        weights: a weights file for the recipe's network, if it is not embedded.
        start: the picture to start from, for `start = "picture"`.
        device: auto, cpu, cuda, mps.
        time_limit: seconds for the run.
        shared: what other runs on the same pictures have made.
        guides: what is protected, and where which style goes.
        storage: where images lie that are as large as the result.
        tile: side in pixels of the tiles that pictures are computed in, where they are larger; the
            result is the same to rounding. None computes them whole.
        ranks: processes that share the run, which is in tiles then.
        shows: tells of which steps ranks are to gather the image; of none, if it is None.

    Raises:
        InputError: settings, weights, device and pictures do not fit together.
    """
    shared = shared or Shared()
    if not styles:
        raise InputError("give at least one style picture")
    recipe.style.check_styles(len(styles))
    where = devices.choose_device(device)
    if recipe.color.only_recolors:
        return _recolored(recipe, content, styles, where)
    if start is not None:
        start, _ = coloring.before(recipe.color, start, ())
    content, styles = coloring.before(recipe.color, content, styles, storage)
    extractor, recipe = _loaded(recipe, weights, where, shared)
    smallest = _smallest(recipe, extractor)
    plan = stages(recipe.schedule, content.height, content.width, smallest)
    _check_size(plan[-1], recipe.objective.margin, smallest)
    pictures = StagePictures(recipe, content, styles, start, where, smallest, storage)
    guides = guides or Guides()
    if not guides.is_idle:
        check_guides(recipe, extractor, guides, plan[-1], pictures.styles_at(plan[-1]))
    estimate = (plan, repr(for_estimate(recipe)))
    working, strength = aimed(recipe, shared.estimate(estimate))
    objective = _objectives(working, extractor, pictures, guides, tile, ranks, shared)
    still = recipe.content.hold == "strength" and recipe.content.strength == 0
    job = Job(
        stages=(replace(plan[-1], steps=0),) if still else plan,
        objective=objective,
        start=pictures.content_at if still else pictures.start_at,
        strength=strength,
        optimizer=build_optimizer(recipe.optimizer, storage),
        storage=storage,
        tiled=objective,
        average=recipe.optimizer.chosen.average,
        balanced=recipe.objective.balance == "equal",
        time_limit=time_limit,
    )
    if ranks is not None and tile is not None:
        framing = build_framing(recipe)
        layout = Layout(extractor.architecture, recipe.layers, framing, tile, ranks.world)
        job = shared_job(job, ranks, layout, shows)
    return Prepared(job, recipe, where, estimate)


def _objectives(
    recipe: Recipe,
    extractor: Extractor,
    pictures: StagePictures,
    guides: Guides,
    tile: int | None,
    ranks: Ranks | None,
    shared: Shared,
) -> Callable[..., PixelObjective]:
    """Return what makes the objective of a stage, in tiles of a side if one is given or planned.

    Its targets are measured once for all runs that look for the same.
    """
    seen = repr(for_targets(recipe))

    def objective(stage: Stage, side: int | None = None) -> PixelObjective:
        side = side or tile
        found = shared.once(
            (seen, stage.height, stage.width, side),
            lambda: build_objective(
                recipe,
                extractor,
                pictures.content_at(stage),
                pictures.styles_at(stage),
                guides,
                side,
                pictures.storage,
                ranks,
            ),
        )
        content = {"content": recipe.content.weight} if "content" in found.weights() else {}
        return found.reweighted(content)

    return objective


def settled(
    recipe: Recipe,
    weights: str | PathLike[str] | None = None,
    device: str = "auto",
    shared: Shared | None = None,
) -> Recipe:
    """Load a recipe's network and return the recipe with its hash and a precision, as `prepare`."""
    where = devices.choose_device(device)
    if recipe.color.only_recolors:
        return recipe
    return _loaded(recipe, weights, where, shared or Shared())[1]


def _loaded(
    recipe: Recipe, weights: str | PathLike[str] | None, device: torch.device, shared: Shared
) -> tuple[Extractor, Recipe]:
    key = ("network", recipe.network, recipe.layers, recipe.optimizer.name, weights, device)
    extractor, filled = shared.lasting.once(key, lambda: build_extractor(recipe, weights, device))
    return extractor, replace(recipe, network=filled.network)


def _smallest(recipe: Recipe, extractor: Extractor) -> int:
    """The smallest side in pixels of a picture that has all of the recipe's layers."""
    return max(extractor.smallest_side(layer) for layer in recipe.layers)


def _check_size(last: Stage, margin: int, smallest: int) -> None:
    """Refuse a result too small for the recipe's layers before anything is computed."""
    short = min(last.height, last.width)
    if short + 2 * min(margin, short - 1) < smallest:
        raise ShapeError(
            f"a result with a short side of at least {smallest} px for the recipe's layers",
            (last.height, last.width),
            "choose a larger --size or shallower layers",
        )


def _recolored(
    recipe: Recipe, content: Picture, styles: Sequence[Picture], device: torch.device
) -> Prepared:
    """Make the job that changes colors alone: the start is the result, after no steps."""
    height, width = scaled_size(content.height, content.width, recipe.schedule.size)

    def start(stage: Stage) -> Tensor:
        image = resize(content.batch, stage.height, stage.width)
        return coloring.palette(recipe.color, image, styles, recipe.style.mix).to(device)

    job = Job(
        stages=(Stage(1, height, width, 0),),
        objective=lambda _: Objective(_nothing, ()),
        start=start,
        optimizer=build_optimizer(recipe.optimizer),
    )
    return Prepared(job, recipe, device, estimate="none")


def _nothing(image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
    """Extract what an objective without terms asks for."""
    return {}
