"""The transfer gap: what is lost by optimizing with a compact network in place of its teacher.

    python training/transfer_gap.py --look FOLDER --teacher compressed_vgg19.safetensors NETWORK...

Pictures are optimized with the teacher and with each network, by one recipe, at several content
weights. In the teacher, at relu4_2, lies each picture's content distance; there too, at relu1_1 ..
relu5_1, its style distance. The gap of a pair is the style distance reached with the network over
the one that the teacher reaches at the same content distance (interpolated between its weights, in
logarithms). FOLDER has pictures in `content` and `style`.
"""

import argparse
import json
from collections.abc import Sequence
from itertools import pairwise
from math import exp, log
from pathlib import Path
from statistics import fmean, median

import torch
from torch import Tensor

import impasto
from impasto.features import networks
from impasto.images.codec import decode
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size
from impasto.metrics.content import deep_distance
from impasto.metrics.style import moments_distance
from impasto.recipe_files import named

TEACHER, POCKET = "vgg19-compressed", named("default").network.name
PAIRS = (
    ("portrait_curls", "adele_bloch_bauer"),
    ("portrait_curls", "sunflowers"),
    ("barn", "irises"),
    ("barn", "red_fuji"),
    ("beach_house", "mont_sainte_victoire"),
    ("bridge_dusk", "cafe_terrace_at_night"),
    ("chalet", "naruto_whirlpools"),
    ("knitted_bear", "bathers_at_asnieres"),
    ("lighthouse", "fighting_temeraire"),
    ("motocross", "jakuchu_rooster"),
    ("street_procession", "the_sleeping_gypsy"),
    ("umbrella_carts", "thousand_li_of_rivers_and_mountains"),
)
TEACHER_WEIGHTS = (1.0, 3.0, 9.0)
NETWORK_WEIGHT = 3.0
RECIPE = {
    "schedule.size": 256,
    "schedule.first": 128,
    "schedule.steps": 200,
    "schedule.decay": 0.75,
    "style.statistics": "moments",
    "network.precision": "bf16",
    "optimizer.adam.learning_rate": 0.03,
    "optimizer.adam.average": 0.95,
    "optimizer.adam.smoothing": 0.7,
}
"""Written out, so that the measure does not change with the default recipe."""


def small(path: Path, side: int = 384) -> Picture:
    """A picture at a size from which reading it again costs nothing."""
    picture = decode(path)
    return Picture(resize(picture.batch, *scaled_size(picture.height, picture.width, side))[0])


class Gap:
    """Optimizes pairs and measures them in the teacher."""

    def __init__(self, look: Path, teacher: Path) -> None:
        self.look, self.teacher = look, teacher
        self.judge = networks.load(TEACHER, teacher).extractor()

    def measured(
        self, pair: tuple[str, str], name: str, weights: Path, content_weight: float
    ) -> tuple[float, float]:
        """Content and style distance of one optimized picture."""
        content = small(self.look / "content" / f"{pair[0]}.jpg")
        style = small(self.look / "style" / f"{pair[1]}.jpg")
        settings = RECIPE | {
            "network.name": name,
            "network.sha256": "",
            "content.weight": content_weight,
        }
        result = impasto.stylize(content, style, settings=settings, weights=weights)
        return self.distances(result.image[None], content.batch, style.batch)

    def distances(self, image: Tensor, content: Tensor, style: Tensor) -> tuple[float, float]:
        return (
            deep_distance(image, content, self.judge),
            moments_distance(image, style, self.judge).total,
        )

    def curve(self, pair: tuple[str, str]) -> list[tuple[float, float]]:
        """What the teacher reaches, by rising content distance."""
        return sorted(self.measured(pair, TEACHER, self.teacher, w) for w in TEACHER_WEIGHTS)


def at(curve: list[tuple[float, float]], content: float) -> float:
    """Style distance of a curve at a content distance; a straight line in logarithms."""
    pairs = list(pairwise(curve))
    (c0, s0), (c1, s1) = next((p for p in pairs if content <= p[1][0]), pairs[-1])
    share = (log(content) - log(c0)) / (log(c1) - log(c0))
    return exp(log(s0) + share * (log(s1) - log(s0)))


class Curves:
    """What the teacher reaches for each pair; measured once, and kept in a file."""

    def __init__(self, gap: Gap, cache: Path) -> None:
        self.gap, self.cache = gap, cache
        self.known = json.loads(cache.read_text()) if cache.exists() else {}
        cache.parent.mkdir(parents=True, exist_ok=True)

    def of(self, pair: tuple[str, str]) -> list[tuple[float, float]]:
        key = "+".join(pair)
        if key not in self.known:
            self.known[key] = self.gap.curve(pair)
            self.cache.write_text(json.dumps(self.known))
        return self.known[key]


def report(gap: Gap, curves: Curves, network: Path, pairs: Sequence[tuple[str, str]]) -> None:
    """Print the gap of a network pair by pair, then its mean and median."""
    ratios = []
    for pair in pairs:
        content, style = gap.measured(pair, POCKET, network, NETWORK_WEIGHT)
        ratios.append(style / at(curves.of(pair), content))
        told = f"content {content:.3f}, style {style:.4f}, gap {ratios[-1]:.2f}"
        print(f"{network.name} {'+'.join(pair)}: {told}", flush=True)
    print(f"{network.name}: mean {fmean(ratios):.2f}, median {median(ratios):.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--look", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("build/teacher-curves.json"))
    parser.add_argument("--pairs", type=int, default=len(PAIRS), help="only the first so many")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("networks", type=Path, nargs="+", help="pocket weights")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    gap = Gap(options.look, options.teacher)
    for network in options.networks:
        report(gap, Curves(gap, options.cache), network, PAIRS[: options.pairs])


if __name__ == "__main__":
    main()
