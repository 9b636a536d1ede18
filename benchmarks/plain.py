"""Gatys's method as an able PyTorch user writes it in an afternoon: the yardstick.

Written from the paper (Gatys, Ecker, Bethge, CVPR 2016), fp32 and NCHW throughout, on
`nn.Sequential` in torchvision's layer order, with its in-place ReLUs. It knows nothing of impasto.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

VGG19 = (64, 64, "M", 128, 128, "M", *(256,) * 4, "M", *(512,) * 4, "M", *(512,) * 4, "M")
POCKET = (16, 16, "A", 32, 32, "A", *(64,) * 4, "A", *(128,) * 4, "A", 128)

STYLE_LAYERS = (1, 6, 11, 20, 29)
"""relu1_1, relu2_1, relu3_1, relu4_1, relu5_1 by torchvision's numbers."""
CONTENT_LAYER = 22
"""relu4_2"""


def build_network(table: Sequence[int | str], *, padding_mode: str = "zeros") -> nn.Sequential:
    """Build the frozen network up to relu5_1; M is max pooling, A average pooling."""
    layers: list[nn.Module] = []
    channels = 3
    for entry in table:
        if isinstance(entry, str):
            layers.append(nn.MaxPool2d(2) if entry == "M" else nn.AvgPool2d(2))
            continue
        conv = nn.Conv2d(channels, entry, kernel_size=3, padding=1, padding_mode=padding_mode)
        layers += [conv, nn.ReLU(inplace=True)]
        channels = entry
    return nn.Sequential(*layers[: STYLE_LAYERS[-1] + 1]).eval().requires_grad_(False)


def gram(features: Tensor) -> Tensor:
    """(N, C, H, W) to (N, C, C): eq. 3, per position."""
    flat = features.flatten(2)
    return torch.bmm(flat, flat.transpose(1, 2)) / flat.shape[2]


class StyleTransfer(nn.Module):
    """The loss of one generated image against a content and a style image."""

    def __init__(
        self,
        network: nn.Sequential,
        content: Tensor,
        style: Tensor,
        *,
        content_weight: float = 1.0,
        style_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.network = network
        self.content_weight, self.style_weight = content_weight, style_weight
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        with torch.no_grad():
            self.content_target = self.features(content)[CONTENT_LAYER]
            styles = self.features(style)
            self.style_targets = [gram(styles[layer]) for layer in STYLE_LAYERS]

    def features(self, image: Tensor) -> dict[int, Tensor]:
        x = (image - self.mean) / self.std
        found = {}
        for index, layer in enumerate(self.network):
            x = layer(x)
            if index in STYLE_LAYERS or index == CONTENT_LAYER:
                found[index] = x
        return found

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return the weighted content loss (eq. 1) and the weighted style loss (eq. 4 and 5)."""
        features = self.features(image)
        content = F.mse_loss(features[CONTENT_LAYER], self.content_target, reduction="sum") / 2
        style = sum(
            F.mse_loss(gram(features[layer]), target) / 4
            for layer, target in zip(STYLE_LAYERS, self.style_targets, strict=True)
        )
        return self.content_weight * content, self.style_weight * style / len(STYLE_LAYERS)


def adam_step(loss: StyleTransfer, image: Tensor, optimizer: torch.optim.Optimizer) -> float:
    """Take one step of Adam; pixels stay in [0, 1]."""
    optimizer.zero_grad()
    content, style = loss(image)
    total = content + style
    total.backward()
    optimizer.step()
    with torch.no_grad():
        image.clamp_(0, 1)
    return total.item()


def stylize(
    loss: StyleTransfer, start: Tensor, *, steps: int, optimizer: str = "lbfgs"
) -> tuple[Tensor, list[float]]:
    """Run the loop; return the image and the loss at each step."""
    image = start.clone().requires_grad_()
    history: list[float] = []
    if optimizer == "adam":
        adam = torch.optim.Adam([image], lr=0.02)
        history = [adam_step(loss, image, adam) for _ in range(steps)]
        return image.detach(), history
    lbfgs = torch.optim.LBFGS([image], max_iter=steps, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        lbfgs.zero_grad()
        total = sum(loss(image))
        total.backward()
        history.append(total.item())
        return total

    lbfgs.step(closure)
    return image.detach().clamp(0, 1), history
