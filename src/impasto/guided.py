"""Guides as targets: each region with its own statistics, and the content held where protected."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod

import torch
from torch import Tensor

from impasto.engine.framing import Framing
from impasto.engine.place import Place
from impasto.engine.schedule import Stage
from impasto.engine.targets import (
    PIXELS,
    Measure,
    Target,
    content_target,
    measure_whole,
    style_target,
)
from impasto.errors import InputError
from impasto.features.extractor import Extractor
from impasto.guides.guides import Guides, Region, at_size
from impasto.losses.term import Term
from impasto.recipe import Recipe
from impasto.recipe_terms import StyleSettings

LEAST = 1.0
"""Positions of a layer that a region must cover to be measured there."""


@dataclass(frozen=True)
class StyleTargets:
    """Makes the targets of a style term: one, or one for each region of the guides."""

    extractor: Extractor
    styles: Sequence[Tensor]
    settings: StyleSettings
    """Of which the mixes count here."""
    guides: Guides
    size: tuple[int, int]
    """Height and width of the generated image."""
    measure: Measure = measure_whole

    def of(self, term: Term) -> list[Target]:
        """Make the targets of a term.

        A region is measured at the layers at which it covers a position at least, in the image and
        in its styles. Its distances count by its part of the picture, so that they pull on its
        pixels as hard as an unguided term would.
        """
        if self.guides.is_idle:
            mix, mixes = self.settings.mix, self.settings.mixes()
            plain = style_target(
                self.extractor, term, self.styles, mix, mixes, measure=self.measure
            )
            return [plain]
        places = [place.to(self.styles[0].device) for place in self.guides.places_at(*self.size)]
        covered = sum(float(place.mean()) for place in places)
        # Under a root, halving all distances would halve the pull's square only.
        whole = covered if term.combine == "root" else 1.0
        regions = self.guides.regions or (_everywhere(len(self.styles)),)
        found = [self._target(term, r, p) for r, p in zip(regions, places, strict=True)]
        return [
            replace(target, share=float(target.where.mask.mean()) * whole)
            for target in found
            if target is not None and target.where is not None
        ]

    def _target(self, term: Term, region: Region, place: Tensor) -> Target | None:
        at = list(region.styles)
        masks = [self._mask(number, region) for number in at]
        kept = [
            layer
            for layer in term.layers
            if all(_covers(self.extractor, layer, m) for m in (place, *masks))
        ]
        if not kept:
            return None
        mix = _of(self.settings.mix, at)
        if mix and sum(mix) == 0:
            return None
        mixes = {layer: _of(shares, at) for layer, shares in self.settings.mixes().items()}
        mixes = {layer: shares for layer, shares in mixes.items() if sum(shares) > 0}
        there = replace(term, layers={layer: term.layers[layer] for layer in kept})
        styles = [self.styles[number] for number in at]
        target = style_target(
            self.extractor, there, styles, mix, mixes, masks, measure=self.measure
        )
        return replace(target, term=term, where=Place(place))

    def _mask(self, number: int, region: Region) -> Tensor | None:
        style, mask = self.styles[number], region.styles[number]
        height, width = style.shape[-2:]
        return None if mask is None else at_size(mask, height, width).to(style.device)


def content_targets(
    recipe: Recipe,
    extractor: Extractor,
    term: Term,
    content: Tensor,
    framing: Framing,
    guides: Guides,
    measure: Measure = measure_whole,
) -> list[Target]:
    """Make the content's target, and a second one that holds it where it is protected."""
    targets = [content_target(extractor, term, content, framing, measure=measure)]
    height, width = content.shape[-2:]
    mask = guides.protection_at(height, width)
    if mask is None or recipe.guides.hold == 0:
        return targets
    mask = mask.to(content.device)
    # Losses relative to the target, or to chosen positions, are the same for a small place as for a
    # large one; sums and means over all positions are not.
    is_relative = getattr(term.loss, "form", "") == "relative" or term.loss.contract == "global"
    share = recipe.guides.hold * (float(mask.mean()) if is_relative else 1.0)
    if not all(_covers(extractor, layer, mask) for layer in term.layers):
        return targets
    held = content_target(extractor, term, content, framing, Place(mask), share, measure=measure)
    return [*targets, held]


def check_guides(
    recipe: Recipe, extractor: Extractor, guides: Guides, last: Stage, styles: Sequence[Tensor]
) -> None:
    """Refuse regions too small to be measured in the result at every layer of the style.

    Args:
        recipe: with the layers.
        extractor: knows how far apart their positions are.
        guides: with the regions.
        last: the last stage.
        styles: at that stage's size.

    Raises:
        InputError: which region, and how large it would have to be.
    """
    if guides.is_idle or recipe.style.weight == 0:
        return
    deepest = max(recipe.style.layers, key=lambda layer: _stride(extractor, layer))
    for region in guides.regions:
        for what, mask in _parts(region, last, styles):
            if not _covers(extractor, deepest, mask):
                side = _stride(extractor, deepest)
                raise InputError(
                    f"{region.name} covers {float(mask.sum()):.0f} of {prod(mask.shape[-2:])} "
                    f"pixels {what}: expected at least {side} x {side}, a position of "
                    f"{deepest}; paint it larger, choose a larger --size or shallower layers"
                )
    # A region may be protected as a whole, and is left out then; all of them may not.
    free = guides.places_at(last.height, last.width)
    if not any(_covers(extractor, deepest, place) for place in free):
        raise InputError(
            "next to nothing is left to paint outside what is protected: paint less of the mask "
            "white, or choose a smaller --protect-feather"
        )


def _parts(region: Region, last: Stage, styles: Sequence[Tensor]) -> Iterator[tuple[str, Tensor]]:
    """The masks of a region at the last stage's size, and whose they are."""
    yield "of the result", at_size(region.where, last.height, last.width)
    for number, mask in region.styles.items():
        if mask is not None:
            size = styles[number].shape[-2:]
            yield f"of style {number + 1}", at_size(mask, size[0], size[1])


def _of(shares: Sequence[float], styles: Sequence[int]) -> list[float]:
    """Return the shares of some styles; none where all count alike."""
    return [shares[number] for number in styles] if shares else []


def _everywhere(styles: int) -> Region:
    return Region("what is not protected", torch.ones(1, 1, 1, 1), dict.fromkeys(range(styles)))


def _stride(extractor: Extractor, layer: str) -> int:
    return 1 if layer == PIXELS else extractor.architecture.node(layer).stride


def _covers(extractor: Extractor, layer: str, mask: Tensor | None) -> bool:
    """Tell whether a mask covers enough positions of a layer."""
    return mask is None or float(mask.sum()) >= LEAST * _stride(extractor, layer) ** 2
