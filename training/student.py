"""The student: VGG-19's layout to relu5_1, narrow, with average pooling and reflect padding."""

from collections.abc import Mapping

import torch
import torch.nn.functional as functional
from torch import Tensor

from least_squares import fitted, rows, with_ones
from teacher import CONVOLUTIONS, POOL_BEFORE, thinned

WIDTHS = {"1": 16, "2": 32, "3": 64, "4": 128, "5": 128}
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
FAINT = 0.1
"""How loudly a revived channel is heard at first, against a fresh one."""


class Student(torch.nn.Module):
    """Convolutions to be kept, and linear heads to the teacher's maps, which are thrown away.

    Args:
        target_channels: channels of each of the teacher's maps, by its name (`relu3_1`, `head3_1`);
            the number after the first four letters says at which layer it is predicted.
    """

    def __init__(self, target_channels: Mapping[str, int]) -> None:
        super().__init__()
        self.convolutions, self.heads = torch.nn.ModuleDict(), torch.nn.ModuleDict()
        channels = 3
        for name in CONVOLUTIONS:
            width = WIDTHS[name[0]]
            layer = torch.nn.Conv2d(channels, width, 3)
            torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            torch.nn.init.zeros_(layer.bias)
            self.convolutions[name] = layer
            channels = width
        for name, count in target_channels.items():
            self.heads[name] = torch.nn.Conv2d(WIDTHS[name[4]], count, 1)
            self.register_buffer(f"scale_{name}", torch.ones(()))
        self.active: dict[str, Tensor] = {}
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1))

    def normalized(self, image: Tensor) -> Tensor:
        """What the first convolution sees of sRGB pixels in [0, 1]."""
        return (image - self.mean) / self.deviation

    def features(self, image: Tensor) -> dict[str, Tensor]:
        """Map sRGB pixels (N, 3, H, W) in [0, 1] to own features by convolution: `3_1`."""
        found, x = {}, self.normalized(image)
        for name in CONVOLUTIONS:
            x = functional.avg_pool2d(x, 2) if name in POOL_BEFORE else x
            x = torch.relu(self.convolutions[name](functional.pad(x, (1, 1, 1, 1), mode="reflect")))
            found[name] = x
        return found

    def forward(self, image: Tensor, *, thin: bool = False) -> dict[str, Tensor]:
        """Predict the teacher's maps by name."""
        features = self.features(image)
        if self.training:
            self._remember_active(features)
        seen = {name: thinned(x, name) if thin else x for name, x in features.items()}
        return {
            name: head(seen[name[4:]]) * getattr(self, f"scale_{name}")
            for name, head in self.heads.items()
        }

    @torch.no_grad()
    def fit_heads(self, image: Tensor, targets: Mapping[str, Tensor]) -> None:
        """Set the heads to what least squares gives for a batch, and the maps' scales with them.

        The teacher's maps are of very different size, and so would be the heads; steps of one
        length would take some of them nowhere.
        """
        features = {name: thinned(x, name) for name, x in self.features(image).items()}
        for name, target in targets.items():
            scale = target.float().std()
            getattr(self, f"scale_{name}").copy_(scale)
            inputs = with_ones(rows(features[name[4:]]))
            linear = fitted(inputs, rows(target / scale))
            self.heads[name].weight.copy_(linear[:-1].T[:, :, None, None])
            self.heads[name].bias.copy_(linear[-1])

    @torch.no_grad()
    def _remember_active(self, features: Mapping[str, Tensor]) -> None:
        for name, x in features.items():
            seen = x.amax((0, 2, 3)) > 0
            self.active[name] = self.active.get(name, seen) | seen

    @torch.no_grad()
    def revive(self, seed: int) -> dict[str, int]:
        """Draw channels anew that were never active since the last call; return how many by layer.

        A ReLU that is zero everywhere gets no gradient and stays so; without this, two thirds of
        the deep channels died. What follows listens to a revived channel only faintly at
        first, so that the network goes on computing nearly what it did.
        """
        generator = torch.Generator().manual_seed(seed)
        counts = {name: int((~self.active[name]).sum()) for name in CONVOLUTIONS}
        for index, name in enumerate(CONVOLUTIONS):
            dead, layer = ~self.active[name], self.convolutions[name]
            layer.weight[dead], layer.bias[dead] = _drawn(layer.weight, generator)[dead], 0.0
            following = [head for key, head in self.heads.items() if key[4:] == name]
            following += [self.convolutions[n] for n in CONVOLUTIONS[index + 1 : index + 2]]
            for heard in following:
                heard.weight[:, dead] = FAINT * _drawn(heard.weight, generator)[:, dead]
        self.active = {}
        return counts


def _drawn(like: Tensor, generator: torch.Generator) -> Tensor:
    fresh = torch.empty_like(like)
    torch.nn.init.kaiming_normal_(fresh, nonlinearity="relu", generator=generator)
    return fresh
