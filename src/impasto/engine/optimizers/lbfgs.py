"""L-BFGS (Liu and Nocedal 1989) with a line search: the paper's choice of optimizer."""

from collections import deque
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.engine.losses import Losses, below
from impasto.engine.optimizers.line_search import Point, strong_wolfe
from impasto.engine.optimizers.optimizer import Evaluate, Update
from impasto.engine.state import State
from impasto.numerics.precision import widest

FIRST_MOVE = 0.02
"""Root mean square move of a pixel that the first step tries, times the learning rate."""


@dataclass(frozen=True)
class _Pair:
    """What one step taught about the curvature."""

    move: Tensor
    change: Tensor
    """Of the gradient."""
    scale: float
    """1 / (move . change)"""


class LBFGS:
    """Limited-memory BFGS over contiguous float32 pixels.

    Pixels may leave [0, 1] on the way, as holding them there would break the curvature pairs; the
    run clamps them at the end. An objective that changes from step to step, or computes in bf16,
    misleads the line search.
    """

    settling = 10

    def __init__(self, learning_rate: float = 1.0, history: int = 10) -> None:
        self.learning_rate, self.history = learning_rate, history
        self.pairs: deque[_Pair] = deque(maxlen=history)
        self.here: tuple[Tensor, Losses, Tensor] | None = None

    def step(self, image: Tensor, evaluate: Evaluate, pace: float = 1.0) -> Update:
        """Take one step; it costs one evaluation where the first try satisfies the search.

        The search finds the length, so `pace` does not count.
        """
        losses, gradient = self._known_or_evaluated(image, evaluate)
        direction = self._direction(gradient)
        slope = _dot(gradient, direction)
        if not slope < 0:
            self.pairs.clear()
            direction, slope = -gradient, -_dot(gradient, gradient)
        if slope == 0:  # a stationary point: nowhere to go
            return Update(losses, image, converged=True)
        if not slope < 0:  # not a number: hand it on to the pixels, where the guard sees it
            return Update(losses, image + slope)

        def probe(length: float) -> Point:
            found, there = evaluate(image.add(direction, alpha=length))
            there = there.contiguous()
            return Point(length, float(found.total), _dot(there, direction), found, there)

        start = Point(0.0, float(losses.total), slope, losses, gradient)
        end = strong_wolfe(probe, start, self._first_length(direction))
        if end.length == 0:  # no decrease along this direction: begin again from the gradient
            converged = not self.pairs
            self.pairs.clear()
            return Update(losses, image, converged)
        move = direction * end.length
        self._learn(move, end.gradient - gradient)
        self.here = (image + move, end.losses, end.gradient)
        return Update(losses, self.here[0])

    def objective_changed(self, *, slightly: bool = False) -> None:
        """Forget the last evaluation, and the curvature unless it is nearly the same."""
        if not slightly:
            self.pairs.clear()
        self.here = None

    def resized(self, height: int, width: int) -> "LBFGS":
        """Start afresh: curvature does not carry over to another size."""
        return LBFGS(self.learning_rate, self.history)

    def slower(self, factor: float) -> "LBFGS":
        """Start afresh with shorter first tries."""
        return LBFGS(self.learning_rate * factor, self.history)

    def state(self) -> State:
        """Return the pairs, the last evaluation, and the rate, which may have been slowed."""
        found = {"learning_rate": torch.tensor(self.learning_rate, dtype=torch.float64)}
        for number, pair in enumerate(self.pairs):
            found[f"pairs.{number}.move"], found[f"pairs.{number}.change"] = pair.move, pair.change
            found[f"pairs.{number}.scale"] = torch.tensor(pair.scale, dtype=torch.float64)
        if self.here is not None:
            image, losses, gradient = self.here
            found |= {"here.image": image, "here.gradient": gradient}
            found |= {f"here.losses.{name}": value for name, value in losses.named().items()}
        return found

    def restored(self, state: State) -> "LBFGS":
        """Return one that goes on from a state."""
        other = LBFGS(float(state["learning_rate"]), self.history)
        for number in range(sum(name.endswith(".scale") for name in state)):
            pair = below(state, f"pairs.{number}.")
            other.pairs.append(_Pair(pair["move"], pair["change"], float(pair["scale"])))
        if "here.image" in state:
            losses = Losses.from_named(below(state, "here.losses."))
            other.here = (state["here.image"], losses, state["here.gradient"])
        return other

    def _known_or_evaluated(self, image: Tensor, evaluate: Evaluate) -> tuple[Losses, Tensor]:
        if self.here is not None and _same(self.here[0], image):
            return self.here[1], self.here[2]
        losses, gradient = evaluate(image)
        return losses, gradient.contiguous()

    def _first_length(self, direction: Tensor) -> float:
        if self.pairs:
            return self.learning_rate
        size = float(widest(direction).square().mean().sqrt())
        return self.learning_rate * FIRST_MOVE / size

    def _direction(self, gradient: Tensor) -> Tensor:
        """Return minus the inverse Hessian's estimate times the gradient, by the two loops."""
        direction, shares = -gradient, []
        for pair in reversed(self.pairs):
            share = pair.scale * _dot(pair.move, direction)
            direction = direction.add_(pair.change, alpha=-share)
            shares.append(share)
        if self.pairs:
            last = self.pairs[-1]
            direction = direction.mul_(1 / (last.scale * _dot(last.change, last.change)))
        for pair, share in zip(self.pairs, reversed(shares), strict=True):
            direction = direction.add_(
                pair.move, alpha=share - pair.scale * _dot(pair.change, direction)
            )
        return direction

    def _learn(self, move: Tensor, change: Tensor) -> None:
        curvature = _dot(move, change)
        if curvature > 1e-10 * _dot(change, change) ** 0.5 * _dot(move, move) ** 0.5:
            self.pairs.append(_Pair(move, change, 1 / curvature))


def _same(a: Tensor, b: Tensor) -> bool:
    """Tell whether two images are one; a restored one has its pixels in another place."""
    return a is b or torch.equal(a, b)


def _dot(a: Tensor, b: Tensor) -> float:
    return float(torch.dot(a.flatten(), b.flatten()))
