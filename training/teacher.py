"""The teacher: a compressed VGG-19 up to relu5_1 (Wang et al., CVPR 2020)."""

from pathlib import Path

import torch
import torch.nn.functional as functional
from safetensors.torch import load_file
from torch import Tensor

CONVOLUTIONS = [
    "1_1",
    "1_2",
    "2_1",
    "2_2",
    "3_1",
    "3_2",
    "3_3",
    "3_4",
    "4_1",
    "4_2",
    "4_3",
    "4_4",
    "5_1",
]
POOL_BEFORE = {"2_1", "3_1", "4_1", "5_1"}
HEADS = ("1_1", "2_1", "3_1", "4_1", "5_1")

THINNING = {"1": 4, "2": 2}


def thinned(features: Tensor, name: str) -> Tensor:
    """Keep every 4th position of block 1, every 2nd of block 2: a sample of the loss, far cheaper.

    Crops fall at random offsets, so in the long run every phase is seen.
    """
    stride = THINNING.get(name[0], 1)
    return features[:, :, ::stride, ::stride]


class Teacher(torch.nn.Module):
    """Maps sRGB pixels (N, 3, H, W) in [0, 1] to features by layer name.

    `relu1_1` .. `relu5_1` are the compressed features themselves; `head1_1`, `head2_1` .. `head5_1`
    are what its learned heads widen them to, after a ReLU: 64, 128, 256, 512 and 512 channels that
    approximate VGG-19's own.
    """

    def __init__(self, path: Path, *, average_pool: bool = False) -> None:
        super().__init__()
        for name, tensor in load_file(path).items():
            self.register_buffer(name.replace(".", "_"), tensor)
        self.average_pool = average_pool

    def convolve(self, name: str, x: Tensor) -> Tensor:
        return functional.conv2d(x, getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias"))

    @torch.no_grad()
    def forward(self, image: Tensor, *, thin: bool = False) -> dict[str, Tensor]:
        pool = functional.avg_pool2d if self.average_pool else functional.max_pool2d
        features, x = {}, self.convolve("preprocess", image)
        for name in CONVOLUTIONS:
            x = pool(x, 2) if name in POOL_BEFORE else x
            x = torch.relu(
                self.convolve(f"conv{name}", functional.pad(x, (1, 1, 1, 1), mode="reflect"))
            )
            kept = thinned(x, name) if thin else x
            features[f"relu{name}"] = kept
            if name in HEADS:
                features[f"head{name}"] = torch.relu(self.convolve(f"head{name}", kept))
        return features
