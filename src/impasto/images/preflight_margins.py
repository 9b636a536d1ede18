"""Find the blank border around a picture, as a scanned print has it.

A side is blank if its outermost lines are of one color. A picture has a border if two opposite
sides are blank in the same color and end at straight edges: a sky, a dark background or an object
on white ends gradually, and is none. Other sides in that color then count as border as well.

The thresholds were chosen on 2,475 paintings, prints, textures and photographs: of 28 that were
said to have a border, 27 have one by eye, and one is a poster with ruled lines.
"""

from typing import NamedTuple

from torch import Tensor

TOLERANCE = 0.08  # per channel: paper, grain and JPEG stay within it
BLANK = 0.97  # share of a line's pixels that are in the border's color; the rest is specks
EDGE = 0.5  # at a straight edge, at most this share still is
EDGE_WIDTH = 0.01  # of the side: how soon after the border that must be so
THINNEST = 0.012  # of the side: anything less is an uneven crop
SAME_COLOR = 0.12  # per channel: how far the colors of two sides' borders may be apart
AREA = 0.08  # of the picture: a border that takes less changes little
REACH = 0.4  # of the side: how far in is looked


class Box(NamedTuple):
    """A part of a picture in pixels; right and bottom are the first column and row outside."""

    left: int
    top: int
    right: int
    bottom: int


class Margin(NamedTuple):
    """The blank lines of one side."""

    depth: int
    """From the edge of the picture."""
    color: Tensor
    straight: bool
    """Whether they end at a straight edge."""


def inner_box(image: Tensor) -> Box | None:
    """Return the part of (3, height, width) pixels inside a blank border, if there is one."""
    height, width = image.shape[1:]
    top, bottom = _margin(image), _margin(image.flip(1))
    left, right = _margin(image.mT), _margin(image.mT.flip(1))
    pairs = ((top, bottom), (left, right))
    framing = [
        one for one, other in pairs if one.straight and other.straight and _match(one, other)
    ]
    if not framing:
        return None
    depths = [m.depth if _match(m, framing[0]) else 0 for m in (left, top, right, bottom)]
    box = Box(depths[0], depths[1], width - depths[2], height - depths[3])
    inside = (box.right - box.left) * (box.bottom - box.top)
    return box if inside <= (1 - AREA) * height * width else None


def _margin(image: Tensor) -> Margin:
    """Measure the blank lines at the top of (3, height, width) pixels; too few count as none."""
    height = image.shape[1]
    color = image[:, 0].median(dim=1).values
    reach = image[:, : int(height * REACH)]
    near = (reach - color[:, None, None]).abs().amax(0) <= TOLERANCE
    share = near.float().mean(1)
    depth = int((share >= BLANK).int().cumprod(0).sum())
    beyond = share[depth : depth + max(3, round(height * EDGE_WIDTH))]
    straight = len(beyond) > 0 and float(beyond.min()) <= EDGE
    return Margin(depth if depth >= height * THINNEST else 0, color, straight)


def _match(one: Margin, other: Margin) -> bool:
    """Tell whether both sides are blank in the same color."""
    apart = float((one.color - other.color).abs().max())
    return min(one.depth, other.depth) > 0 and apart <= SAME_COLOR
