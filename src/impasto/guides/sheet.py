"""The guides as a picture, for people to look at: what is protected, and what is paired."""

from collections.abc import Sequence

import torch
from torch import Tensor

from impasto.guides.guides import Guides, at_size
from impasto.images.picture import Picture
from impasto.images.resize import resize

HEIGHT = 384
GAP = 8
COLORS = ("e6194b", "3cb44b", "4363d8", "ffe119", "f58231", "911eb4", "42d4f4", "f032e6")
"""Of regions in turn: far apart for the eye."""
TINT = 0.7


def guides_sheet(guides: Guides, content: Picture, styles: Sequence[Picture]) -> Picture:
    """Show the guides beside the pictures they belong to, in rows of panels 384 pixels high.

    The content, its protection in white (with its soft edge), its regions in colors, and each
    style with its own parts in the same colors.
    """
    panels = [_scaled(content)]
    height, width = panels[0].shape[-2:]
    if (mask := guides.protection_at(height, width)) is not None:
        panels.append(mask.expand(-1, 3, -1, -1))
    if guides.regions:
        panels.append(_colored(panels[0], [region.where for region in guides.regions]))
        for number, style in enumerate(styles):
            parts = [region.styles.get(number, 0.0) for region in guides.regions]
            panels.append(_colored(_scaled(style), [_part(part) for part in parts]))
    gap = torch.ones(1, 3, HEIGHT, GAP)
    row = [piece for panel in panels for piece in (gap, panel)][1:]
    return Picture.from_batch(torch.cat(row, 3))


def _scaled(picture: Picture) -> Tensor:
    return resize(picture.batch, HEIGHT, max(1, round(picture.width * HEIGHT / picture.height)))


def _part(part: Tensor | float | None) -> Tensor:
    """A style's part of a region as a mask: None is the whole."""
    return part if isinstance(part, Tensor) else torch.full((1, 1, 2, 2), float(part is None))


def _colored(image: Tensor, masks: Sequence[Tensor]) -> Tensor:
    """Lay the color of each mask over a picture (1, 3, H, W) in gray."""
    found = image.mean(1, keepdim=True).expand(-1, 3, -1, -1)
    for number, mask in enumerate(masks):
        digits = bytes.fromhex(COLORS[number % len(COLORS)])
        color = torch.tensor(list(digits)).view(1, 3, 1, 1) / 255
        found = torch.lerp(found, color.expand_as(found), TINT * at_size(mask, *image.shape[-2:]))
    return found
