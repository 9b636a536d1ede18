"""Least squares between feature maps, position by position."""

import torch
from torch import Tensor

RIDGE = 1e-6
"""Share of the mean square of the inputs that is added, against dead channels."""


def rows(features: Tensor) -> Tensor:
    """Positions of a batch (N, C, H, W) as rows (N H W, C), in float64."""
    return features.flatten(2).transpose(1, 2).flatten(0, 1).double()


def with_ones(inputs: Tensor) -> Tensor:
    """A last column of ones, for the offset."""
    return torch.cat([inputs, torch.ones(len(inputs), 1).double()], 1)


def fitted(inputs: Tensor, wanted: Tensor) -> Tensor:
    """The linear map (inputs, outputs) that brings rows of inputs nearest to rows wanted."""
    return solved(inputs.T @ inputs, inputs.T @ wanted)


def solved(gram: Tensor, cross: Tensor, ridge: float = RIDGE) -> Tensor:
    """The same from sums of products, which add up over batches."""
    size = ridge * gram.diagonal().mean()
    return torch.linalg.solve(gram + size * torch.eye(len(gram)).double(), cross)
