"""The network on paper: shapes, parameters and work of every layer, without any weights."""

from dataclasses import dataclass

from impasto.features.architectures import Architecture

VGG_SIDE = 224
"""The side of the pictures that VGG was trained on, in pixels."""


@dataclass(frozen=True)
class LayerShape:
    """One step of a network at one size of picture; counts are for a batch of one."""

    name: str
    kind: str
    nchw: tuple[int, int, int, int]
    parameters: int
    """Weights and biases."""
    multiply_adds: int

    @property
    def nhwc(self) -> tuple[int, int, int, int]:
        """The same shape with the channels last."""
        n, c, h, w = self.nchw
        return n, h, w, c

    @property
    def numbers(self) -> int:
        """How many numbers the step puts out."""
        n, c, h, w = self.nchw
        return n * c * h * w


def shapes(architecture: Architecture, height: int, width: int) -> tuple[LayerShape, ...]:
    """Write down every step of a network for a picture of `height` x `width` pixels.

    A 3 x 3 convolution over padding of 1 keeps the size and takes 9 multiply-adds for each pair of
    an input and an output channel at each position; pooling halves the size and drops what is odd.
    """
    found: list[LayerShape] = []
    channels = 3
    for node in architecture.nodes:
        if node.kind == "pool":
            height, width = height // 2, width // 2
        convolves = node.kind == "conv"
        weights = 9 * channels * node.channels if convolves else 0
        found.append(
            LayerShape(
                node.name,
                node.kind,
                (1, node.channels, height, width),
                weights + node.channels if convolves else 0,
                weights * height * width,
            )
        )
        channels = node.channels
    return tuple(found)


def receptive_field(architecture: Architecture, layer: str) -> int:
    """Side in pixels of the square that one position of a layer can see."""
    side, stride = 1, 1
    for node in architecture.nodes[: architecture.positions[layer] + 1]:
        if node.kind == "conv":
            side += 2 * stride
        elif node.kind == "pool":
            side, stride = side + stride, stride * 2
    return side


def first_of_blocks(architecture: Architecture) -> tuple[str, ...]:
    """Name the layers of the style: relu1_1, relu2_1 to relu5_1."""
    return tuple(f"relu{block}_1" for block in range(1, len(architecture.blocks) + 1))


def content_layers(architecture: Architecture) -> tuple[str, ...]:
    """Name the layers of Figure 1 of Gatys et al. 2016: relu1_2 to relu5_2, or the nearest."""
    blocks = enumerate(architecture.blocks, start=1)
    return tuple(f"relu{block}_{min(2, len(widths))}" for block, widths in blocks)


def in_order(architecture: Architecture, layers: list[str]) -> tuple[str, ...]:
    """Sort layers from shallow to deep, each once."""
    return tuple(sorted(set(layers), key=architecture.positions.__getitem__))
