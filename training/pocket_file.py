"""The file that the package embeds: averaged weights, whole layers scaled to one order, in fp16."""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from impasto.features.architectures import POCKET
from impasto.features.extractor import Extractor

SEEN = 60
SIDE = 240


def export(
    average: dict[str, Tensor], path: Path, pictures: list[Tensor], facts: dict[str, str]
) -> None:
    """Write the scaled convolutions as fp16 safetensors: conv1_1.weight and so on."""
    trained = {
        name.replace("convolutions.", "conv"): tensor
        for name, tensor in average.items()
        if name.startswith("convolutions.")
    }
    scaled = scaled_to_mean_one(trained, pictures)
    tensors = {name: tensor.half().contiguous() for name, tensor in scaled.items()}
    save_file(tensors, path, metadata={"network": path.stem} | facts)


@torch.no_grad()
def scaled_to_mean_one(weights: dict[str, Tensor], pictures: list[Tensor]) -> dict[str, Tensor]:
    """Scale whole layers so that the mean activation after each ReLU is one over the pictures.

    Gram matrices of all layers are then of one order, as in the normalized network of Gatys et al.
    (2016, sec. 2), which scales channel by channel; here that made noise of rare channels. A ReLU
    network computes the same as before, but for the factors.
    """
    extractor = Extractor(POCKET, weights, pooling="average", padding="reflect")
    names = [name.removesuffix(".bias") for name in weights if name.endswith(".bias")]
    means, seen = dict.fromkeys(names, 0.0), pictures[:: max(1, len(pictures) // SEEN)]
    for picture in seen:
        window = picture[None, :, :SIDE, :SIDE].float() / 255
        features = extractor(window, [name.replace("conv", "relu") for name in names])
        means = {n: m + float(features[n.replace("conv", "relu")].mean()) for n, m in means.items()}
    scaled, before = {}, 1.0
    for name, total in means.items():
        factor = len(seen) / total
        scaled[f"{name}.weight"] = weights[f"{name}.weight"] * (factor / before)
        scaled[f"{name}.bias"] = weights[f"{name}.bias"] * factor
        before = factor
    return scaled
