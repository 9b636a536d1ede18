"""The tiled objective: losses and gradient of an image of any size, a tile at a time.

Where a loss depends on sums over the whole image, or on positions drawn from all of it, there are
two passes. The first gathers these, tile by tile and without a graph, and the distances are
differentiated by them once. The second computes each tile again, with a graph, and sends that
gradient through it to the pixels. What a tile's positions see beyond its border is its halo; the
gradient there is added to that of the tiles it belongs to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import torch
from torch import Tensor

from impasto.engine.draws import Draws
from impasto.engine.framing import Framing
from impasto.engine.losses import Losses
from impasto.engine.objective import Objective, joined, reweighted
from impasto.engine.targets import Target
from impasto.engine.tiled.framed import Frame
from impasto.engine.tiled.parts import AdditivePart, GlobalPart, LocalPart, Part, Pull
from impasto.engine.tiled.plan import TilePlan
from impasto.engine.tiled.walk import FRAMED, Gradient, LayeredExtractor, Total, Walk, gather
from impasto.features.geometry import Size
from impasto.losses.term import Term
from impasto.numerics.storage import MEMORY, Storage
from impasto.numerics.strip import Pixels
from impasto.numerics.windows import Box

Parts = Sequence[Mapping[str, Part]]
"""For each target its parts, by layer."""


@dataclass(frozen=True)
class TiledObjective:
    """What `Objective` is, tile by tile: the same numbers, to rounding, in less memory.

    `value_and_gradient` is `parts`, `gather`, `differentiate`, and `replay` for each tile; who
    shares the tiles out among processes calls these.
    """

    extractor: LayeredExtractor
    targets: Sequence[Target]
    framing: Framing = field(default_factory=Framing)
    draws: Draws = field(default_factory=Draws)
    tile: int = 768
    """Side of a tile in pixels, at most; see `TilePlan`."""
    storage: Storage = MEMORY
    """Where the gradient lies."""
    _scales: dict[tuple[int, int, str], Any] = field(default_factory=dict, repr=False)
    """What local losses need to know of whole targets, by target, phase and layer."""

    def measure(self, image: Tensor, phase: int = 0) -> Losses:
        """Measure (1, 3, H, W), sRGB, without a gradient.

        Args:
            image: what to measure.
            phase: number of the step; it decides the framing, and what is left to chance.
        """
        walk = self.walk(image, phase)
        parts = self.parts(walk, phase)
        gather(walk, flat(parts))
        return self.joined(parts)

    def value_and_gradient(self, image: Tensor, phase: int = 0) -> tuple[Losses, Tensor]:
        """Measure (1, 3, H, W) and differentiate the total by its pixels."""
        walk = self.walk(image, phase)
        parts = self.parts(walk, phase)
        gather(walk, [part for part in flat(parts) if part.gathers])
        pulled = self.differentiate(parts)
        gradient = Gradient(self.storage.zeros(image.shape, image.dtype, image.device))
        for number in range(len(walk.plan.boxes)):
            replay(walk, number, pulled, gradient)
        return self.joined(parts), gradient.pixels

    def reweighted(self, weights: Mapping[str, float]) -> Self:
        """Return an objective with other weights for some of its terms.

        Raises:
            RecipeError: there is no term of that name.
        """
        return replace(self, targets=reweighted(self.targets, weights))

    def weights(self) -> dict[str, float]:
        """Return the weight of each term."""
        return {target.term.name: target.term.weight for target in self.targets}

    def divides(self, size: Size) -> bool:
        """Tell whether a picture (height, width) is more than one tile, in any phase."""
        frames = [Frame.of(self.framing, *size, phase) for phase in range(self.framing.shifts)]
        return any(not self.plan(frame).whole for frame in frames)

    def overhead(self, size: Size) -> float:
        """Predict how many times as long a step takes as that of `whole` on a picture of a size."""
        gathered = [
            layer
            for target in self.targets
            for layer in target.term.layers
            if _gathers(target.term)
        ]
        plan = self.plan(Frame.of(self.framing, *size, 0))
        return plan.overhead(self.extractor.architecture, self.layers, gathered)

    def whole(self) -> Objective:
        """Return the objective that computes the same at once."""
        return Objective(self.extractor, self.targets, self.framing, self.draws)

    def walk(self, image: Pixels, phase: int) -> Walk:
        """Plan the tiles of an image.

        Raises:
            ShapeError: it is too small for a layer.
        """
        frame = Frame.of(self.framing, image.shape[-2], image.shape[-1], phase)
        self.extractor.check_size(frame.size, self.layers)
        return Walk(self.extractor, image, frame, self.plan(frame))

    @property
    def layers(self) -> list[str]:
        """Every layer that a target looks at."""
        return [layer for target in self.targets for layer in target.term.layers]

    def plan(self, frame: Frame) -> TilePlan:
        """Divide a framed picture."""
        return TilePlan.of(self.extractor.architecture, self.layers, frame.size, self.tile)

    def parts(self, walk: Walk, phase: int) -> Parts:
        """Make the parts of an evaluation, in the order in which the whole image's draw."""
        chance = self.draws.generator(phase)
        return [
            {layer: self._part(number, layer, walk, phase, chance) for layer in target.at(phase)}
            for number, target in enumerate(self.targets)
        ]

    def differentiate(self, parts: Parts) -> list[Part]:
        """Differentiate the total by what was gathered; return the parts that are not yet done.

        These have a gradient, or still have to be measured.
        """
        leaves = [{layer: _leaf(part) for layer, part in by_layer.items()} for by_layer in parts]
        with torch.enable_grad():
            total = joined(self.targets, self._shared(leaves)).total
        flat_leaves = [leaf for by_layer in leaves for leaf in by_layer.values()]
        factors = torch.autograd.grad(total, flat_leaves)
        found = list(zip(flat(parts), factors, strict=True))
        for part, factor in found:
            if factor:
                part.differentiate(factor)
        return [part for part, factor in found if factor or not part.gathers]

    def _part(
        self, number: int, layer: str, walk: Walk, phase: int, chance: torch.Generator
    ) -> Part:
        target = self.targets[number]
        look = walk.look(target.where, layer, self.framing, phase)
        loss, wanted = target.term.loss, target.at(phase)[layer]
        if loss.contract == "additive":
            return AdditivePart(loss, wanted, look)
        if loss.contract == "global":
            return GlobalPart(loss, wanted, look, chance)
        key = (number, phase % len(target.phases), layer)
        if key not in self._scales:
            self._scales[key] = LocalPart.scale_of(loss, wanted)
        gathers = _gathers(target.term)
        return LocalPart(loss, wanted, look, self._scales[key], gathers=gathers)

    def _shared(self, distances: Sequence[Mapping[str, Tensor]]) -> list[dict[str, Tensor]]:
        """Multiply the distances of each target by its share."""
        return [
            {layer: target.share * distance for layer, distance in by_layer.items()}
            for target, by_layer in zip(self.targets, distances, strict=True)
        ]

    def joined(self, parts: Parts) -> Losses:
        """Return the losses of all that was gathered."""
        distances = [{layer: part.distance() for layer, part in ps.items()} for ps in parts]
        return joined(self.targets, self._shared(distances)).detached()


