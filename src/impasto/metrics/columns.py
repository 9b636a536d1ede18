"""The columns of a comparison: what each shows, and which way is better."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import log
from pathlib import PurePath
from typing import Literal

from impasto.metrics.judge import Judgement

Better = Literal["higher", "lower", "near 1"]


@dataclass(frozen=True)
class Column:
    """One number about every picture."""

    title: str
    better: Better
    of: Callable[[Judgement], float]
    about: str
    """What it measures, in a few words."""

    def cost(self, judgement: Judgement) -> float:
        """Return a number that is lower the better the picture is in this column."""
        value = self.of(judgement)
        if self.better == "near 1":
            return abs(log(max(value, 1e-9)))
        return -value if self.better == "higher" else value

    def best(self, judgements: list[Judgement]) -> list[Judgement]:
        """Pick the best, those that read the same included; none where all read the same."""
        least = min(judgements, key=self.cost)
        same = [j for j in judgements if written(self.of(j)) == written(self.of(least))]
        return same if len(same) < len(judgements) else []


COLUMNS = (
    Column("SSIM", "higher", lambda j: j.ssim, "structure of the content kept, at 256 px"),
    Column("edges", "higher", lambda j: j.edges, "edges where the content has them, at 256 px"),
    Column("deep", "lower", lambda j: j.deep, "distance from the content in the network"),
    Column("sliced W", "lower", lambda j: j.sliced.total, "distance of patches from the style's"),
    Column("moments", "lower", lambda j: j.moments.total, "distance from the style in the network"),
    Column("grain", "near 1", lambda j: j.grain, "finest band over the style's"),
    Column("flat grain", "near 1", lambda j: j.flat_grain, "the same where nothing is shown"),
    Column("border", "near 1", lambda j: j.border, "gradient in the rim over that beside it"),
)


def size(judgement: Judgement) -> str:
    """Write the size of a picture."""
    return f"{judgement.width} x {judgement.height}"


def written(value: float) -> str:
    """Write a number with three digits that count."""
    return f"{value:.3f}" if abs(value) < 10 else f"{value:#.3g}"


def short_names(judgements: list[Judgement]) -> list[str]:
    """Name the pictures without their folders, unless two would have the same name."""
    paths = [PurePath(judgement.picture) for judgement in judgements]
    count = Counter(path.name for path in paths)
    return [path.name if count[path.name] == 1 else str(path) for path in paths]


def legend(judgements: list[Judgement]) -> list[str]:
    """Say how to read the numbers, then what to keep in mind about single pictures."""
    named = zip(short_names(judgements), judgements, strict=True)
    networks = ", ".join(sorted({j.network for j in judgements if j.network}))
    measured = f"; deep and moments measured in {networks}" if networks else ""
    return [
        "content kept: SSIM, edges, deep; style reached: sliced W, moments" + measured,
        "under each title: which way is better; near 1: as in the style, or beside the border",
        *(f"* {name}: {note}" for name, j in named for note in j.notes),
    ]
