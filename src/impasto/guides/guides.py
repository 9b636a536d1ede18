"""The guides of a job, ready for any size: what is protected, and where which style goes."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.images.resize import resize
from impasto.numerics.masks import feathered, snapped, softened
from impasto.recipe_guides import GuideSettings


@dataclass(frozen=True, eq=False)
class Region:
    """A part of the content picture and the parts of styles that it shall look like."""

    name: str
    where: Tensor
    """(1, 1, H, W) in [0, 1], in the proportions of the content picture."""
    styles: Mapping[int, Tensor | None]
    """By the style's place: its part (1, 1, h, w), or None for the whole; others have no say."""


@dataclass(frozen=True, eq=False)
class Guides:
    """Masks as they were given or found; `*_at` brings them to a size, with soft edges."""

    protection: Tensor | None = None
    """(1, 1, H, W): 1 keeps the content, 0 leaves it to the styles."""
    regions: tuple[Region, ...] = ()
    feather: float = 0.0
    """Width of soft edges, as a share of the long side."""
    warnings: tuple[str, ...] = ()
    settings: GuideSettings | None = None
    """As decided: faces become the subject where nothing can find them."""

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to guide."""
        return self.protection is None and not self.regions

    def protection_at(self, height: int, width: int) -> Tensor | None:
        """Return the protection at a size; white reaches as far as it was painted."""
        if self.protection is None:
            return None
        return feathered(at_size(self.protection, height, width), self._reach(height, width))

    def places_at(self, height: int, width: int) -> list[Tensor]:
        """Return where each region's style counts at a size, less what is protected.

        Without regions, the whole picture is one.
        """
        reach = self._reach(height, width)
        free = torch.ones(1, 1, height, width)
        if (protection := self.protection_at(height, width)) is not None:
            free = free - protection
        places = [softened(at_size(r.where, height, width), reach) for r in self.regions]
        if not places:
            return [free]
        # Where styles overlap they share the place; where there is none, none counts.
        crowd = torch.stack(places).sum(0).clamp_min(1)
        return [place / crowd * free for place in places]

    def _reach(self, height: int, width: int) -> int:
        return round(self.feather * max(height, width) / 2)  # to either side


def at_size(mask: Tensor, height: int, width: int) -> Tensor:
    """Resize a mask (1, 1, H, W); ones stay ones."""
    return snapped(resize(mask, height, width))
