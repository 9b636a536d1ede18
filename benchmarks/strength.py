"""Strength measured: what content and style distance come out, and what the estimate costs.

    python benchmarks/strength.py --look FOLDER [--pairs 10] [--skip 0] [--size 256]
                                  [--set KEY=VALUE] [--network NAME --weights FILE] [--judge FILE]

For each pair and strength: the share of the style-only result's content distance that was aimed at
and that came out, the content distance and the style distance of the finished picture: the recipe's
own style loss, which strength 1 lowers alone, and moments, which it does not know, measured in a
network (`--judge FILE` for a compressed VGG-19, else the one that painted). Ends with how many
steps from one strength to the next went the wrong way by more than 2%, and with the time of a run
with a strength over that of one with a weight.
"""

import argparse
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

import torch
from torch import Tensor

import impasto
from impasto.api import resolve_recipe
from impasto.assemble import prepare
from impasto.engine.pixel_objective import PixelObjective
from impasto.engine.strength import aimed_share
from impasto.features import networks
from impasto.images.codec import decode
from impasto.images.resize import resize
from impasto.metrics.content import deep_distance
from impasto.metrics.style import moments_distance
from impasto.recipe_files import assignment

PAIRS = (
    ("portrait_curls", "cafe_terrace_at_night"),
    ("beach_house", "naruto_whirlpools"),
    ("barn", "sunflowers"),
    ("lighthouse", "adele_bloch_bauer"),
    ("street_procession", "jakuchu_rooster"),
    ("knitted_bear", "irises"),
    ("chalet", "red_fuji"),
    ("bridge_dusk", "mont_sainte_victoire"),
    ("motocross", "composition_red_blue_yellow"),
    ("umbrella_carts", "bathers_at_asnieres"),
)
Distances = tuple[float, float, float]
"""Of the content; of the style by the recipe's own loss; of the style by moments."""
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
SLACK = 1.02


class Bench:
    """The pictures, the recipe's settings, and the network that judges."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.settings = dict(map(assignment, options.set))
        if options.network:
            self.settings["network.name"] = options.network
        judge = "vgg19-compressed" if options.judge else options.network or "pocket-v1"
        self.judge = networks.load(judge, options.judge or options.weights).extractor()

    def objective(self, pair: tuple[Path, Path]) -> PixelObjective:
        """Make the recipe's own style loss, at the size of the result."""
        recipe = resolve_recipe(self.options.recipe, size=self.options.size, settings=self.settings)
        content, style = map(decode, pair)
        weights = self.options.weights
        job = prepare(recipe, content, [style], weights=weights, device="cpu").job
        return job.objective(job.stages[-1]).only("style")

    def painted(self, pair: tuple[Path, Path], **settings: object) -> tuple[Tensor, float]:
        """Paint a pair; return the pixels and the seconds."""
        began = time.process_time()
        result = impasto.stylize(
            *pair,
            size=self.options.size,
            recipe=self.options.recipe,
            weights=self.options.weights,
            settings=self.settings | {k.replace("_", "."): v for k, v in settings.items()},
        )
        return result.image[None], time.process_time() - began

    def row(self, pair: tuple[Path, Path]) -> tuple[list[Distances], float]:
        """Content and style distances for each strength, and the ratio of times."""
        content, style = (decode(path).batch for path in pair)
        found, ratio, objective = [], 0.0, self.objective(pair)
        for strength in STRENGTHS:
            image, seconds = self.painted(pair, content_hold="strength", content_strength=strength)
            small = resize(content, *image.shape[-2:])
            distance = deep_distance(image, small, self.judge)
            look = moments_distance(image, style, self.judge).total
            own = float(objective.measure(image).terms["style"])
            found.append((distance, own, look))
            if strength == 0.5:
                ratio = seconds / self.painted(pair)[1]
        return found, ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--look", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=len(PAIRS))
    parser.add_argument("--skip", type=int, default=0, help="pairs that were measured before")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--recipe", default="default")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--network")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    bench, wrong, ratios, errors = Bench(options), [0, 0, 0], [], []
    for content, style in PAIRS[options.skip : options.pairs]:
        pair = (
            options.look / "content" / f"{content}.jpg",
            options.look / "style" / f"{style}.jpg",
        )
        found, ratio = bench.row(pair)
        ratios.append(ratio)
        far = found[-1][0]
        shares = [values[0] / far for values in found]
        aims = [aimed_share(strength) for strength in STRENGTHS]
        errors += [abs(a - b) for a, b in zip(shares, aims, strict=True)]
        for before, after in pairwise(found):
            wrong[0] += after[0] * SLACK < before[0]
            for kind in (1, 2):
                wrong[kind] += after[kind] > before[kind] * SLACK
        print(f"{content} + {style}: time {ratio:.2f}")
        for strength, aim, share, values in zip(STRENGTHS, aims, shares, found, strict=True):
            told = " ".join(f"{value:.4f}" for value in values)
            print(f"  {strength:.2f}: aim {aim:.3f} got {share:.3f}  {told}")
        print(end="", flush=True)
    ways = "content {}, the recipe's style loss {}, moments {}".format(*wrong)
    print(f"wrong ways: {ways} of {(len(STRENGTHS) - 1) * len(ratios)} each")
    print(f"widest miss {max(errors):.3f}, median {median(errors):.3f}")
    print(f"time over a run with a weight: median {median(ratios):.2f}")


if __name__ == "__main__":
    main()
