"""The recipe: every setting that decides the pixels of a result, and none that does not.

A recipe is nested frozen dataclasses of plain values. There are no default values here: every
default is written once, in `recipes/default.toml`, and the other recipes name only what differs.
`impasto.recipe_files` reads and writes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from impasto.errors import RecipeError
from impasto.plain import assign, build
from impasto.recipe_color import ColorSettings
from impasto.recipe_mix import by_layer, check_count, check_layer_mix, check_shares


def _between(field: str, value: float, low: float, high: float = float("inf")) -> None:
    if not (low <= value <= high) or value == float("inf"):
        upper = "" if high == float("inf") else f" and at most {high:g}"
        raise RecipeError(f"{field} must be at least {low:g}{upper}, got {value!r}")


def _layers(field: str, weights: Mapping[str, float]) -> None:
    if not weights:
        raise RecipeError(f"{field} names no layer: give at least one, such as relu4_2")
    for layer, weight in weights.items():
        _between(f"{field}.{layer}", weight, 0)


@dataclass(frozen=True, kw_only=True)
class NetworkSettings:
    """The feature extractor: which network, and how it pools and pads."""

    name: str
    """pocket-v1 (embedded), vgg19 or vgg16 (weights from a file)."""
    sha256: str
    """Hash of the weights the result was made with; empty accepts any weights of that name."""
    pooling: Literal["own", "max", "average", "average-rescaled"]
    """max, average, average-rescaled; or 'own': what the network was trained with."""
    padding: Literal["own", "zeros", "replicate", "reflect"]
    """zeros, replicate, reflect; or 'own': what the network was trained with."""
    precision: Literal["auto", "fp32", "bf16"]
    """fp32, bf16, or auto: bf16 only where a short probe shows it faster on this machine."""


@dataclass(frozen=True, kw_only=True)
class ContentSettings:
    """The content term: what the picture shows."""

    weight: float
    form: Literal["paper", "mean", "relative"]
    """paper: half the sum of squares (Gatys et al. 2016, eq. 1); mean; relative to the target."""
    layers: dict[str, float]
    """Weight of each layer."""

    def __post_init__(self) -> None:
        _between("content.weight", self.weight, 0)
        _layers("content.layers", self.layers)


@dataclass(frozen=True, kw_only=True)
class StyleSettings:
    """The style term: correlations between channels, blind to position."""

    weight: float
    statistics: Literal["gram", "moments", "wasserstein"]
    """gram: Gram matrices; moments: mean and covariance; wasserstein: the same two, by how far
    feature vectors have to travel."""
    form: Literal["paper", "mean", "relative"]
    """paper: 1 / (4 N^2 M^2) (Gatys et al. 2016, eq. 4); mean; relative to the target."""
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
        _between("style.weight", self.weight, 0)
        _between("style.scale", self.scale, 0.05, 20)
        for scale in self.scales:
            _between("style.scales", scale, 0.05, 20)
        if self.statistics != "gram" and self.form == "paper":
            raise RecipeError("style.form = paper needs style.statistics = gram; try relative")
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
class VariationSettings:
    """Total variation: the price of differences between neighboring pixels."""

    weight: float
    form: Literal["l1", "l2"]
    """l1 keeps edges, l2 smooths."""

    def __post_init__(self) -> None:
        _between("total_variation.weight", self.weight, 0)


@dataclass(frozen=True, kw_only=True)
class ObjectiveSettings:
    """How terms become one number to lower."""

    balance: Literal["none", "equal"]
    """none: weights as they are; equal: weights are ratios of pulls on the pixels."""
    margin: int
    """Pixels of reflection around the generated image, against marks at its borders."""
    shifts: int
    """Sampling phases of the pooling grids, one per step in turn; L-BFGS keeps to the first."""

    def __post_init__(self) -> None:
        _between("objective.margin", self.margin, 0, 128)
        _between("objective.shifts", self.shifts, 1, 64)
        if self.shifts > 1 and self.margin < 16:
            raise RecipeError("objective.shifts above 1 needs objective.margin of at least 16")


@dataclass(frozen=True, kw_only=True)
class ScheduleSettings:
    """Stages from small to large."""

    size: int
    """Long side of the result, in pixels."""
    first: int
    """Long side of the first stage."""
    growth: float
    """Ratio between the long sides of two stages."""
    steps: int
    """Optimizer steps in all stages together; more where `least` asks for it."""
    decay: float
    """Ratio between the steps of a stage and of the one before it."""
    least: float
    """Least share of `steps` that a stage gets, however many there are."""

    def __post_init__(self) -> None:
        _between("schedule.size", self.size, 16, 1_000_000)
        _between("schedule.first", self.first, 16, 1_000_000)
        _between("schedule.growth", self.growth, 1.05, 16)
        _between("schedule.steps", self.steps, 1, 1_000_000)
        _between("schedule.decay", self.decay, 0.05, 2)
        _between("schedule.least", self.least, 0, 1)


def _descent(path: str, learning_rate: float, average: float) -> None:
    _between(f"{path}.learning_rate", learning_rate, 1e-9)
    _between(f"{path}.average", average, 0, 0.9999)


@dataclass(frozen=True, kw_only=True)
class AdamSettings:
    """Adam."""

    learning_rate: float
    """Pixel units a step; 1 is the whole range from black to white."""
    average: float
    """Decay of the bias-corrected average of iterates; 0 keeps the last iterate."""
    smoothing: float
    """Pixels of blur of the gradient, against a weave at the scale of single pixels."""

    def __post_init__(self) -> None:
        _descent("optimizer.adam", self.learning_rate, self.average)
        _between("optimizer.adam.smoothing", self.smoothing, 0, 16)


@dataclass(frozen=True, kw_only=True)
class LBFGSSettings:
    """L-BFGS."""

    learning_rate: float
    """Factor on the first length that the line search tries."""
    average: float
    """As for Adam."""
    history: int
    """Pairs of moves and changes that it remembers."""

    def __post_init__(self) -> None:
        _descent("optimizer.lbfgs", self.learning_rate, self.average)
        _between("optimizer.lbfgs.history", self.history, 1, 1000)


@dataclass(frozen=True, kw_only=True)
class GradientDescentSettings:
    """Plain gradient descent."""

    learning_rate: float
    """Root mean square move of a pixel in the first step, in pixel units."""
    average: float
    """As for Adam."""

    def __post_init__(self) -> None:
        _descent("optimizer.gradient_descent", self.learning_rate, self.average)


@dataclass(frozen=True, kw_only=True)
class OptimizerSettings:
    """How pixels move downhill: which optimizer, and the settings of each."""

    name: Literal["adam", "lbfgs", "gradient_descent"]
    adam: AdamSettings
    lbfgs: LBFGSSettings
    gradient_descent: GradientDescentSettings

    @property
    def chosen(self) -> AdamSettings | LBFGSSettings | GradientDescentSettings:
        """Settings of the optimizer named."""
        if self.name == "adam":
            return self.adam
        return self.lbfgs if self.name == "lbfgs" else self.gradient_descent


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides the pixels of a result, beside the pictures themselves."""

    name: str
    description: str
    seed: int
    start: Literal["content", "gaussian", "uniform", "gray", "picture"]
    """content, gaussian, uniform, gray, or picture (a picture given with the job)."""
    network: NetworkSettings
    content: ContentSettings
    style: StyleSettings
    color: ColorSettings
    total_variation: VariationSettings
    objective: ObjectiveSettings
    schedule: ScheduleSettings
    optimizer: OptimizerSettings

    def __post_init__(self) -> None:
        _between("seed", self.seed, 0, 2**63 - 1)
        if self.optimizer.name == "lbfgs" and self.network.precision == "bf16":
            raise RecipeError("optimizer lbfgs needs network.precision = fp32 for its line search")
        if self.content.weight == self.style.weight == 0:
            raise RecipeError("content.weight and style.weight are both 0: nothing to optimize")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build a recipe from nested plain values.

        Raises:
            RecipeError: a name is unknown or missing, or a value has the wrong type or range.
        """
        return build(cls, values)

    def to_dict(self) -> dict[str, Any]:
        """Return nested plain values, from which `from_dict` builds the same recipe."""
        values = asdict(self)
        style = values["style"]
        style |= {"mix": list(self.style.mix), "scales": list(self.style.scales)}
        style["layer_mix"] = {name: list(mix) for name, mix in self.style.layer_mix.items()}
        return values

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return a recipe with settings replaced, named by dotted path: `{"style.weight": 2.0}`.

        The hash of the weights belongs to the network; another network goes without.

        Raises:
            RecipeError: a path is unknown or a value impossible.
        """
        values = self.to_dict()
        if changes.get("network.name", self.network.name) != self.network.name:
            values["network"]["sha256"] = ""
        for path, value in changes.items():
            assign(values, path, value)
        return self.from_dict(values)
