"""The pipeline trace: what goes through the network, step by step, measured on this machine."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from impasto.explain.layers import LayerShape, shapes
from impasto.explain.subject import Subject
from impasto.losses.gram import gram_matrix

REPEATS = 3
"""Times that each measurement is taken; the shortest counts, as other work only ever adds."""

T = TypeVar("T")


@dataclass(frozen=True)
class MeasuredLayer:
    """One step of the network: its shape, and what was measured of it."""

    shape: LayerShape
    low: float
    high: float
    mean: float
    size: int
    """Bytes of its output."""
    forward: float
    """Milliseconds."""
    backward: float


@dataclass(frozen=True)
class GramShape:
    """A Gram matrix of the run."""

    layer: str
    channels: int
    positions: int
    milliseconds: float


@dataclass(frozen=True)
class LoadedPicture:
    """A picture as it was in its file, and as the network gets it."""

    name: str
    file: tuple[int, int]
    """(height, width) in the file."""
    nchw: tuple[int, ...]
    low: float
    high: float
    normalized_low: float
    """After the mean is taken off and the deviation divided out."""
    normalized_high: float


@dataclass(frozen=True)
class PipelineTrace:
    """The four stages in shapes and numbers."""

    network: str
    pictures: tuple[LoadedPicture, ...]
    layers: tuple[MeasuredLayer, ...]
    grams: tuple[GramShape, ...]
    content_layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    pixels: tuple[int, ...]
    """Shape of what is optimized."""
    update: float
    """Milliseconds of one whole step, as the run took them."""

    @property
    def parameters(self) -> int:
        """Of the part of the network that is used."""
        return sum(layer.shape.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Of one forward pass."""
        return sum(layer.shape.multiply_adds for layer in self.layers)

    @property
    def forward(self) -> float:
        """Milliseconds of one forward pass."""
        return sum(layer.forward for layer in self.layers)

    @property
    def backward(self) -> float:
        """Milliseconds of one backward pass."""
        return sum(layer.backward for layer in self.layers)

    @property
    def size(self) -> int:
        """Bytes of all feature maps together."""
        return sum(layer.size for layer in self.layers)


def trace_pipeline(
    subject: Subject,
    *,
    files: Sequence[tuple[int, int]],
    content_layers: Sequence[str],
    style_layers: Sequence[str],
    update: float,
) -> PipelineTrace:
    """Send the content through the network and measure every step.

    Args:
        subject: network and pictures.
        files: (height, width) of content and style as they lie in their files.
        content_layers: of the run's content term.
        style_layers: of the run's style term.
        update: milliseconds of one step in the run.
    """
    deepest = subject.architecture.deepest((*content_layers, *style_layers))
    named = zip(("content", "style"), (subject.content, subject.style), files, strict=True)
    return PipelineTrace(
        network=subject.network,
        pictures=tuple(_loaded(subject, name, image, file) for name, image, file in named),
        layers=tuple(_measured(subject, deepest)),
        grams=tuple(_grams(subject, style_layers)),
        content_layers=tuple(content_layers),
        style_layers=tuple(style_layers),
        pixels=tuple(subject.generated.shape),
        update=update,
    )


def _loaded(subject: Subject, name: str, image: Tensor, file: tuple[int, int]) -> LoadedPicture:
    normalized = subject.extractor.normalized(image)
    return LoadedPicture(
        name,
        file,
        tuple(image.shape),
        float(image.min()),
        float(image.max()),
        float(normalized.min()),
        float(normalized.max()),
    )


def _measured(subject: Subject, deepest: int) -> list[MeasuredLayer]:
    extractor, found = subject.extractor, []
    x = extractor.normalized(subject.content)
    table = shapes(subject.architecture, *subject.content.shape[-2:])
    for node, shape in zip(subject.architecture.nodes[: deepest + 1], table, strict=False):
        given = x.detach().requires_grad_()
        forward, y = _timed(partial(extractor.applied, node, given))
        ones = torch.ones_like(y)
        backward, _ = _timed(partial(torch.autograd.grad, y, given, ones, retain_graph=True))
        x = y.detach()
        found.append(
            MeasuredLayer(
                shape,
                float(x.min()),
                float(x.max()),
                float(x.mean()),
                x.numel() * x.element_size(),
                forward,
                backward,
            )
        )
    return found


def _grams(subject: Subject, layers: Sequence[str]) -> list[GramShape]:
    features = subject.extractor(subject.style, layers)
    found = []
    for layer in layers:
        here = features[layer]
        milliseconds, _ = _timed(partial(gram_matrix, here))
        found.append(GramShape(layer, here.shape[1], here.shape[2] * here.shape[3], milliseconds))
    return found


def _timed(function: Callable[[], T]) -> tuple[float, T]:
    """Return the milliseconds that a function takes, and what it returns."""
    best = float("inf")
    for _ in range(REPEATS):
        began = time.perf_counter()
        result = function()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        best = min(best, (time.perf_counter() - began) * 1000)
    return best, result
