"""The Gram matrix by hand: a 4 x 4 image, 8 filters, and whole numbers small enough to follow."""

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor

from impasto.images.resize import resize
from impasto.losses.gram import gram_matrix

SIDE = 4
LEVELS = 9
"""The image has the whole numbers from 0 to this."""

FILTERS: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("the pixel itself", (0, 0, 0, 0, 1, 0, 0, 0, 0)),
    ("darker to the left", (0, 0, 0, -1, 1, 0, 0, 0, 0)),
    ("darker to the right", (0, 0, 0, 0, 1, -1, 0, 0, 0)),
    ("darker above", (0, -1, 0, 0, 1, 0, 0, 0, 0)),
    ("darker below", (0, 0, 0, 0, 1, 0, 0, -1, 0)),
    ("a diagonal", (1, 0, 0, 0, 0, 0, 0, 0, -1)),
    ("the other diagonal", (0, 0, 1, 0, 0, 0, -1, 0, 0)),
    ("left and right together", (0, 0, 0, 1, 0, 1, 0, 0, 0)),
)
"""What each filter answers to, and its 3 x 3 weights, row by row."""


@dataclass(frozen=True)
class WorkedExample:
    """Every number of the example, as nested tuples of whole numbers."""

    image: tuple[tuple[int, ...], ...]
    """4 x 4."""
    maps: tuple[tuple[tuple[int, ...], ...], ...]
    """8 maps of 4 x 4: convolved over a border of zeros, then ReLU."""
    rows: tuple[tuple[int, ...], ...]
    """The same as a matrix F of 8 x 16."""
    gram: tuple[tuple[int, ...], ...]
    """G = F F^T, 8 x 8."""
    pair: tuple[int, int]
    """The entry to follow: two filters that fire together."""

    @property
    def products(self) -> tuple[tuple[int, int], ...]:
        """The 16 pairs of numbers whose products add up to the entry to follow."""
        first, second = self.pair
        return tuple(zip(self.rows[first], self.rows[second], strict=True))


def work_out(picture: Tensor) -> WorkedExample:
    """Work the example out on a picture (1, 3, H, W), shrunk to 4 x 4 gray pixels."""
    image = _tiny(picture)
    weights = torch.tensor([weights for _, weights in FILTERS], dtype=torch.float32)
    maps = functional.conv2d(image, weights.view(-1, 1, 3, 3), padding=1).relu()
    gram = gram_matrix(maps)[0]
    off = gram.clone().fill_diagonal_(-1)
    first, second = divmod(int(off.argmax()), len(FILTERS))
    return WorkedExample(
        image=_whole(image[0, 0]),
        maps=tuple(_whole(one) for one in maps[0]),
        rows=_whole(maps[0].flatten(1)),
        gram=_whole(gram),
        pair=(min(first, second), max(first, second)),
    )


def _tiny(picture: Tensor) -> Tensor:
    """Shrink to (1, 1, 4, 4) whole numbers that use the whole range from 0 to 9."""
    gray = resize(picture.detach().float().cpu(), SIDE, SIDE).mean(1, keepdim=True)
    low, high = gray.min(), gray.max()
    return ((gray - low) / (high - low).clamp_min(1 / 255) * LEVELS).round()


def _whole(matrix: Tensor) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(round(value) for value in row) for row in matrix.tolist())
