"""Windows: several parts of one tensor, whose gradients flow back into one buffer."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

Box = tuple[int, int, int, int]
"""Top, bottom, left and right; bottom and right lie outside."""
Span = tuple[int, int]
"""First and last along one side; the last lies outside."""


def overlap(box: Box, other: Box) -> Box | None:
    """Return what two boxes share; None where that is nothing."""
    top, bottom = max(box[0], other[0]), min(box[1], other[1])
    left, right = max(box[2], other[2]), min(box[3], other[3])
    return (top, bottom, left, right) if top < bottom and left < right else None


def within(box: Box, frame: Box) -> Box:
    """Return a box in the coordinates of another, whose corner becomes (0, 0)."""
    top, left = frame[0], frame[2]
    return (box[0] - top, box[1] - top, box[2] - left, box[3] - left)


def around(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around some."""
    tops, bottoms, lefts, rights = zip(*boxes, strict=True)
    return (min(tops), max(bottoms), min(lefts), max(rights))


def box_of(mask: Tensor) -> Box:
    """Return the smallest box outside of which a mask (1, 1, H, W) is zero.

    Of a mask that is zero everywhere, return all of it.
    """
    rows, columns = (mask[0, 0].amax(dim).nonzero()[:, 0] for dim in (1, 0))
    if len(rows) == 0:
        return (0, mask.shape[2], 0, mask.shape[3])
    return (int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)


class Rectangular(Protocol):
    """A tensor, or what is indexed as one."""

    def __getitem__(self, key: Any, /) -> Tensor:
        """View (..., rows, columns)."""


def window(tensor: Rectangular, box: Box) -> Tensor:
    """View a box of (N, C, H, W)."""
    top, bottom, left, right = box
    return tensor[..., top:bottom, left:right]


def windows(tensor: Tensor, boxes: Sequence[Box]) -> list[Tensor]:
    """Copy several boxes of (N, C, H, W), in its own layout; the whole is the tensor itself.

    Slicing alone would make autograd fill and add a tensor of the full size for each.
    """
    whole = (0, tensor.shape[2], 0, tensor.shape[3])
    parts = list(dict.fromkeys(box for box in boxes if box != whole))
    if not parts:
        return [tensor] * len(boxes)
    found: tuple[Tensor, ...] = _Windows.apply(tensor, parts)  # type: ignore[no-untyped-call]
    views = dict(zip(parts, found, strict=True)) | {whole: tensor}
    return [views[box] for box in boxes]


class _Windows(Function):
    @staticmethod
    def forward(ctx: Any, tensor: Tensor, boxes: Sequence[Box]) -> tuple[Tensor, ...]:
        ctx.boxes, ctx.like = boxes, torch.empty_like(tensor, device="meta")
        ctx.device = tensor.device
        ctx.set_materialize_grads(False)
        by_position = tensor.is_contiguous(memory_format=torch.channels_last)
        layout = torch.channels_last if by_position else torch.contiguous_format
        return tuple(window(tensor, box).clone(memory_format=layout) for box in boxes)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor, None]:
        total = torch.zeros_like(ctx.like, device=ctx.device)
        for box, gradient in zip(ctx.boxes, gradients, strict=True):
            if gradient is not None:
                window(total, box).add_(gradient)
        return total, None
