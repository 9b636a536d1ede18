"""The frame in which the network sees the generated image: a reflected margin, at a moving phase.

Padding inside the network marks the borders of an optimized picture, and the fixed grid of its
pooling shows as a weave in flat regions. A margin of reflected pixels moves the border away; a
margin that is a few pixels wider on one side than on the other moves the grid.
"""

from dataclasses import dataclass
from typing import Literal

import torch.nn.functional as functional
from torch import Tensor

from impasto.errors import InputError

PERIOD = 16
"""Pixels between two positions of relu5_1: phases repeat after so many."""


@dataclass(frozen=True)
class Framing:
    """A margin in pixels, and how many phases of the pooling grid take turns."""

    margin: int = 0
    shifts: int = 1
    edges: Literal["reflect", "wrap"] = "reflect"
    """wrap: the image goes on at its other side, so that it can be laid out as tiles."""

    def __post_init__(self) -> None:
        """Refuse phases that the margin has no room for."""
        if self.shifts > 1 and self.margin < PERIOD:
            raise InputError(
                f"{self.shifts} phases need a margin of {PERIOD} px, got {self.margin}"
            )

    def frame(self, image: Tensor, phase: int = 0) -> Tensor:
        """Extend (N, 3, H, W) to (N, 3, H + 2 margin, W + 2 margin), offset by the phase.

        A picture smaller than its margin gets as much of it as it has.
        """
        top, bottom, left, right = self.sides(image.shape[-2], image.shape[-1], phase)
        if not (left or right or top or bottom):
            return image
        mode = "reflect" if self.edges == "reflect" else "circular"
        return functional.pad(image, (left, right, top, bottom), mode=mode)

    def sides(self, height: int, width: int, phase: int = 0) -> tuple[int, int, int, int]:
        """Pixels by which a picture is extended at its top, bottom, left and right."""
        down, across = self.offset(phase)
        return (
            min(self.margin - down, height - 1),
            min(self.margin + down, height - 1),
            min(self.margin - across, width - 1),
            min(self.margin + across, width - 1),
        )

    def offset(self, phase: int) -> tuple[int, int]:
        """Pixels by which a phase moves the grid, spread evenly over one period in both directions.

        The fractions are powers of the plastic number's inverse, whose multiples fill a square
        evenly however many are taken.
        """
        turn = phase % self.shifts
        return int(PERIOD * (turn * 0.7548776662466927 % 1)), int(
            PERIOD * (turn * 0.5698402909980532 % 1)
        )
