"""The key insight: the run in five sentences, with its own numbers."""

from dataclasses import dataclass

from impasto.explain.gram_matrices import Shuffle
from impasto.explain.invariance import Invariance
from impasto.explain.loss_story import plain_shares
from impasto.explain.recording import Recording
from impasto.recipe import Recipe


@dataclass(frozen=True)
class RunFacts:
    """What sentences and quiz are made of; None where a section was not run."""

    network: str
    height: int
    width: int
    steps: int
    parameters: int
    first: dict[str, float]
    """Losses at the first step."""
    last: dict[str, float]
    """Losses at the last step."""
    style_layers: dict[str, float]
    """Weight of each."""
    channels: dict[str, int]
    """Of each style layer."""
    shuffles: tuple[Shuffle, ...] | None
    invariance: Invariance | None

    @property
    def pixels(self) -> int:
        """How many numbers the optimizer may change."""
        return 3 * self.height * self.width

    def layer_shares(self, which: str = "last") -> dict[str, float]:
        """Return each style layer's share of their weighted sum, at the first or last step."""
        losses = self.last if which == "last" else self.first
        weighted = [
            weight * losses[f"style.{layer}"] for layer, weight in self.style_layers.items()
        ]
        return dict(zip(self.style_layers, plain_shares(weighted), strict=True))

    def fall(self) -> float:
        """Return by which factor the style loss fell."""
        return self.first["style"] / max(self.last["style"], 1e-12)


def facts(
    recording: Recording,
    recipe: Recipe,
    *,
    parameters: int,
    channels: dict[str, int],
    shuffles: tuple[Shuffle, ...] | None,
    invariance: Invariance | None,
) -> RunFacts:
    """Gather what is known of a run."""
    rows = recording.trace.rows
    height, width = recording.last.image.shape[-2:]
    return RunFacts(
        network=recipe.network.name,
        height=height,
        width=width,
        steps=len(rows),
        parameters=parameters,
        first=dict(rows[0].losses),
        last=dict(rows[-1].losses),
        style_layers=dict(recipe.style.layers),
        channels=channels,
        shuffles=shuffles,
        invariance=invariance,
    )


def sentences(known: RunFacts) -> tuple[str, ...]:
    """Tell the run in five sentences."""
    shares = known.layer_shares()
    heaviest = max(shares, key=shares.__getitem__)
    return (
        f"{known.network} was never trained here: its {known.parameters:,} numbers stood still, "
        f"and the {known.pixels:,} numbers of the image were what {known.steps} steps moved.",
        f"The style loss fell from {known.first['style']:.3g} to {known.last['style']:.3g}, "
        f"{_times(known.fall())}, and at the end {heaviest} makes up {shares[heaviest]:.0%} of it.",
        _content(known),
        _shuffled(known.shuffles),
        _invariant(known.invariance),
    )


def _times(factor: float) -> str:
    return f"{factor:.1f} times less" if factor >= 1 else f"{1 / factor:.1f} times more"


def _content(known: RunFacts) -> str:
    first, last = known.first.get("content", 0.0), known.last.get("content", 0.0)
    total = known.last["total"] or 1.0
    if first < last:
        how = f"rose from {first:.3g} to {last:.3g}: what style gained was paid for in likeness"
    else:
        how = f"fell from {first:.3g} to {last:.3g}: the photograph was found again in the noise"
    return f"The content loss {how}, and it is {last / total:.0%} of the total where the run ended."


def _shuffled(shuffles: tuple[Shuffle, ...] | None) -> str:
    if not shuffles:
        return "A Gram matrix sums over positions, so it cannot know where anything is."
    deepest = shuffles[-1]
    return (
        f"Style has no places: with the {deepest.positions:,} positions of {deepest.layer} "
        f"shuffled, its Gram matrix changed by {deepest.gram:.1e} of its size, the features "
        f"themselves by {deepest.content:.2f}."
    )


def _invariant(found: Invariance | None) -> str:
    if found is None:
        return "Content is what deep layers still agree about when the surface has changed."
    first, last = found.content["stylized"][0], found.content["stylized"][-1]
    verdict = (
        "the surface changed and the things stayed"
        if last > first
        else "this time the things changed as much as the surface"
    )
    return (
        f"{found.layers[0]} sees a likeness of {first:.2f} between photograph and result, "
        f"{found.layers[-1]} one of {last:.2f}: {verdict}."
    )
