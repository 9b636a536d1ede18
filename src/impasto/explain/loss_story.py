"""The losses over the run: what each did, their balance, and where in the image they pull."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.engine.objective import Objective
from impasto.explain.recording import Frame, Recording
from impasto.trace import Trace, TraceRow

EVEN = 1.1
"""Two pulls whose ratio is below this count as equal."""
STEADY = 0.01
"""A change of less than this share counts as none."""


@dataclass(frozen=True)
class NotedStep:
    """A row of the table of losses."""

    row: TraceRow
    observation: str


@dataclass(frozen=True, eq=False)
class Pull:
    """How hard one term pulls on the image at one moment, and where."""

    term: str
    moment: str
    """start, middle or end."""
    step: int
    norm: float
    """Of the gradient of the weighted term by the pixels."""
    map: Tensor
    """(H, W): the gradient's length at each pixel."""


@dataclass(frozen=True, eq=False)
class LossStory:
    """What the losses tell."""

    trace: Trace
    table: tuple[NotedStep, ...]
    weights: Mapping[str, float]
    """Of each term, as the run had them in its last stage."""
    content_factor: float | None
    pulls: tuple[Pull, ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the terms."""
        return tuple(self.weights)

    def pull(self, term: str, moment: str) -> Pull:
        """Look one up."""
        return next(p for p in self.pulls if (p.term, p.moment) == (term, moment))

    def shares(self, moment: str) -> dict[str, float]:
        """Return each term's share of the sum of the pulls' sizes."""
        here = {p.term: p.norm for p in self.pulls if p.moment == moment}
        total = sum(here.values()) or 1.0
        return {term: norm / total for term, norm in here.items()}

    def verdict(self) -> str:
        """Say who pulled harder, at the start and at the end."""
        words = []
        for moment in ("start", "end"):
            shares = self.shares(moment)
            content, style = shares.get("content", 0.0), shares.get("style", 0.0)
            if content == 0 or style == 0:
                alone = "style" if content == 0 else "content"
                words.append(f"At the {moment} only {alone} pulls of the two.")
                continue
            stronger = "style" if style > content else "content"
            ratio = max(style, content) / min(style, content)
            words.append(
                f"At the {moment} both pull about equally hard."
                if ratio < EVEN
                else f"At the {moment} {stronger} pulls {ratio:.1f} times as hard as the other."
            )
        return " ".join(words)


def tell(recording: Recording, objective: Objective) -> LossStory:
    """Look back on a run.

    Args:
        recording: of the run.
        objective: of its last stage, with the weights that it had.
    """
    steps = len(recording.trace.rows)
    frames = {
        "start": min(recording.frames, key=lambda f: (f.image.shape != _last(recording), f.step)),
        "middle": recording.nearest(steps // 2),
        "end": recording.last,
    }
    return LossStory(
        trace=recording.trace,
        table=noted(recording.trace),
        weights=objective.weights(),
        content_factor=recording.content_factor,
        pulls=tuple(
            pull(objective, term, moment, frame, recording.kept.before.device)
            for moment, frame in frames.items()
            for term in objective.weights()
        ),
    )


def _last(recording: Recording) -> torch.Size:
    return recording.last.image.shape


def pull(objective: Objective, term: str, moment: str, frame: Frame, device: torch.device) -> Pull:
    """Differentiate one weighted term by the pixels of a frame, on the objective's device."""
    weights = objective.weights()
    alone = objective.reweighted(
        {name: weight if name == term else 0.0 for name, weight in weights.items()}
    )
    _, gradient = alone.value_and_gradient(frame.image.to(device), frame.step)
    length = gradient[0].detach().cpu().double().square().sum(0).sqrt()
    return Pull(term, moment, frame.step, float(length.norm()), length.float())


def noted_steps(steps: int) -> tuple[int, ...]:
    """Choose rows of the table: 1, 10, 20, 30 and so on, and the last."""
    return tuple(sorted({1, *range(10, steps + 1, 10), steps})) if steps else ()


def noted(trace: Trace) -> tuple[NotedStep, ...]:
    """Pick rows and say of each what has changed since the one before."""
    rows = [trace.rows[step - 1] for step in noted_steps(len(trace.rows))]
    before: list[TraceRow | None] = [None, *rows]
    return tuple(
        NotedStep(row, observation(row, earlier))
        for row, earlier in zip(rows, before, strict=False)
    )


def observation(row: TraceRow, earlier: TraceRow | None) -> str:
    """Put a row into words, from its numbers alone."""
    if earlier is None:
        return _opening(row)
    if (row.height, row.width) != (earlier.height, earlier.width):
        return f"a larger size, {row.width} x {row.height}: the losses are others from here on"
    moved = {
        name: row.losses[name] / earlier.losses[name] - 1
        for name in ("style", "content")
        if earlier.losses.get(name, 0) > 0
    }
    if moved and all(abs(change) < STEADY for change in moved.values()):
        return "hardly anything moves: the two have found their balance"
    words = [f"{name} {_moved(change)}" for name, change in moved.items()]
    if "content" in row.losses and "content" not in moved and row.losses["content"] > 0:
        words.append("content is no longer zero: the image has left the photograph")
    return ", ".join(words) + _meaning(moved)


def _opening(row: TraceRow) -> str:
    content, style, total = (row.losses.get(name, 0.0) for name in ("content", "style", "total"))
    if content == 0:
        return "the image is the content itself: its content loss is zero, all is style"
    share = style / total if total else 0.0
    return f"style is {share:.0%} of the total, content {content / total if total else 0:.0%}"


def _moved(change: float) -> str:
    if abs(change) < STEADY:
        return "stays"
    return f"{'rose' if change > 0 else 'fell'} by {abs(change):.0%}"


def _meaning(moved: Mapping[str, float]) -> str:
    style, content = moved.get("style"), moved.get("content")
    if style is None or content is None:
        return ""
    if style < -STEADY and content > STEADY:
        return ": likeness is paid for style"
    if style > STEADY and content < -STEADY:
        return ": style gives back for likeness"
    if style < -STEADY and content < -STEADY:
        return ": both are still won together"
    return ""


def plain_shares(values: Sequence[float]) -> list[float]:
    """Return each value's share of the sum; zeros where the sum is zero."""
    total = sum(values)
    return [value / total if total else 0.0 for value in values]
