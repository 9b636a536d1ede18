"""Floating-point types for sums, wider than what is summed."""

import torch
from torch import Tensor


def wide(tensor: Tensor) -> Tensor:
    """Return the tensor in float32, or in float64 if it is in that."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


def widest(tensor: Tensor) -> Tensor:
    """Return the tensor in float64; in float32 on Apple's GPU, which knows no float64."""
    return tensor.to(torch.float32 if tensor.device.type == "mps" else torch.float64)
