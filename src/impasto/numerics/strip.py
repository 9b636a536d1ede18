"""A strip: some rows of a large tensor, used in the coordinates of the whole.

`window` reads it as it reads a tensor, as long as nobody asks for rows that are not there.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from impasto.errors import InternalError
from impasto.numerics.spans import Spans, merged


class Strip:
    """Rows of a tensor (N, C, H, W).

    Args:
        shape: of the whole.
        parts: (first row, (N, C, h, W)), in rising order, not touching.
        like: of the type and device of the parts; None where there is at least one.
        total: adds up a number for each row of the whole, given those of the rows that are here,
            (h, ...); None where all of the whole is here.
    """

    def __init__(
        self,
        shape: Sequence[int],
        parts: Sequence[tuple[int, Tensor]],
        total: Callable[[Tensor], Tensor] | None = None,
        like: Tensor | None = None,
    ) -> None:
        self.shape, self.parts, self._total = torch.Size(shape), tuple(parts), total
        self.like = torch.empty(0) if like is None else like.new_empty(0)
        if parts:
            self.like = parts[0][1].new_empty(0)

    @classmethod
    def zeros(cls, shape: Sequence[int], spans: Spans, like: Tensor) -> "Strip":
        """Make a strip of zeros, of the type and device of `like`."""
        return cls(
            shape,
            [
                (first, like.new_zeros((*shape[:2], last - first, shape[3])))
                for first, last in spans
            ],
            like=like,
        )

    @property
    def spans(self) -> Spans:
        """Which rows are here."""
        return merged((first, first + part.shape[-2]) for first, part in self.parts)

    @property
    def device(self) -> torch.device:
        """Where the parts lie."""
        return self.like.device

    def __getitem__(self, key: Any) -> Tensor:
        """View (..., rows, columns): both slices with a start and a stop."""
        _, rows, columns = key
        for first, part in self.parts:
            if first <= rows.start and rows.stop <= first + part.shape[-2]:
                return part[..., rows.start - first : rows.stop - first, columns]
        raise InternalError(f"rows {rows.start} to {rows.stop} are not among {self.spans}")

    def detach(self) -> "Strip":
        """Return the strip: it holds no graph."""
        return self

    def new_empty(self, shape: Sequence[int]) -> Tensor:
        """Make a tensor of the strip's type and device."""
        return self.like.new_empty(tuple(shape))

    def new_tensor(self, numbers: Sequence[float]) -> Tensor:
        """Make a tensor of the strip's type and device."""
        return self.like.new_tensor(numbers)

    def sum_of_rows(self, measure: Callable[[Tensor], Tensor]) -> Tensor:
        """Add up a measure of each row (N, C, W) of the whole, in their order."""
        found = [measure(row) for _, part in self.parts for row in part.unbind(2)]
        row = (self.shape[0], self.shape[1], self.shape[3])
        rows = torch.stack(found) if found else measure(self.like.new_zeros(row))[None][:0]
        return rows.sum(0) if self._total is None else self._total(rows)

    def empty_rows(self) -> Tensor:
        """Make a tensor (N, C, 0, W) of the strip's type and device."""
        return self.like.new_empty((*self.shape[:2], 0, self.shape[3]))


Pixels = Tensor | Strip
"""A whole, or some of its rows."""


def sum_of_rows(pixels: Pixels, measure: Callable[[Tensor], Tensor]) -> Tensor:
    """Add up a measure of each row (N, C, W) of (N, C, H, W), in their order."""
    if isinstance(pixels, Strip):
        return pixels.sum_of_rows(measure)
    return torch.stack([measure(row) for row in pixels.unbind(2)]).sum(0)
