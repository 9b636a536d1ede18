"""The recipe: every setting that decides the pixels of a result, and none that does not.

A recipe is nested frozen dataclasses of plain values. There are no default values here: every
default is written once, in `recipes/default.toml`, and the other recipes name only what differs.
`impasto.recipe_files` reads and writes them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from impasto.errors import RecipeError
from impasto.plain import assign, between, build
from impasto.recipe_color import ColorSettings
from impasto.recipe_guides import GuideSettings
from impasto.recipe_terms import (
    ContentSettings,
    HistogramSettings,
    LaplacianSettings,
    StyleSettings,
    VariationSettings,
)


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
class ObjectiveSettings:
    """How terms become one number to lower."""

    balance: Literal["none", "equal"]
    """none: weights as they are; equal: weights are ratios of pulls on the pixels."""
    margin: int
    """Pixels around the generated image that are measured as well, against marks at its borders."""
    edges: Literal["reflect", "wrap"]
    """What these pixels show: a reflection; or the other side, so that the result can be tiled."""
    shifts: int
    """Sampling phases of the pooling grids, one per step in turn; L-BFGS keeps to the first."""

    def __post_init__(self) -> None:
        between("objective.margin", self.margin, 0, 128)
        between("objective.shifts", self.shifts, 1, 64)
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
    late: int
    """Long side from which stages get fewer steps, in inverse proportion to it."""

    def __post_init__(self) -> None:
        between("schedule.size", self.size, 16, 1_000_000)
        between("schedule.first", self.first, 16, 1_000_000)
        between("schedule.growth", self.growth, 1.05, 16)
        between("schedule.steps", self.steps, 1, 1_000_000)
        between("schedule.decay", self.decay, 0.05, 2)
        between("schedule.least", self.least, 0, 1)
        between("schedule.late", self.late, 16, 1_000_000)


def _descent(path: str, learning_rate: float, average: float) -> None:
    between(f"{path}.learning_rate", learning_rate, 1e-9)
    between(f"{path}.average", average, 0, 0.9999)


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
        between("optimizer.adam.smoothing", self.smoothing, 0, 16)


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
        between("optimizer.lbfgs.history", self.history, 1, 1000)


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
    histogram: HistogramSettings
    laplacian: LaplacianSettings
    color: ColorSettings
    total_variation: VariationSettings
    guides: GuideSettings
    objective: ObjectiveSettings
    schedule: ScheduleSettings
    optimizer: OptimizerSettings

    def __post_init__(self) -> None:
        between("seed", self.seed, 0, 2**63 - 1)
        if self.optimizer.name == "lbfgs" and self.network.precision == "bf16":
            raise RecipeError("optimizer lbfgs needs network.precision = fp32 for its line search")
        if self.content.weight == self.style.weight == 0:
            raise RecipeError("content.weight and style.weight are both 0: nothing to optimize")
        if self.content.hold == "strength" and self.style.weight == 0:
            raise RecipeError("a strength needs a style: style.weight is 0")

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers that the recipe's terms look at."""
        histogram = self.histogram.layers if self.histogram.weight > 0 else ()
        return (*self.content.layers, *self.style.layers, *histogram)

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
        values["laplacian"]["pools"] = list(self.laplacian.pools)
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