def flat(parts: Parts) -> list[Part]:
    """Return all parts in order."""
    return [part for by_layer in parts for part in by_layer.values()]


def replay(walk: Walk, number: int, parts: Sequence[Part], gradient: Total) -> None:
    """Compute a tile with a graph, and add its gradient to the image's (1, 3, H, W)."""
    pixels, pulls = _pulls(walk, number, parts)
    if not pulls:
        return
    outputs, inflows = zip(*pulls, strict=True)
    leaves = [leaf for _, leaf in pixels.values()]
    found = torch.autograd.grad(outputs, leaves, inflows, allow_unused=True)
    for (kind, (box, _)), pulled in zip(pixels.items(), found, strict=True):
        if pulled is not None:
            walk.add(gradient, pulled, box, framed=kind == FRAMED)


def _pulls(
    walk: Walk, number: int, parts: Sequence[Part]
) -> tuple[Mapping[str, tuple[Box, Tensor]], list[Pull]]:
    """Return a tile's pixels, and what flows back to them.

    Features go out of scope here: the graph alone holds them, and lets go of them on the way back.
    """
    with torch.enable_grad():
        visit = walk.visit(number, parts, graph=True)
        pulls: list[Pull] = []
        for part, features, owned in visit.seen:
            gathered = part.gather(features, owned)
            if not part.gathers:
                part.add(gathered)
            pulls += part.pull(gathered)
        return visit.pixels, pulls


def _leaf(part: Part) -> Tensor:
    """Return a part's distance as a leaf; any will do where it is not gathered."""
    return part.distance().detach().clone().requires_grad_()


def _gathers(term: Term) -> bool:
    """Whether a term's gradient depends on more of the image than one tile."""
    # The gradient of a sum does not depend on its value, that of a root does.
    return term.loss.contract != "local" or term.combine == "root"
