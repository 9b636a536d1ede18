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
        found: dict[str, dict[str, Tensor]] = {}
        looks = views(
            [target.where for target in self.targets],
            [target.at(phase) for target in self.targets],
            features,
            self.framing,
            phase,
        )
        for target, look in zip(self.targets, looks, strict=True):
            sums = found.setdefault(target.term.name, {})
            for layer, distance in target.distances(look, phase, chance).items():
                sums[layer] = sums[layer] + distance if layer in sums else distance
        kinds = {target.term.name: target.term for target in self.targets}
        terms = {name: kinds[name].weight * kinds[name].combined(d) for name, d in found.items()}
        layers = {
            f"{name}.{layer}": value for name, d in found.items() for layer, value in d.items()
        }
        total = torch.stack([widest(value) for value in terms.values()]).sum()
        return Losses(total, terms, layers)

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
        known = [target.term.name for target in self.targets]
        for name in weights:
            if name not in known:
                raise RecipeError(unknown_name("term", name, known))
        targets = [
            replace(t, term=replace(t.term, weight=weights.get(t.term.name, t.term.weight)))
            for t in self.targets
        ]
        return replace(self, targets=targets)

    def only(self, name: str) -> Self:
        """Return an objective of one term alone; nothing is computed for the others."""
        return replace(self, targets=[t for t in self.targets if t.term.name == name])

    def weights(self) -> dict[str, float]:
        """Return the weight of each term."""
        return {target.term.name: target.term.weight for target in self.targets}
