"""Invariance: how much each layer minds when the content is changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.explain.layers import content_layers, first_of_blocks, in_order
from impasto.explain.subject import Subject
from impasto.images.resize import resize
from impasto.losses.gram import gram_matrix
from impasto.numerics.filters import blurred

SHIFT = 8
"""Pixels."""
BLUR = 2.0
"""Deviation in pixels."""


@dataclass(frozen=True, eq=False)
class Change:
    """The content, changed."""

    name: str
    about: str
    image: Tensor
    """(1, 3, H, W), of the content's size."""


@dataclass(frozen=True, eq=False)
class Invariance:
    """Similarities to the unchanged content: 1 is the same, 0 is unrelated."""

    layers: tuple[str, ...]
    changes: tuple[Change, ...]
    content: Mapping[str, tuple[float, ...]]
    """For each change, at each layer: features compared position by position."""
    style: Mapping[str, tuple[float, ...]]
    """The same for the correlations between channels, which know no position."""

    def observation(self, name: str) -> str:
        """Say what the numbers of a change show."""
        first, last = self.content[name][0], self.content[name][-1]
        layers = f"from {first:.2f} at {self.layers[0]} to {last:.2f} at {self.layers[-1]}"
        if last > first + 0.05:
            return f"rises {layers}: deeper layers mind this change less"
        if last < first - 0.05:
            return f"falls {layers}: deeper layers mind this change more"
        return f"stays about the same, {layers}"


def changes(subject: Subject) -> tuple[Change, ...]:
    """Change the content in six ways."""
    content = subject.content
    height, width = content.shape[-2:]
    return (
        Change("shifted", f"moved by {SHIFT} px", content.roll((SHIFT, SHIFT), (-2, -1))),
        Change("mirrored", "left and right exchanged", content.flip(-1)),
        Change("recolored", "red becomes green, green blue, blue red", content.roll(1, 1)),
        Change("blurred", f"a Gaussian of {BLUR:g} px", blurred(content, BLUR)),
        Change("stylized", "the generated image of this run", subject.generated),
        Change(
            "another picture", "the style image, stretched", resize(subject.style, height, width)
        ),
    )


@torch.no_grad()
def measure(subject: Subject) -> Invariance:
    """Compare the content with each change, at every layer that a recipe would use."""
    architecture = subject.architecture
    layers = in_order(architecture, [*first_of_blocks(architecture), *content_layers(architecture)])
    original = subject.extractor(subject.content, layers)
    changed = changes(subject)
    found = {change.name: subject.extractor(change.image, layers) for change in changed}
    return Invariance(
        layers,
        changed,
        {name: _row(original, other, layers, positions) for name, other in found.items()},
        {name: _row(original, other, layers, correlations) for name, other in found.items()},
    )


def _row(
    original: Mapping[str, Tensor],
    changed: Mapping[str, Tensor],
    layers: Sequence[str],
    compare: Callable[[Tensor, Tensor], float],
) -> tuple[float, ...]:
    return tuple(compare(original[layer], changed[layer]) for layer in layers)


def positions(first: Tensor, second: Tensor) -> float:
    """Correlate features (1, C, H, W) position by position, each channel less its own mean."""
    a, b = (x.double() - x.double().mean((-2, -1), keepdim=True) for x in (first, second))
    return _cosine(a, b)


def correlations(first: Tensor, second: Tensor) -> float:
    """Take the cosine of two covariances of channels over positions: Gram matrices less means."""
    matrices = []
    for x in (first, second):
        centered = x.double() - x.double().mean((-2, -1), keepdim=True)
        matrices.append(gram_matrix(centered))
    return _cosine(*matrices)


def _cosine(a: Tensor, b: Tensor) -> float:
    size = float(a.norm() * b.norm())
    return float((a * b).sum()) / size if size > 0 else 0.0
