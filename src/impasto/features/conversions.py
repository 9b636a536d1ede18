"""Weights as other tools name and prepare them, brought to the names and input of our extractor."""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from impasto.features.architectures import Architecture
from impasto.features.extractor import Normalization
from impasto.weights.catalog import Preprocessing


def converted(
    table: Architecture, tensors: Mapping[str, Tensor], preprocessing: Preprocessing = "torchvision"
) -> dict[str, Tensor]:
    """Return weights under paper names (`conv1_1.weight`) for RGB.

    Recognized are torchvision's state dicts and the compressed VGG-19 of Wang et al. (CVPR 2020);
    others keep their names. Caffe's order, BGR, is turned around in conv1_1, which is exact; its
    mean and scale are left to the extractor's normalization: with zero padding no convolution can
    take a mean over, as the padding comes after it.

    Args:
        table: of the network.
        tensors: as another tool saved them.
        preprocessing: that the tensors expect.
    """
    named = _named(table, tensors)
    if preprocessing == "caffe" and "conv1_1.weight" in named:
        named["conv1_1.weight"] = named["conv1_1.weight"].flip(1)
    return named


def _named(table: Architecture, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    if "preprocess.weight" in tensors:
        return _without_preprocessing(tensors)
    if any(name.startswith("features.") for name in tensors):
        return _without_numbers(table, tensors)
    return dict(tensors)


def _without_numbers(table: Architecture, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename `features.0.weight`; torchvision's classifier and what lies past the table go."""
    renamed = {}
    for name, tensor in tensors.items():
        match = re.fullmatch(r"features\.(\d+)\.(weight|bias)", name)
        if match and int(match[1]) < len(table.nodes):
            renamed[f"{table.nodes[int(match[1])].name}.{match[2]}"] = tensor
    return renamed


def _without_preprocessing(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Fold the 1 x 1 convolution before conv1_1 into it, and leave the heads out.

    Exact for every padding that repeats pixels of the image (reflect, replicate).
    """
    ours = Normalization()
    mean, deviation = torch.tensor(ours.mean), torch.tensor(ours.deviation)
    matrix, offset = tensors["preprocess.weight"][:, :, 0, 0], tensors["preprocess.bias"]
    first, bias = tensors["conv1_1.weight"], tensors["conv1_1.bias"]
    kept = {name: tensor for name, tensor in tensors.items() if name.startswith("conv")}
    return kept | {
        "conv1_1.weight": torch.einsum("okij,kc->ocij", first, matrix * deviation),
        "conv1_1.bias": bias + first.sum((2, 3)) @ (matrix @ mean + offset),
    }
