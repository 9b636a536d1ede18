"""The quiz: questions whose right answers are read off the run."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random

from impasto.explain.insight import RunFacts


@dataclass(frozen=True)
class Question:
    """One question with its options."""

    text: str
    options: tuple[str, ...]
    answer: int
    """Index of the right option."""
    why: str
    """Shown once it is answered."""
    look: str
    """The section where the answer can be found."""

    @property
    def right(self) -> str:
        """The right option."""
        return self.options[self.answer]


def questions(known: RunFacts) -> tuple[Question, ...]:
    """Ask about a run; the order of the options depends on its numbers too."""
    asked = [
        _numbers(known),
        _heaviest_layer(known),
        _fall(known),
        _share(known),
        _gram_size(known),
    ]
    if known.shuffles:
        asked.append(_shuffle(known))
    if known.invariance is not None:
        asked.append(_invariance(known))
    return tuple(asked)


def _asked(
    known: RunFacts, text: str, right: str, wrong: Sequence[str], why: str, look: str
) -> Question:
    """Shuffle the options by the run's numbers; wrong ones equal to the right one are dropped."""
    options = [right, *dict.fromkeys(option for option in wrong if option != right)]
    digest = sha256(f"{text}{sorted(known.last.items())}".encode()).digest()
    Random(int.from_bytes(digest[:8], "big")).shuffle(options)
    return Question(text, tuple(options), options.index(right), why, look)


def _numbers(known: RunFacts) -> Question:
    return _asked(
        known,
        "How many numbers did the optimizer change at each step?",
        f"{known.pixels:,}",
        [f"{known.parameters:,}", f"{known.height * known.width:,}", f"{known.steps:,}"],
        f"3 colors x {known.height} x {known.width} pixels. The network's {known.parameters:,} "
        "numbers stay as they are.",
        "pipeline",
    )


def _heaviest_layer(known: RunFacts) -> Question:
    shares = known.layer_shares()
    right = max(shares, key=shares.__getitem__)
    return _asked(
        known,
        "Which layer has the largest share of the style loss at the end?",
        right,
        list(shares),
        ", ".join(f"{layer} {share:.0%}" for layer, share in shares.items()) + ".",
        "losses",
    )


def _fall(known: RunFacts) -> Question:
    fall = known.fall()
    right = f"{fall:.1f}"
    return _asked(
        known,
        "The style loss at the first step is how many times that of the last?",
        right,
        [f"{value:.1f}" for value in (fall * 3.1, fall * 10.4, fall / 2.7)],
        f"{known.first['style']:.4g} / {known.last['style']:.4g} = {right}.",
        "losses",
    )


def _share(known: RunFacts) -> Question:
    content, style = known.last.get("content", 0.0), known.last.get("style", 0.0)
    right = "content" if content > style else "style"
    return _asked(
        known,
        "Which weighted loss is larger where the run ended?",
        right,
        ["content", "style", "they are exactly equal"],
        f"content {content:.4g}, style {style:.4g}, each times its weight.",
        "losses",
    )


def _gram_size(known: RunFacts) -> Question:
    layer = max(known.channels, key=known.channels.__getitem__)
    channels = known.channels[layer]
    return _asked(
        known,
        f"How many numbers has the Gram matrix of {layer} in this network, "
        f"for a picture of {known.width} x {known.height} px?",
        f"{channels**2:,}",
        [f"{known.height * known.width:,}", f"{channels:,}", f"{2 * channels**2:,}"],
        f"{channels} channels x {channels} channels, however large the picture is.",
        "gram",
    )


def _shuffle(known: RunFacts) -> Question:
    assert known.shuffles
    first = known.shuffles[0]
    return _asked(
        known,
        f"The positions of {first.layer} were shuffled. By how much did its features change, "
        "relative to their size?",
        f"{first.content:.2f}",
        ["0.00", f"{first.content / 3:.2f}", f"{first.content * 2.5:.2f}"],
        f"The features changed by {first.content:.2f}, the Gram matrix by {first.gram:.1e}: "
        "nothing but rounding.",
        "gram",
    )


def _invariance(known: RunFacts) -> Question:
    found = known.invariance
    assert found is not None
    deepest = {name: row[-1] for name, row in found.content.items()}
    right = max(deepest, key=deepest.__getitem__)
    return _asked(
        known,
        f"Which change of the content does {found.layers[-1]} mind least, position by position?",
        right,
        list(deepest),
        ", ".join(f"{name} {value:.2f}" for name, value in deepest.items()) + ".",
        "invariance",
    )
