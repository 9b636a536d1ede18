"""The objective: an image to its losses, and to their gradient on the pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import torch
from torch import Tensor

from impasto.engine.draws import Draws
from impasto.engine.framing import Framing
from impasto.engine.losses import Losses
from impasto.engine.place import views
from impasto.engine.targets import FeatureExtractor, Target, seen
from impasto.errors import RecipeError, unknown_name
from impasto.numerics.precision import widest


@dataclass(frozen=True)
class Objective:
    """Terms with their targets, seen through one extractor; distances of one term add up.

    `losses` is differentiable and takes batches, so that networks can be trained on it;
    `value_and_gradient` is what optimizers call.
    """

    extractor: FeatureExtractor
    targets: Sequence[Target]
    framing: Framing = field(default_factory=Framing)
    draws: Draws = field(default_factory=Draws)

    def losses(self, image: Tensor, phase: int = 0) -> Losses:
        """Measure (N, 3, H, W), sRGB; means over the batch.

        Args:
            image: what to measure.
            phase: number of the step; it decides the framing, and what is left to chance.
        """
        layers_seen = [layer for target in self.targets for layer in target.term.layers]
        features = seen(self.extractor, self.framing, image, layers_seen, phase)
        chance = self.draws.generator(phase)
        looks = views(
            [target.where for target in self.targets],
            [target.at(phase) for target in self.targets],
            features,
            self.framing,
            phase,
        )
        pairs = zip(self.targets, looks, strict=True)
        return joined(
            self.targets, [target.distances(look, phase, chance) for target, look in pairs]
        )

    @torch.no_grad()
    def measure(self, image: Tensor, phase: int = 0) -> Losses:
        """Measure (1, 3, H, W) without a graph."""
        return self.losses(image, phase)

    def value_and_gradient(self, image: Tensor, phase: int = 0) -> tuple[Losses, Tensor]:
        """Measure an image and differentiate the total by its pixels; the image is not changed."""
        with torch.enable_grad():
            pixels = image.detach().requires_grad_()
            losses = self.losses(pixels, phase)
            (gradient,) = torch.autograd.grad(losses.total, pixels)
        return losses.detached(), gradient

    def reweighted(self, weights: Mapping[str, float]) -> Self:
        """Return an objective with other weights for some of its terms.

        Raises:
            RecipeError: there is no term of that name.
        """
        return replace(self, targets=reweighted(self.targets, weights))

    def weights(self) -> dict[str, float]:
        """Return the weight of each term."""
        return {target.term.name: target.term.weight for target in self.targets}


def joined(targets: Sequence[Target], distances: Sequence[Mapping[str, Tensor]]) -> Losses:
    """Add up the distances of targets, by layer, to those of terms, and these to the total."""
    found: dict[str, dict[str, Tensor]] = {}
    for target, by_layer in zip(targets, distances, strict=True):
        sums = found.setdefault(target.term.name, {})
        for layer, distance in by_layer.items():
            sums[layer] = sums[layer] + distance if layer in sums else distance
    kinds = {target.term.name: target.term for target in targets}
    terms = {name: kinds[name].weight * kinds[name].combined(d) for name, d in found.items()}
    layers = {f"{name}.{layer}": value for name, d in found.items() for layer, value in d.items()}
    total = torch.stack([widest(value) for value in terms.values()]).sum()
    return Losses(total, terms, layers)


def reweighted(targets: Sequence[Target], weights: Mapping[str, float]) -> list[Target]:
    """Return targets whose terms have other weights, as far as weights are given.

    Raises:
        RecipeError: there is no term of that name.
    """
    known = [target.term.name for target in targets]
    for name in weights:
        if name not in known:
            raise RecipeError(unknown_name("term", name, known))
    return [
        replace(t, term=replace(t.term, weight=weights.get(t.term.name, t.term.weight)))
        for t in targets
    ]
