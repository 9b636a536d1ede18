"""One iteration of the run, followed from the image that goes in to the image that comes out."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.engine.objective import Objective
from impasto.engine.targets import PIXELS, seen
from impasto.explain.recording import KeptStep


@dataclass(frozen=True)
class SeenLayer:
    """Features of the generated image at one layer of the objective."""

    layer: str
    shape: tuple[int, ...]
    low: float
    high: float
    mean: float


@dataclass(frozen=True)
class TermNow:
    """One term of the objective in this iteration."""

    name: str
    weight: float
    value: float
    """Weighted, as it enters the total."""
    distances: Mapping[str, float]
    """Unweighted distance at each layer."""
    layer_weights: Mapping[str, float]
    combine: str


@dataclass(frozen=True, eq=False)
class Iteration:
    """Every number on the way through one step."""

    step: int
    before: Tensor
    after: Tensor
    features: tuple[SeenLayer, ...]
    terms: tuple[TermNow, ...]
    total: float
    gradient: Tensor
    """(1, 3, H, W): of the total, by the pixels."""
    losses: Mapping[str, float]
    """As the engine names them."""
    total_after: float
    """The total at the image that comes out."""

    @property
    def change(self) -> Tensor:
        """(1, 3, H, W): what the step added to the pixels."""
        return self.after - self.before


def follow(objective: Objective, kept: KeptStep) -> Iteration:
    """Do again what the engine did in a step.

    Args:
        objective: of the step's stage, with the weights that the run had.
        kept: the step; its number decides the framing and what is left to chance.
    """
    phase = kept.step - 1
    losses, gradient = objective.value_and_gradient(kept.before, phase)
    with torch.no_grad():
        after = objective.losses(kept.after, phase)
    values = losses.values()
    return Iteration(
        step=kept.step,
        before=kept.before.detach().cpu(),
        after=kept.after.detach().cpu(),
        features=_features(objective, kept.before, phase),
        terms=tuple(
            TermNow(
                target.term.name,
                target.term.weight,
                values[target.term.name],
                {layer: values[f"{target.term.name}.{layer}"] for layer in target.term.layers},
                target.term.layers,
                target.term.combine,
            )
            for target in objective.targets
        ),
        total=values["total"],
        gradient=gradient.detach().cpu(),
        losses=values,
        total_after=float(after.total),
    )


def _features(objective: Objective, image: Tensor, phase: int) -> tuple[SeenLayer, ...]:
    layers = [layer for target in objective.targets for layer in target.term.layers]
    deep = [layer for layer in layers if layer != PIXELS]
    with torch.no_grad():
        found = seen(objective.extractor, objective.framing, image, deep, phase)
    return tuple(
        SeenLayer(layer, tuple(x.shape), float(x.min()), float(x.max()), float(x.float().mean()))
        for layer, x in sorted(found.items())
    )
