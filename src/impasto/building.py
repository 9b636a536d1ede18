"""From settings to the parts of a job: the network, the objective of a stage, the optimizer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from os import PathLike

import torch
from torch import Tensor

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
from impasto.engine.ranks.ranks import Ranks
from impasto.engine.targets import (
    PIXELS,
    Measure,
    Target,
    content_target,
    free_target,
    measure_whole,
)
from impasto.engine.tiled.measure import LARGE_BESIDE_FILES, TiledMeasure
from impasto.engine.tiled.objective import TiledObjective
from impasto.errors import InputError
from impasto.features import networks
from impasto.features.extractor import Extractor
from impasto.guided import StyleTargets, content_targets
from impasto.guides.guides import Guides
from impasto.numerics.storage import MEMORY, Storage
from impasto.recipe import OptimizerSettings, Recipe
from impasto.terms import (
    content_term,
    histogram_term,
    laplacian_term,
    style_term,
    variation_term,
)

DTYPES: dict[Precision, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16}


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
    found = TiledMeasure(tile)
    if storage.mapped:
        found = replace(found, storage=lambda: storage, large=LARGE_BESIDE_FILES)
    return found if ranks is None else replace(found, gathering=SharedGathering(ranks))


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
