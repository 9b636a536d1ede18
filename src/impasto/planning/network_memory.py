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

    def evaluation(self, height: int, width: int, copied: float = 0.0) -> int:
        """Return the peak of value and gradient on an image as the network sees it.

        Args:
            height: in pixels.
            width: in pixels.
            copied: the share of each layer that terms copy, as they do of parts alone.
        """
        return self._evaluated(height, width, copied).peak

    def turnover(self, height: int, width: int) -> int:
        """Return the bytes that value and gradient take and give back in all."""
        return self._evaluated(height, width).turned

    def measurement(self, height: int, width: int) -> int:
        """Return the peak of measuring a picture without a gradient, as for targets."""
        ledger, operations = Ledger(), self._operations(height, width)
        self._forward(ledger, operations, graph=False)
        self._statistics(ledger, operations, 0.0)
        return ledger.peak

    def features(self, layer: str, height: int, width: int) -> int:
        """Return the bytes of a layer's features."""
        if layer == PIXELS:
            return PIXEL * height * width
        node = self.architecture.node(layer)
        return self.width * node.channels * (height // node.stride) * (width // node.stride)

    def _evaluated(self, height: int, width: int, copied: float = 0.0) -> Ledger:
        ledger, operations = Ledger(), self._operations(height, width)
        self._forward(ledger, operations, graph=True)
        self._statistics(ledger, operations, copied)
        self._statistics_back(ledger, operations, copied)
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

    def _statistics(self, ledger: Ledger, operations: list[_Operation], copied: float) -> None:
        for seen in (operation for operation in operations if operation.is_seen):
            for _ in range(self.looks.local.get(seen.layer, 0)):
                ledger.pass_by(4 * FLOAT * seen.outputs)  # both sides, the difference, a square
                ledger.take(FLOAT * seen.outputs)
            if seen.layer in self.looks.additive:
                ledger.take(self._copy(seen, copied))
                if self.width < FLOAT:  # products are taken of widened features
                    ledger.pass_by(int(FLOAT * seen.outputs * (copied or 1.0)))

    def _statistics_back(self, ledger: Ledger, operations: list[_Operation], copied: float) -> None:
        """Differentiate the statistics; from here on gradients lie where features lay.

        Of features that were copied the graph holds the copies alone, until it is here.
        """
        seen_ones = [operation for operation in reversed(operations) if operation.is_seen]
        if copied:
            ledger.free(sum(self.width * seen.outputs for seen in seen_ones))
        for seen in seen_ones:
            if seen.layer in self.looks.additive:
                ledger.pass_by(self.width * seen.outputs)
                ledger.free(self._copy(seen, copied))
            for _ in range(self.looks.local.get(seen.layer, 0)):
                ledger.pass_by(3 * FLOAT * seen.outputs)
                ledger.free(FLOAT * seen.outputs)
            if copied:
                ledger.take(self.width * seen.outputs)

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

    def _copy(self, operation: _Operation, copied: float) -> int:
        return int(self.width * operation.outputs * copied)

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
