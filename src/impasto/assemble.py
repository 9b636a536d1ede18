"""From a recipe and pictures to the objects that the engine runs."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from os import PathLike

import torch
from torch import Tensor

from impasto.aims import aimed, for_estimate, for_targets
from impasto.engine import devices
from impasto.engine.devices import Precision
from impasto.engine.draws import Draws
from impasto.engine.framing import Framing
from impasto.engine.objective import Objective
from impasto.engine.optimizers.adam import Adam
from impasto.engine.optimizers.gradient_descent import GradientDescent
from impasto.engine.optimizers.lbfgs import LBFGS
from impasto.engine.optimizers.optimizer import Optimizer
from impasto.engine.pixel_objective import PixelObjective
from impasto.engine.ranks.gathering import SharedGathering
from impasto.engine.ranks.job import shared_job
from impasto.engine.ranks.layout import Layout
from impasto.engine.ranks.ranks import Ranks
from impasto.engine.run import Job
from impasto.engine.schedule import Stage, stages
from impasto.engine.targets import (
    PIXELS,
    Measure,
    Target,
    content_target,
    free_target,
    measure_whole,
)
from impasto.engine.tiled.measure import TiledMeasure
from impasto.engine.tiled.objective import TiledObjective
from impasto.errors import InputError, ShapeError
from impasto.features import networks
from impasto.features.extractor import Extractor
from impasto.guided import StyleTargets, check_guides, content_targets
from impasto.guides.guides import Guides
from impasto.images import coloring
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size
from impasto.numerics.storage import MEMORY, Storage, mapped_storage
from impasto.recipe import OptimizerSettings, Recipe
from impasto.shared import Shared
from impasto.stage_pictures import StagePictures
from impasto.terms import (
    content_term,
    histogram_term,
    laplacian_term,
    style_term,
    variation_term,
)

DTYPES: dict[Precision, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16}


@dataclass(frozen=True)
class Prepared:
    """A job ready to run, and the recipe with everything decided that was left open."""

    job: Job
    recipe: Recipe
    device: torch.device
    estimate: Hashable
    """Under which the estimate of a strength is shared with other runs."""


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
    seen = repr(for_targets(working))

    def objective(stage: Stage, side: int | None = None) -> PixelObjective:
        side = side or tile
        found = shared.once(
            (seen, stage.height, stage.width, side),
            lambda: build_objective(
                working,
                extractor,
                pictures.content_at(stage),
                pictures.styles_at(stage),
                guides,
                side,
                storage,
                ranks,
            ),
        )
        content = {"content": working.content.weight} if "content" in found.weights() else {}
        return found.reweighted(content)

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


def build_extractor(
    recipe: Recipe, weights: str | PathLike[str] | None, device: torch.device
) -> tuple[Extractor, Recipe]:
    """Build the recipe's network; return it, and the recipe with hash and precision filled in."""
    settings = recipe.network
    loaded = networks.load(settings.name, weights, sha256=settings.sha256)
    return extractor_of(recipe, loaded, device)


def extractor_of(
    recipe: Recipe, loaded: networks.LoadedNetwork, device: torch.device
) -> tuple[Extractor, Recipe]:
    """Build an extractor of weights that are loaded; the recipe gets their hash and a precision."""
    settings = recipe.network
    precision = (
        settings.precision if settings.precision != "auto" else _probed(recipe, loaded, device)
    )
    extractor = _extractor(recipe, loaded, precision).to(device)
    filled = replace(settings, precision=precision, sha256=loaded.sha256)
    return extractor, replace(recipe, network=filled)


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


def _extractor(recipe: Recipe, loaded: networks.LoadedNetwork, precision: Precision) -> Extractor:
    return loaded.extractor(
        pooling=recipe.network.pooling,
        padding=recipe.network.padding,
        dtype=DTYPES[precision],
    )


