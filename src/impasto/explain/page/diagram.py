"""The network as a row of boxes: as tall as the maps are large, as wide as they are many."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from impasto.explain.layers import LayerShape

WIDTH, BASE = 780.0, 150.0
"""Of the drawing; height of the tallest box."""
GAP = 7.0


@dataclass(frozen=True)
class Box:
    """One layer, in units of the drawing."""

    name: str
    label: str
    x: float
    y: float
    width: float
    height: float
    role: str
    """content, style, both, pool, or nothing."""


@dataclass(frozen=True)
class Diagram:
    """All boxes, and the drawing's size."""

    boxes: tuple[Box, ...]
    width: float
    height: float


def diagram(layers: Sequence[LayerShape], content: Sequence[str], style: Sequence[str]) -> Diagram:
    """Lay out image, rectified convolutions and poolings from left to right."""
    shown = [layer for layer in layers if layer.kind != "conv"]
    tallest = max(layer.nchw[2] for layer in layers)
    widths = [_width(layer) for layer in shown]
    scale = (WIDTH - 30) / sum(width + GAP for width in widths)
    boxes, x = [Box("image", f"the image, {tallest} px high", 4, 26, 8, BASE, "image")], 24.0
    for layer, width in zip(shown, widths, strict=True):
        height = max(14.0, BASE * (layer.nchw[2] / tallest) ** 0.6)
        role = "pool" if layer.kind == "pool" else _role(layer.name, content, style)
        label = f"{layer.name}: {layer.nchw[1]} maps of {layer.nchw[2]} × {layer.nchw[3]}"
        top = (BASE - height) / 2 + 26
        boxes.append(Box(layer.name, label, x, top, width * scale, height, role))
        x += (width + GAP) * scale
    return Diagram(tuple(boxes), WIDTH, BASE + 84)


def _width(layer: LayerShape) -> float:
    return 4.0 if layer.kind == "pool" else 4.0 + 2.6 * log2(layer.nchw[1] / 4)


def _role(name: str, content: Sequence[str], style: Sequence[str]) -> str:
    if name in content and name in style:
        return "both"
    return "content" if name in content else "style" if name in style else ""
