"""The networks as tables: VGG-19, VGG-16 (Simonyan and Zisserman 2014), and the compact pocket.

Layers go by the names of the papers: `conv4_2` is the second convolution of the fourth block before
its ReLU, `relu4_2` after it, `pool4` the pooling at the block's end, and `pixels` the image itself.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from impasto.errors import LayerError, WeightsError, unknown_name

PIXELS = "pixels"


@dataclass(frozen=True)
class Node:
    """One step of the network."""

    name: str
    kind: Literal["conv", "relu", "pool"]
    channels: int
    stride: int
    """How many image pixels lie between two neighboring positions."""

    @property
    def convolution(self) -> str:
        """The convolution behind a `conv` or `relu` node: `conv4_2` for `relu4_2`."""
        return "conv" + self.name[4:]


@dataclass(frozen=True)
class Architecture:
    """A stack of blocks of 3 x 3 convolutions with ReLU; 2 x 2 pooling ends each block."""

    name: str
    blocks: tuple[tuple[int, ...], ...]
    """Output channels of each convolution, block by block."""
    final_pool: bool = True

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All steps in the order of the network."""
        found: list[Node] = []
        for block, widths in enumerate(self.blocks, start=1):
            stride = 2 ** (block - 1)
            for index, width in enumerate(widths, start=1):
                found.append(Node(f"conv{block}_{index}", "conv", width, stride))
                found.append(Node(f"relu{block}_{index}", "relu", width, stride))
            if self.final_pool or block < len(self.blocks):
                found.append(Node(f"pool{block}", "pool", widths[-1], stride * 2))
        return tuple(found)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Position of each named node; torchvision numbers its `features` in the same way."""
        return {node.name: index for index, node in enumerate(self.nodes)}

    @cached_property
    def convolutions(self) -> tuple[str, ...]:
        """Names of the convolutions in order."""
        return tuple(node.name for node in self.nodes if node.kind == "conv")

    def node(self, layer: str) -> Node:
        """Look a layer up by name.

        Raises:
            LayerError: this network has no such layer.
        """
        if layer not in self.positions:
            raise LayerError(
                unknown_name(f"layer of {self.name}", layer, (PIXELS, *self.positions))
            )
        return self.nodes[self.positions[layer]]

    def deepest(self, layers: tuple[str, ...]) -> int:
        """Position of the deepest of the layers; -1 when all that is asked for is the pixels."""
        return max((self.positions[self.node(n).name] for n in layers if n != PIXELS), default=-1)

    def ordinal(self, number: int) -> str:
        """Name the convolution by its number from 1: the 7th of VGG-19 is conv3_3.

        Raises:
            LayerError: there is no such convolution.
        """
        if not 1 <= number <= len(self.convolutions):
            raise LayerError(
                f"{self.name} has convolutions 1 to {len(self.convolutions)}, got {number}"
            )
        return self.convolutions[number - 1]

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the weights, `conv1_1.weight` (out, in, 3, 3) and `conv1_1.bias` (out,)."""
        shapes: dict[str, tuple[int, ...]] = {}
        channels = 3
        for name in self.convolutions:
            width = self.node(name).channels
            shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (width, channels, 3, 3), (width,)
            channels = width
        return shapes


VGG19 = Architecture("vgg19", ((64,) * 2, (128,) * 2, (256,) * 4, (512,) * 4, (512,) * 4))
VGG16 = Architecture("vgg16", ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3))
POCKET = Architecture(
    "pocket", ((16,) * 2, (32,) * 2, (64,) * 4, (128,) * 4, (128,)), final_pool=False
)
VGG19_COMPRESSED = Architecture("vgg19-compressed", POCKET.blocks, final_pool=False)

ARCHITECTURES = {a.name: a for a in (VGG19, VGG16, POCKET, VGG19_COMPRESSED)}


def architecture(name: str) -> Architecture:
    """Look an architecture up by name.

    Raises:
        WeightsError: there is none of that name.
    """
    if name not in ARCHITECTURES:
        raise WeightsError(unknown_name("network", name, ARCHITECTURES))
    return ARCHITECTURES[name]
