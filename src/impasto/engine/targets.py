"""Targets: what the generated image is compared with, computed once for each stage."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import torch
from torch import Tensor

from impasto.engine.framing import Framing
from impasto.engine.place import PIXELS as PIXELS
from impasto.engine.place import Place, View, views
from impasto.errors import RecipeError
from impasto.losses.term import Statistics, StyleLoss, Term


class FeatureExtractor(Protocol):
    """What the engine needs of an extractor: (N, 3, H, W) and layer names to feature maps."""

    def __call__(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Extract feature maps by layer name."""


class Measure(Protocol):
    """How a picture is measured for a target: as a whole, or tile by tile."""

    def __call__(
        self,
        extractor: FeatureExtractor,
        term: Term,
        image: Tensor,
        place: Place | None,
        framing: Framing,
        phase: int,
    ) -> dict[str, Statistics]:
        """Return the statistics of (1, 3, H, W) at each of the term's layers."""


def measure_whole(
    extractor: FeatureExtractor,
    term: Term,
    image: Tensor,
    place: Place | None,
    framing: Framing,
    phase: int,
) -> dict[str, Statistics]:
    """Return the statistics of an image (N, 3, H, W) at each of the term's layers."""
    features = seen(extractor, framing, image, term.layers, phase)
    (view,) = views([place], [term.layers], features, framing, phase)
    return {layer: term.loss.summarize(*view[layer]) for layer in term.layers}


LayerTargets = Mapping[str, Statistics]
"""Statistics by layer name."""


@dataclass(frozen=True)
class Target:
    """A term and what it is compared with, for each phase of the framing (or one for all).

    Several targets of one term are several parts of the picture, each with its own statistics.
    """

    term: Term
    phases: Sequence[LayerTargets]
    where: Place | None = None
    """How much each pixel of the image counts; None counts all alike."""
    share: float = 1.0
    """Factor on the distances: the part of the picture that this is, for several of one term."""

    def at(self, phase: int) -> LayerTargets:
        """Return the statistics for a phase."""
        return self.phases[phase % len(self.phases)]

    def distances(
        self, seen: Mapping[str, View], phase: int, chance: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """Compare what is seen of the image from the target's place, times its share."""
        loss = self.term.loss
        return {
            layer: self.share
            * loss.distance(loss.summarize(*seen[layer], generator=chance), statistics)
            for layer, statistics in self.at(phase).items()
        }


@torch.no_grad()
def content_target(
    extractor: FeatureExtractor,
    term: Term,
    content: Tensor,
    framing: Framing,
    where: Place | None = None,
    share: float = 1.0,
    *,
    measure: Measure = measure_whole,
) -> Target:
    """Measure the content image (N, 3, H, W) in each phase in which the generated one is seen.

    `where` weighs its pixels, and those of the generated image alike.
    """
    phases = [
        measure(extractor, term, content, where, framing, phase) for phase in range(framing.shifts)
    ]
    return Target(term, phases, where, share)


@torch.no_grad()
def style_target(
    extractor: FeatureExtractor,
    term: Term,
    styles: Sequence[Tensor],
    mix: Sequence[float] = (),
    layer_mix: Mapping[str, Sequence[float]] | None = None,
    masks: Sequence[Tensor | None] = (),
    *,
    measure: Measure = measure_whole,
) -> Target:
    """Measure style images, each (1, 3, H, W) of any size, and mix their statistics.

    Distributions over positions are mixed, not pictures, so that every style counts by its weight
    whatever its size.

    Args:
        extractor: measures the images.
        term: a term whose loss can mix: a style loss.
        styles: one or more images.
        mix: a weight for each, in any unit; empty weighs all the same.
        layer_mix: other weights at some layers, by layer name.
        masks: for each (1, 1, H, W), how much its pixels count; None or empty: all alike.
        measure: how.

    Raises:
        RecipeError: not as many weights as styles.
    """
    mixes = dict.fromkeys(term.layers, mix) | dict(layer_mix or {})
    loss = cast(StyleLoss, term.loss)
    measured = []
    for style, mask in zip(styles, masks or [None] * len(styles), strict=True):
        place = None if mask is None else Place(mask)
        measured.append(measure(extractor, term, style, place, Framing(), 0))
    mixed = {
        layer: loss.mixed(
            [summary[layer] for summary in measured], _shares(mixes[layer], len(styles))
        )
        for layer in term.layers
    }
    return Target(term, [mixed])


def free_target(term: Term) -> Target:
    """Return the target of a term that compares with nothing, such as total variation."""
    return Target(term, [dict.fromkeys(term.layers)])


def seen(
    extractor: FeatureExtractor, framing: Framing, image: Tensor, layers: Iterable[str], phase: int
) -> dict[str, Tensor]:
    """Frame an image (N, 3, H, W) for the network; terms on pixels see it bare."""
    layers = list(dict.fromkeys(layers))
    deep = [layer for layer in layers if layer != PIXELS]
    found = extractor(framing.frame(image, phase), deep) if deep else {}
    return found | {PIXELS: image} if PIXELS in layers else found


def _shares(mix: Sequence[float], count: int) -> list[float]:
    """Bring weights to a sum of one."""
    if mix and len(mix) != count:
        raise RecipeError(f"style.mix has {len(mix)} weights for {count} styles: give as many")
    return [weight / sum(mix) for weight in mix] or [1 / count] * count