def _probed(recipe: Recipe, loaded: networks.LoadedNetwork, device: torch.device) -> Precision:
    """Choose a precision by a short probe; L-BFGS always computes in fp32 for its line search."""
    if recipe.optimizer.name == "lbfgs":
        return "fp32"
    layers = sorted({*recipe.layers} - {PIXELS})
    key = (
        loaded.sha256,
        recipe.network.pooling,
        recipe.network.padding,
        tuple(layers),
        str(device),
    )

    def make(precision: Precision) -> Callable[[Tensor], Tensor]:
        extractor = _extractor(recipe, loaded, precision).to(device)
        return lambda image: torch.stack(
            [features.float().square().mean() for features in extractor(image, layers).values()]
        ).sum()

    return devices.faster_precision(make, device, key=(*key, torch.get_num_threads()))


def build_objective(
    recipe: Recipe,
    extractor: Extractor,
    content: Tensor,
    styles: Sequence[Tensor],
    guides: Guides | None = None,
    tile: int | None = None,
    storage: Storage = MEMORY,
    ranks: Ranks | None = None,
) -> PixelObjective:
    """Make the objective of one stage: terms, and their targets from the pictures at that size.

    Args:
        recipe: which terms, and how they are seen.
        extractor: measures the pictures.
        content: (1, 3, H, W) at the stage's size.
        styles: each (1, 3, h, w).
        guides: what is protected, and where which style goes.
        tile: side of tiles in pixels; None computes everything whole.
        storage: where gradients lie, and large targets if it is mapped.
        ranks: processes that measure the pictures together.
    """
    framing, guides = build_framing(recipe), guides or Guides()
    size = (content.shape[-2], content.shape[-1])
    measure: Measure = measure_whole if tile is None else _by_tiles(tile, storage, ranks)
    style_targets = StyleTargets(extractor, styles, recipe.style, guides, size, measure)
    targets: list[Target] = []
    if recipe.content.weight > 0:
        term = content_term(recipe)
        targets += content_targets(recipe, extractor, term, content, framing, guides, measure)
    if recipe.laplacian.weight > 0:
        term = laplacian_term(recipe)
        targets.append(content_target(extractor, term, content, framing, measure=measure))
    if recipe.style.weight > 0:
        targets += style_targets.of(style_term(recipe))
    if recipe.histogram.weight > 0:
        targets += style_targets.of(histogram_term(recipe))
    if recipe.total_variation.weight > 0:
        targets.append(free_target(variation_term(recipe)))
    if tile is None:
        return Objective(extractor, targets, framing, build_draws(recipe))
    tiled = TiledObjective(extractor, targets, framing, build_draws(recipe), tile, storage)
    return tiled if ranks is not None or tiled.divides(size) else tiled.whole()


def _by_tiles(tile: int, storage: Storage, ranks: Ranks | None) -> TiledMeasure:
    large = (lambda: storage) if storage.mapped else mapped_storage
    if ranks is None:
        return TiledMeasure(tile, large)
    return TiledMeasure(tile, large, gathering=SharedGathering(ranks))


def build_draws(recipe: Recipe) -> Draws:
    """Make the draws of a recipe; L-BFGS needs an objective that stands still: always the same."""
    return Draws(recipe.seed, fixed=recipe.optimizer.name == "lbfgs")


def build_framing(recipe: Recipe) -> Framing:
    """Make the framing of a recipe; L-BFGS needs an objective that stands still: one phase."""
    shifts = 1 if recipe.optimizer.name == "lbfgs" else recipe.objective.shifts
    return Framing(recipe.objective.margin, shifts, recipe.objective.edges)


def build_optimizer(settings: OptimizerSettings, storage: Storage = MEMORY) -> Optimizer:
    """Make the optimizer of a recipe.

    Raises:
        InputError: it keeps a history, and images are too large to stay in memory.
    """
    if settings.name == "lbfgs":
        if storage.mapped:
            raise InputError(_no_room(settings.lbfgs.history))
        return LBFGS(settings.lbfgs.learning_rate, settings.lbfgs.history)
    if settings.name == "adam":
        return Adam(settings.adam.learning_rate, settings.adam.smoothing, storage)
    return GradientDescent(settings.gradient_descent.learning_rate, storage)


def _no_room(history: int) -> str:
    return (
        f"L-BFGS keeps {2 * history} images of the result's size beside those of every optimizer, "
        "and reads them all at each step; here images do not fit into memory: choose --optimizer "
        "adam, a smaller --size, or --set optimizer.lbfgs.history=2 with more --memory"
    )
