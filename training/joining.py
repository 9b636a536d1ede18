"""An earlier version's deep layers on new shallow ones, by a linear map fitted between them."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from impasto.features.architectures import POCKET
from impasto.features.extractor import Extractor
from least_squares import fitted, rows, with_ones
from student import Student
from teacher import CONVOLUTIONS


@torch.no_grad()
def join(student: Student, earlier: Path, layer: str, image: Tensor) -> float:
    """Replace the student's convolutions from `layer` (3_1) on by those of an earlier version.

    That version's features before the layer are predicted from the student's own by least squares
    over a batch; the map is folded into the layer, which is linear too.

    Returns:
        The share of the features' variance that the map explains.
    """
    weights = {name: tensor.float() for name, tensor in load_file(earlier).items()}
    before = CONVOLUTIONS[CONVOLUTIONS.index(layer) - 1]
    extractor = Extractor(POCKET, weights, pooling="average", padding="reflect")
    wanted = rows(extractor(image, [f"relu{before}"])[f"relu{before}"])
    given = with_ones(rows(student.features(image)[before]))
    linear = fitted(given, wanted)
    for name in CONVOLUTIONS[CONVOLUTIONS.index(layer) :]:
        _copy(student, weights, name)
    _fold(student, layer, linear)
    rest = (wanted - given @ linear).square().sum()
    return 1 - float(rest / (wanted - wanted.mean(0)).square().sum())


def _copy(student: Student, weights: Mapping[str, Tensor], name: str) -> None:
    layer = student.convolutions[name]
    layer.weight.copy_(weights[f"conv{name}.weight"])
    layer.bias.copy_(weights[f"conv{name}.bias"])


def _fold(student: Student, name: str, linear: Tensor) -> None:
    """Let a convolution take the student's features where it took those of the earlier version."""
    layer = student.convolutions[name]
    channels, offset = linear[:-1].float(), linear[-1].float()
    layer.bias.add_(layer.weight.sum((2, 3)) @ offset)
    layer.weight.copy_(torch.einsum("okij,ck->ocij", layer.weight, channels))
