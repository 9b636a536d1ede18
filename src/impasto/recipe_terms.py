"""The recipe's settings of terms: what each looks at, and how much it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from impasto.errors import RecipeError
from impasto.plain import between
from impasto.recipe_mix import by_layer, check_count, check_layer_mix, check_shares


def _layers(field: str, weights: Mapping[str, float]) -> None:
    if not weights:
        raise RecipeError(f"{field} names no layer: give at least one, such as relu4_2")
    for layer, weight in weights.items():
        between(f"{field}.{layer}", weight, 0)


@dataclass(frozen=True, kw_only=True)
class ContentSettings:
    """The content term: what the picture shows."""

    weight: float
    statistics: Literal["features", "self-similarity"]
    """features: at each position; self-similarity: how alike the features of two positions are."""
    form: Literal["paper", "mean", "relative"]
    """paper: half the sum of squares (Gatys et al. 2016, eq. 1); mean; relative to the target."""
    layers: dict[str, float]
    """Weight of each layer."""
    hold: Literal["weight", "strength"]
    """weight: the weight as it is; strength: the weight is found that gives the strength."""
    strength: float
    """0: the content picture; 1: the style alone; between them, by how far from the content the
    result ends (its square, of the distance that the style alone leads to)."""

    def __post_init__(self) -> None:
        between("content.weight", self.weight, 0)
        between("content.strength", self.strength, 0, 1)
        _layers("content.layers", self.layers)


@dataclass(frozen=True, kw_only=True)
class StyleSettings:
    """The style term: correlations between channels, blind to position."""

    weight: float
    sample: str
    """A style picture that comes with impasto, for runs that are given none; empty: none."""
    statistics: Literal["gram", "moments", "wasserstein", "sliced", "nearest"]
    """gram: Gram matrices; moments: mean and covariance; wasserstein: the same two, by how far
    feature vectors have to travel; sliced: whole distributions, by projections; nearest: each
    vector's nearest in the style."""
    form: Literal["paper", "mean", "relative"]
    """paper: 1 / (4 N^2 M^2) (Gatys et al. 2016, eq. 4), for nearest a cosine distance; mean;
    relative to the target."""
    combine: Literal["sum", "root"]
    """How layers add up: their sum, or the square root of the sum."""
    scale: float
    """Size of the style picture relative to the generated one, by area; larger: broader strokes."""
    scales: tuple[float, ...]
    """A scale for each of several styles, in place of `scale`; empty: `scale` for all."""
    mix: tuple[float, ...]
    """Weights of several style pictures; empty: equal parts."""
    layer_mix: dict[str, tuple[float, ...]]
    """Other weights at some layers: by name, or for all that are `fine` or `coarse`."""
    layers: dict[str, float]

    def __post_init__(self) -> None:
        between("style.weight", self.weight, 0)
        between("style.scale", self.scale, 0.05, 20)
        for scale in self.scales:
            between("style.scales", scale, 0.05, 20)
        if self.statistics not in ("gram", "nearest") and self.form == "paper":
            raise RecipeError(
                "style.form = paper needs style.statistics = gram or nearest; try relative"
            )
        if self.mix:
            check_shares("style.mix", self.mix)
        _layers("style.layers", self.layers)
        check_layer_mix(self.layer_mix, self.layers)

    def check_styles(self, count: int) -> None:
        """Raise RecipeError unless mixes and scales have a number for each of `count` styles."""
        check_count("style.mix", self.mix, count)
        check_count("style.scales", self.scales, count, "scales")
        for name, shares in self.layer_mix.items():
            check_count(f"style.layer_mix.{name}", shares, count)

    def scale_of(self, index: int) -> float:
        """Return the scale of a style, by its number from 0."""
        return self.scales[index] if self.scales else self.scale

    def mixes(self) -> dict[str, Sequence[float]]:
        """Return the weights of each layer that has others than `mix`."""
        return by_layer(self.layer_mix, self.layers)


@dataclass(frozen=True, kw_only=True)
class HistogramSettings:
    """The histograms of channels, beside another style loss (Risser et al. 2017)."""

    weight: float
    layers: dict[str, float]

    def __post_init__(self) -> None:
        between("histogram.weight", self.weight, 0)
        _layers("histogram.layers", self.layers)


@dataclass(frozen=True, kw_only=True)
class LaplacianSettings:
    """The lines of the content: the Laplacian of its pixels (Li et al. 2017)."""

    weight: float
    pools: tuple[int, ...]
    """Sides in pixels of the squares that are averaged before."""

    def __post_init__(self) -> None:
        between("laplacian.weight", self.weight, 0)
        if not self.pools:
            raise RecipeError("laplacian.pools is empty: give at least one, such as 4")
        for pool in self.pools:
            between("laplacian.pools", pool, 1, 1024)


@dataclass(frozen=True, kw_only=True)
class VariationSettings:
    """Total variation: the price of differences between neighboring pixels."""

    weight: float
    form: Literal["l1", "l2"]
    """l1 keeps edges, l2 smooths."""

    def __post_init__(self) -> None:
        between("total_variation.weight", self.weight, 0)
