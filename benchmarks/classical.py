"""The default recipe against the classical method: style distance at equal content, and time.

    python benchmarks/classical.py [--judge compressed_vgg19.safetensors]

`gatys` runs 500 L-BFGS steps on the embedded network at 512 px; `default` runs at several content
weights, and its style distance is read off, between two of them, at the content distance that
`gatys` reached. Distances are measured in the judge (without one, in the embedded network), times
are those of painting, without start-up. Pairs are samples.
"""

import argparse
import time
from itertools import pairwise
from math import exp, log
from pathlib import Path

import torch

import impasto
from impasto.features import networks
from impasto.images.codec import decode
from impasto.metrics.content import deep_distance
from impasto.metrics.style import moments_distance

SAMPLES = Path(impasto.__file__).parent / "samples"
PAIRS = (("harbor", "watercolor"), ("bust", "strokes"), ("valley", "woodcut"))
CONTENT_WEIGHTS = (1.2, 2.4, 4.8)
SIZE = 512

Point = tuple[float, float, float]
"""Content distance, style distance, seconds."""


class Comparison:
    """Paints pairs and measures them."""

    def __init__(self, judge: Path | None) -> None:
        name = "vgg19-compressed" if judge else "pocket-v1"
        self.extractor = networks.load(name, judge).extractor()

    def painted(self, pair: tuple[str, str], recipe: str, **settings: float) -> Point:
        content, style = (decode(SAMPLES / f"{name}.jpg") for name in pair)
        began = time.perf_counter()
        named = {key.replace("__", "."): value for key, value in settings.items()}
        result = impasto.stylize(content, style, recipe=recipe, size=SIZE, settings=named)
        seconds, image = time.perf_counter() - began, result.image[None]
        return (
            deep_distance(image, content.batch, self.extractor),
            moments_distance(image, style.batch, self.extractor).total,
            seconds,
        )

    def report(self, pair: tuple[str, str]) -> None:
        content, style, seconds = self.painted(pair, "gatys")
        points = sorted(self.painted(pair, "default", content__weight=w) for w in CONTENT_WEIGHTS)
        ours, taken = at(points, content), min(point[2] for point in points)
        print(
            f"{'+'.join(pair)}: gatys content {content:.3f}, style {style:.3f}, {seconds:.1f} s; "
            f"default style {ours:.3f} at that content, {taken:.1f} s ({taken / seconds:.3f})",
            flush=True,
        )


def at(points: list[Point], content: float) -> float:
    """Style distance at a content distance: a line in logarithms between the nearest points."""
    pairs = list(pairwise(points))
    (c0, s0, _), (c1, s1, _) = next((p for p in pairs if content <= p[1][0]), pairs[-1])
    share = (log(content) - log(c0)) / (log(c1) - log(c0))
    return exp(log(s0) + share * (log(s1) - log(s0)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=len(PAIRS))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    comparison = Comparison(options.judge)
    for pair in PAIRS[: options.pairs]:
        comparison.report(pair)


if __name__ == "__main__":
    main()
