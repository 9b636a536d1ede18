"""Memory of one evaluation, by walking the network's table as the frozen operations do.

Every line stands for a tensor that `features/frozen.py`, `numerics/moments.py` or a loss holds: one
bit for each number that passed a ReLU, one byte for each maximum, the features that terms look at
until their statistics are differentiated, the gradients of these until the network's backward pass
takes them, and what a single operation needs for itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from impasto.features.architectures import PIXELS, Architecture
from impasto.planning.ledger import Ledger

FLOAT = 4
PIXEL = 3 * FLOAT
"""Bytes of a pixel in float32."""


@dataclass(frozen=True)
class Looks:
    """How many targets of each kind look at a layer, by layer name."""

    local: Mapping[str, int] = field(default_factory=dict)
    """Features compared position by position."""
    additive: Mapping[str, int] = field(default_factory=dict)
    """Sums over positions, and samples, whose gradient is as large."""

    @property
    def layers(self) -> set[str]:
        """Layers of the network that are looked at."""
        return {*self.local, *self.additive} - {PIXELS}


@dataclass(frozen=True)
class _Operation:
    """A convolution with its ReLU, a ReLU by itself, or a pooling."""

    layer: str
    kind: Literal["conv", "relu", "pool"]
    inputs: int
    """Numbers that go in."""
    outputs: int
    is_seen: bool
    """A term looks at the outputs."""
    rectifies: bool = False


@dataclass(frozen=True)
class NetworkMemory:
    """A network as it computes, and what looks at it."""

    architecture: Architecture
    looks: Looks
    width: int
    """Bytes of a number in its features: 4, or 2 for bf16."""
    pads: bool
    """Padding makes a copy, as all but zeros do."""
    max_pools: bool

    def evaluation(self, height: int, width: int, own: float | None = None) -> int:
        """Return the peak of value and gradient on an image as the network sees it.

        Args:
            height: in pixels.
            width: in pixels.
            own: the share that terms look at, of a tile with its halo; None is all of an image.
        """
        return self._evaluated(height, width, own).peak

    def turnover(self, height: int, width: int) -> int:
        """Return the bytes that value and gradient take and give back in all."""
        return self._evaluated(height, width).turned

    def measurement(self, height: int, width: int) -> int:
        """Return the peak of measuring a picture without a gradient, as for targets."""
        ledger, operations = Ledger(), self._operations(height, width)
        self._forward(ledger, operations, graph=False)
        self._statistics(ledger, operations, 1.0)
        return ledger.peak

    def features(self, layer: str, height: int, width: int) -> int:
        """Return the bytes of a layer's features."""
        if layer == PIXELS:
            return PIXEL * height * width
        node = self.architecture.node(layer)
        return self.width * node.channels * (height // node.stride) * (width // node.stride)

    def _evaluated(self, height: int, width: int, own: float | None = None) -> Ledger:
        ledger, operations = Ledger(), self._operations(height, width)
        share = 1.0 if own is None else own
        self._forward(ledger, operations, graph=True)
        if own is not None:
            self._cut(ledger, operations, share)
        self._statistics(ledger, operations, share)
        self._statistics_back(ledger, operations, share)
        if own is not None:
            self._cut_back(ledger, operations, share)
        self._backward(ledger, operations)
        return ledger

    def _operations(self, height: int, width: int) -> list[_Operation]:
        """List what is computed: nothing past the deepest layer, ReLUs with their convolutions."""
        layers, found, inputs = self.looks.layers, list[_Operation](), 3 * height * width
        for node in self.architecture.nodes[: self.architecture.deepest(tuple(layers)) + 1]:
            is_seen, before = node.name in layers, found[-1] if found else None
            if node.kind == "relu" and before is not None and not before.is_seen:
                found[-1] = replace(before, layer=node.name, is_seen=is_seen, rectifies=True)
                continue
            outputs = node.channels * (height // node.stride) * (width // node.stride)
            rectifies = node.kind == "relu"
            found.append(_Operation(node.name, node.kind, inputs, outputs, is_seen, rectifies))
            inputs = outputs
        return found

    def _forward(self, ledger: Ledger, operations: list[_Operation], *, graph: bool) -> None:
        """Run the network; features that are seen stay, and with a graph what it keeps."""
        if not operations:
            return
        framed = ledger.take(FLOAT * operations[0].inputs)
        ledger.pass_by(2 * framed)  # less the mean, over the deviation
        x = ledger.take(self.width * operations[0].inputs)
        for operation, after in pairwise((*operations, None)):
            assert operation is not None
            copied = self.width * operation.inputs if self._copies(operation) else 0
            ledger.pass_by(copied + self.width * operation.outputs)
            y = ledger.take(self.width * operation.outputs)
            if graph:
                ledger.pass_by(self._marks(operation))
                ledger.take(self._kept(operation))
            ledger.free(x)
            x = 0 if operation.is_seen or after is None else y
        ledger.free(framed)

    def _cut(self, ledger: Ledger, operations: list[_Operation], share: float) -> None:
        """Copy what terms look at out of the features; then let go of these. The pixels stay."""
        ledger.take(FLOAT * operations[0].inputs)
        for seen in _seen(operations):
            ledger.take(int(self.width * seen.outputs * share))
        ledger.free(sum(self.width * seen.outputs for seen in _seen(operations)))

    def _cut_back(self, ledger: Ledger, operations: list[_Operation], share: float) -> None:
        """Put the gradients of what was cut out in their places, zeros around them."""
        for seen in reversed(_seen(operations)):
            ledger.take(self.width * seen.outputs)
            ledger.free(int(self.width * seen.outputs * share))

    def _statistics(self, ledger: Ledger, operations: list[_Operation], share: float) -> None:
        for seen in _seen(operations):
            size = int(FLOAT * seen.outputs * share)
            for _ in range(self.looks.local.get(seen.layer, 0)):
                ledger.pass_by(4 * size)  # both sides, the difference, a square
                ledger.take(size)
            if self.width < FLOAT and seen.layer in self.looks.additive:
                ledger.pass_by(size)  # products are taken of widened features

    def _statistics_back(self, ledger: Ledger, operations: list[_Operation], share: float) -> None:
        """Differentiate the statistics; from here on gradients lie where features lay."""
        for seen in reversed(_seen(operations)):
            size = int(FLOAT * seen.outputs * share)
            if seen.layer in self.looks.additive:
                ledger.pass_by(self.width * size // FLOAT)
            for _ in range(self.looks.local.get(seen.layer, 0)):
                ledger.pass_by(3 * size)
                ledger.free(size)

    def _backward(self, ledger: Ledger, operations: list[_Operation]) -> None:
        """Pull the gradient down to the pixels."""
        for operation, before in pairwise((*reversed(operations), None)):
            assert operation is not None
            gradient = masked = self.width * operation.outputs
            if operation.rectifies:
                ledger.pass_by(operation.outputs + 2 * gradient)  # bits unpacked, cast, multiplied
            extra = operation.rectifies or operation.kind == "pool"
            masked = ledger.take(gradient if extra else 0)
            pulled = ledger.take(self.width * operation.inputs)
            ledger.free(masked + gradient + self._kept(operation))
            if before is not None and before.is_seen:
                ledger.pass_by(pulled)  # the sum of both gradients
                ledger.free(pulled)
        if operations:
            ledger.pass_by(3 * FLOAT * operations[0].inputs)

    def _copies(self, operation: _Operation) -> bool:
        return operation.kind == "conv" and self.pads

    def _marks(self, operation: _Operation) -> int:
        """What signs and maxima are before they are packed."""
        return operation.outputs if operation.rectifies or operation.kind == "pool" else 0

    def _kept(self, operation: _Operation) -> int:
        """Bits of a ReLU, bytes of a maximum."""
        if operation.kind == "pool":
            return operation.outputs if self.max_pools else 0
        return operation.outputs // 8 if operation.rectifies else 0


def _seen(operations: list[_Operation]) -> list[_Operation]:
    """Return those whose outputs a term looks at."""
    return [operation for operation in operations if operation.is_seen]
