"""The extractor: image in, feature maps out, by the layer names of the papers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from impasto.errors import InputError, LayerError, ShapeError, WeightsError, unknown_name
from impasto.features import frozen
from impasto.features.architectures import PIXELS, Architecture, Node

POOLINGS = ("max", "average", "average-rescaled")
PADDINGS = ("zeros", "replicate", "reflect")


@dataclass(frozen=True)
class Normalization:
    """What the network expects of its input: sRGB in [0, 1], less a mean, over a deviation."""

    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    deviation: tuple[float, float, float] = (0.229, 0.224, 0.225)


class Extractor(nn.Module):
    """A frozen network that maps an image to `{layer: features}`.

    It owns its preprocessing, so callers hold nothing but pixels; it computes nothing past the
    deepest layer asked for; its weights get no gradients and its callers never change it.

        features = extractor(image, ["relu1_1", "relu4_2"])

    Args:
        architecture: the table of layers.
        weights: `conv1_1.weight`, `conv1_1.bias` and so on; deeper layers may be left out.
        pooling: max, average, or average-rescaled: times 2, which restores the deviation that
            averaging four unrelated numbers halves.
        padding: zeros, replicate or reflect.
        normalization: of the input.
        dtype: computation type; images come in and gradients go out in their own.

    Raises:
        WeightsError: weights are missing or have the wrong shape.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        architecture: Architecture,
        weights: Mapping[str, Tensor],
        *,
        pooling: str = "max",
        padding: str = "zeros",
        normalization: Normalization | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        for kind, value, known in (("pooling", pooling, POOLINGS), ("padding", padding, PADDINGS)):
            if value not in known:
                raise InputError(unknown_name(kind, value, known))
        normalization = normalization or Normalization()
        self.architecture, self.pooling, self.padding = architecture, pooling, padding
        self.available = check_weights(architecture, weights)
        for name, tensor in weights.items():
            layout = torch.channels_last if tensor.ndim == 4 else torch.contiguous_format
            frozen_weight = tensor.detach().to(dtype, copy=True, memory_format=layout)
            self.register_buffer(name.replace(".", "_"), frozen_weight)
        for name in ("mean", "deviation"):
            values = torch.tensor(
                getattr(normalization, name), dtype=torch.promote_types(dtype, torch.float32)
            )
            self.register_buffer(name, values.view(1, 3, 1, 1))

    def forward(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """Extract feature maps.

        Args:
            image: (N, 3, H, W), sRGB in [0, 1].
            layers: names: `relu4_2` (after the ReLU), `conv4_2` (before it), `pool4`, `pixels`.

        Returns:
            (N, C, H', W') by layer name, in the extractor's dtype; `pixels` is the image itself.

        Raises:
            LayerError: the network has no such layer, or no weights that deep.
            ShapeError: the image is not (N, 3, H, W), or too small for the deepest layer.
        """
        layers = tuple(dict.fromkeys(layers))
        last = self.architecture.deepest(layers)
        self._check(image, last)
        found = {PIXELS: image} if PIXELS in layers else {}
        x = self.normalized(image) if last >= 0 else image
        rectified = False
        for position, node in enumerate(self.architecture.nodes[: last + 1]):
            if node.kind == "conv":
                rectified = node.name not in layers and position < last
                x = self._convolve(node, x, rectify=rectified)
            elif node.kind == "relu":
                x = x if rectified else frozen.rectify(x)
            else:
                x = self._pool(x)
            if node.name in layers:
                found[node.name] = x
        return found

    def applied(self, node: Node, x: Tensor) -> Tensor:
        """Compute one step of the network by itself, as a lesson or a measurement needs it."""
        if node.kind == "conv":
            return self._convolve(node, x, rectify=False)
        return frozen.rectify(x) if node.kind == "relu" else self._pool(x)

    @property
    def dtype(self) -> torch.dtype:
        """The computation type."""
        return self.get_buffer("conv1_1_weight").dtype

    def smallest_side(self, layer: str) -> int:
        """The smallest image side, in pixels, from which a layer can be computed."""
        if layer == PIXELS:
            return 1
        node = self.architecture.node(layer)
        reflects = self.padding == "reflect" and node.kind != "pool"
        return node.stride * (2 if reflects else 1)

    def _convolve(self, node: Node, x: Tensor, *, rectify: bool) -> Tensor:
        weight = getattr(self, f"{node.name}_weight")
        bias = getattr(self, f"{node.name}_bias")
        return frozen.convolution(x, weight, bias, padding=self.padding, rectify=rectify)

    def _pool(self, x: Tensor) -> Tensor:
        if self.pooling == "max":
            return frozen.max_pool(x)
        return frozen.average_pool(x, factor=2.0 if self.pooling == "average-rescaled" else 1.0)

    def normalized(self, image: Tensor) -> Tensor:
        """Return what the first convolution gets of pixels (N, 3, H, W), in the own dtype."""
        mean, deviation = self.mean.to(image.dtype), self.deviation.to(image.dtype)
        normalized = ((image - mean) / deviation).to(self.dtype)
        return normalized.contiguous(memory_format=torch.channels_last)

    def _check(self, image: Tensor, last: int) -> None:
        if image.ndim != 4 or image.shape[1] != 3:
            raise ShapeError("an image batch (N, 3, H, W)", tuple(image.shape))
        if not image.is_floating_point():
            raise InputError(f"expected pixels in [0, 1] of a float type, got {image.dtype}")
        if last < 0:
            return
        self.check_size((image.shape[-2], image.shape[-1]), [self.architecture.nodes[last].name])

    def check_size(self, size: tuple[int, int], layers: Iterable[str]) -> None:
        """Refuse images of a size (height, width) that have no position of some layer.

        Raises:
            LayerError: the network has no such layer, or no weights that deep.
            ShapeError: the size is too small.
        """
        last = self.architecture.deepest(tuple(layers))
        if last < 0:
            return
        node = self.architecture.nodes[last]
        if last > self.available:
            raise LayerError(
                f"the weights of {self.architecture.name} end at "
                f"{self.architecture.nodes[self.available].name}, before {node.name}: choose a "
                "shallower layer or a weights file that goes deeper"
            )
        smallest = self.smallest_side(node.name)
        if min(size) < smallest:
            raise ShapeError(
                f"an image of at least {smallest} x {smallest} px for {node.name}",
                size,
                "choose a larger size or a shallower layer",
            )


def check_weights(architecture: Architecture, weights: Mapping[str, Tensor]) -> int:
    """Check the weights' shapes; return the position of the deepest layer they allow."""
    shapes = architecture.weight_shapes()
    for name, tensor in weights.items():
        if name not in shapes or tuple(tensor.shape) != shapes[name]:
            raise WeightsError(
                f"expected weights of {architecture.name}"
                + (f" with {name} of shape {shapes[name]}" if name in shapes else "")
                + f", got {name} of shape {tuple(tensor.shape)}; is this file for another network?"
            )
    complete = 0
    for name in architecture.convolutions:
        if not {f"{name}.weight", f"{name}.bias"} <= weights.keys():
            break
        complete += 1
    if complete == 0 or len(weights) != 2 * complete:
        lacking = architecture.convolutions[complete]
        raise WeightsError(f"the weights lack {lacking}, which {architecture.name} needs")
    return _last_before_next(architecture, complete)


def _last_before_next(architecture: Architecture, convolutions: int) -> int:
    """Position of the last node that needs no more than the first so many convolutions."""
    if convolutions == len(architecture.convolutions):
        return len(architecture.nodes) - 1
    return architecture.positions[architecture.convolutions[convolutions]] - 1
