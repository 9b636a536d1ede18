"""Convolution, ReLU and pooling for frozen networks, keeping only what the backward pass needs.

Autograd keeps every convolution's input for a weight gradient that nobody asks for, whole tensors
where a ReLU needs one bit per number, and 64-bit indices where 2 x 2 max pooling needs two bits.
Here a convolution keeps its weights alone, a ReLU one bit, max pooling one byte per output.
Gradients are those of the plain operations, once differentiable.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from impasto.numerics.autograd import apply


@dataclass(frozen=True)
class SignBits:
    """Which numbers of a tensor are above zero, one bit each, in the tensor's own memory order."""

    bits: Tensor
    shape: torch.Size
    channels_last: bool

    @classmethod
    def of(cls, features: Tensor) -> "SignBits":
        """Pack the signs of rectified features (N, C, H, W)."""
        channels_last = features.is_contiguous(memory_format=torch.channels_last)
        # After a ReLU nothing is below zero, and the cast is several times faster than comparing.
        above = features.bool()
        above = above.permute(0, 2, 3, 1) if channels_last else above
        return cls(_pack(above.contiguous().flatten()), features.shape, channels_last)

    def unpack(self) -> Tensor:
        """Return a boolean tensor of the features' shape."""
        samples, channels, height, width = self.shape
        above = _unpack(self.bits, self.shape.numel())
        if self.channels_last:
            return above.view(samples, height, width, channels).permute(0, 3, 1, 2)
        return above.view(self.shape)

    def keep(self, gradient: Tensor) -> Tensor:
        """Return the gradient where the features were above zero, and zeros elsewhere."""
        # Cast first: a product of mixed types would convert number by number, far slower.
        return gradient * self.unpack().to(gradient.dtype)


def _pack(above: Tensor) -> Tensor:
    if above.device.type == "cpu":
        return torch.from_numpy(np.packbits(above.numpy(), bitorder="little"))
    padded = functional.pad(above.to(torch.uint8), (0, -above.numel() % 8)).view(-1, 8)
    return (padded << _shifts(above.device)).sum(1, dtype=torch.uint8)


def _unpack(bits: Tensor, count: int) -> Tensor:
    if bits.device.type == "cpu":
        unpacked = np.unpackbits(bits.numpy(), count=count, bitorder="little")
        return torch.from_numpy(unpacked).view(torch.bool)
    return ((bits[:, None] >> _shifts(bits.device)) & 1).flatten()[:count].bool()


def _shifts(device: torch.device) -> Tensor:
    return torch.arange(8, dtype=torch.uint8, device=device)


class _Convolution(Function):
    """3 x 3 convolution over padding of 1, with an optional ReLU; weights get no gradient."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, padding: str, rectify: bool
    ) -> Tensor:
        y = _convolve(x, weight, bias, padding)
        y = y.relu_() if rectify else y
        if ctx.needs_input_grad[0]:
            ctx.save_for_backward(weight)
            ctx.padding, ctx.signs = padding, SignBits.of(y) if rectify else None
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None, None]:
        (weight,) = ctx.saved_tensors
        if ctx.signs is not None:
            gradient = ctx.signs.keep(gradient)
        zeros = ctx.padding == "zeros"
        pulled = functional.conv_transpose2d(gradient, weight, padding=1 if zeros else 0)
        return (pulled if zeros else _fold(pulled, ctx.padding)), None, None, None, None


def _convolve(x: Tensor, weight: Tensor, bias: Tensor, padding: str) -> Tensor:
    if padding == "zeros":
        return functional.conv2d(x, weight, bias, padding=1)
    return functional.conv2d(functional.pad(x, (1, 1, 1, 1), mode=padding), weight, bias)


def _fold(padded: Tensor, padding: str) -> Tensor:
    """Add the gradient at the padding to the pixels it was copied from; a view into `padded`."""
    inward = 2 if padding == "reflect" else 1
    for dimension in (-1, -2):
        last = padded.shape[dimension] - 1
        for edge, source in ((0, inward), (last, last - inward)):
            padded.select(dimension, source).add_(padded.select(dimension, edge))
    return padded[..., 1:-1, 1:-1]


class _Rectify(Function):
    """ReLU that keeps one bit per number."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        y = torch.relu(x)
        if ctx.needs_input_grad[0]:
            ctx.signs = SignBits.of(y)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        signs: SignBits = ctx.signs
        return signs.keep(gradient)


class _AveragePool(Function):
    """2 x 2 average pooling times a factor; keeps the input's shape alone."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, factor: float) -> Tensor:
        ctx.shape, ctx.factor = x.shape, factor
        y = functional.avg_pool2d(x, 2)
        return y if factor == 1 else y.mul_(factor)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        spread = functional.interpolate(gradient * (ctx.factor / 4), scale_factor=2, mode="nearest")
        height, width = ctx.shape[-2:]
        odd = (0, width - spread.shape[-1], 0, height - spread.shape[-2])
        return functional.pad(spread, odd) if any(odd) else spread, None


class _MaxPool(Function):
    """2 x 2 max pooling; keeps which of the four was taken, one byte per output."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        y = functional.max_pool2d(x, 2)
        ctx.shape = x.shape
        if ctx.needs_input_grad[0]:
            ctx.corner = _corner(x, y)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        last = gradient.is_contiguous(memory_format=torch.channels_last)
        layout = torch.channels_last if last else torch.contiguous_format
        pulled = torch.empty(
            ctx.shape, dtype=gradient.dtype, device=gradient.device, memory_format=layout
        ).zero_()
        height, width = gradient.shape[-2] * 2, gradient.shape[-1] * 2
        for corner in range(4):
            place = pulled[..., corner // 2 : height : 2, corner % 2 : width : 2]
            torch.mul(gradient, ctx.corner == corner, out=place)
        return pulled


def _corner(x: Tensor, largest: Tensor) -> Tensor:
    """Tell which of the four each maximum is, the first of equal ones; `index` would be 64-bit."""
    height, width = largest.shape[-2] * 2, largest.shape[-1] * 2
    corner = torch.zeros_like(largest, dtype=torch.uint8)
    for number in (3, 2, 1):
        corner.masked_fill_(
            x[..., number // 2 : height : 2, number % 2 : width : 2] == largest, number
        )
    return corner.masked_fill_(x[..., :height:2, :width:2] == largest, 0)


def convolution(
    x: Tensor, weight: Tensor, bias: Tensor, *, padding: str, rectify: bool = False
) -> Tensor:
    """3 x 3 convolution of (N, C, H, W) over padding of 1 (zeros, replicate, reflect), and ReLU."""
    return apply(_Convolution, x, weight, bias, padding, rectify)


def rectify(x: Tensor) -> Tensor:
    """ReLU of (N, C, H, W)."""
    return apply(_Rectify, x)


def average_pool(x: Tensor, *, factor: float = 1.0) -> Tensor:
    """Mean of each 2 x 2 window, times `factor`; an odd last row or column is left out."""
    return apply(_AveragePool, x, factor)


def max_pool(x: Tensor) -> Tensor:
    """Maximum of each 2 x 2 window; an odd last row or column is left out."""
    return apply(_MaxPool, x)
