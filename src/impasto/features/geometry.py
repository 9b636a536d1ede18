"""Geometry of a network: which pixels a layer's positions see, and how boxes of both correspond.

All follows from the table: a 3 x 3 convolution sees one position more on each side, a 2 x 2 pooling
joins two positions and drops what is left over at the end. Padding never adds to what is seen: at
the borders of the image a span just ends there.
"""

from collections.abc import Iterable

from impasto.features.architectures import PIXELS, Architecture, Node
from impasto.numerics.windows import Box, Span

Size = tuple[int, int]
"""Height and width."""


def stride(architecture: Architecture, layer: str) -> int:
    """Pixels between two neighboring positions of a layer."""
    return 1 if layer == PIXELS else architecture.node(layer).stride


def channels(architecture: Architecture, layer: str) -> int:
    """Channels of a layer."""
    return 3 if layer == PIXELS else architecture.node(layer).channels


def grid(architecture: Architecture, layer: str, size: Size) -> Size:
    """Positions (height, width) that a layer has of an image of a size in pixels."""
    step = stride(architecture, layer)
    return size[0] // step, size[1] // step


def receptive_field(architecture: Architecture, layer: str) -> int:
    """Side in pixels of what a position of a layer sees, far from the borders."""
    # A position so far inside a picture so large that no border clips what it sees.
    far = 1024
    size = 2 * far * stride(architecture, layer)
    first, last = needed_span(architecture, layer, (far, far + 1), size)
    return last - first


def halo(architecture: Architecture, layer: str) -> int:
    """Pixels that a position of a layer sees beyond its own cell of stride x stride, on each side.

    With 3 x 3 convolutions and 2 x 2 poolings it is the same before and after the cell.
    """
    return (receptive_field(architecture, layer) - stride(architecture, layer)) // 2


def needed_span(architecture: Architecture, layer: str, span: Span, size: int) -> Span:
    """Return the span of pixels that a span of a layer's positions is computed from.

    Args:
        architecture: the network.
        layer: by name.
        span: first position, and the one after the last, along one side; not empty.
        size: pixels of the image along that side.
    """
    first, last = span
    for node in reversed(_up_to(architecture, layer)):
        if node.kind == "pool":
            first, last = 2 * first, 2 * last
        elif node.kind == "conv":
            first, last = max(0, first - 1), min(size // node.stride, last + 1)
    return first, last


def input_box(architecture: Architecture, boxes: Iterable[tuple[str, Box]], size: Size) -> Box:
    """Return the box of pixels from which the network computes boxes of positions exactly.

    The box begins on the grid of the deepest layer, so that pooling joins the same positions as in
    the whole image. Where it ends inside of the image, the padding of convolutions there spoils
    positions that nobody asked for; where it ends with the image, the padding is that of the image.

    Args:
        architecture: the network.
        boxes: layers with boxes of their positions, none empty; at least one.
        size: of the image in pixels.
    """
    boxes = list(boxes)
    step = max(stride(architecture, layer) for layer, _ in boxes)
    spans = []
    for side in (0, 1):
        found = [
            needed_span(architecture, layer, (box[2 * side], box[2 * side + 1]), size[side])
            for layer, box in boxes
        ]
        first = min(first for first, _ in found)
        spans.append((first // step * step, max(last for _, last in found)))
    return (*spans[0], *spans[1])


def work(architecture: Architecture, layers: Iterable[str], size: Size) -> float:
    """Multiplications that the convolutions up to the deepest of some layers take of an image."""
    total, before = 0.0, 3
    last = architecture.deepest(tuple(layers))
    for node in architecture.nodes[: last + 1]:
        if node.kind == "conv":
            positions = (size[0] // node.stride) * (size[1] // node.stride)
            total += 9 * before * node.channels * positions
        before = node.channels
    return total


def _up_to(architecture: Architecture, layer: str) -> tuple[Node, ...]:
    if layer == PIXELS:
        return ()
    return architecture.nodes[: architecture.positions[architecture.node(layer).name] + 1]
