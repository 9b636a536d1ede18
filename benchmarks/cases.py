"""The measured cases: one objective on one network, by the plain loop or by impasto.

The objective is that of the paper: Gram matrices at five relu*_1, content at relu4_2. Weights are
random; speed and memory do not depend on what they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import plain
from impasto import building, recipe_files
from impasto.engine.objective import Objective
from impasto.engine.optimizers.adam import Adam
from impasto.features.architectures import ARCHITECTURES
from impasto.weights import store

STYLE_WEIGHT = 1e3
LEARNING_RATE = 0.02


@dataclass(frozen=True)
class Network:
    """A network as the plain loop and as a recipe name it."""

    table: tuple[int | str, ...]
    padding_mode: str
    recipe_name: str


def network(name: str) -> Network:
    """Return a network by its architecture's name: pocket (in its current version) or vgg19."""
    if name == "vgg19":
        return Network(plain.VGG19, "zeros", "vgg19")
    return Network(plain.POCKET, "reflect", recipe_files.load("default").network.name)


def write_weights(name: str, path: str) -> None:
    """Write random weights to relu5_1, of a deviation that keeps signals at one size."""
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for key, shape in ARCHITECTURES[name].weight_shapes().items():
        values = torch.randn(shape, generator=generator)
        is_bias = len(shape) == 1
        tensors[key] = values * (0.05 if is_bias else (2 / (shape[1] * 9)) ** 0.5)
        if key == "conv5_1.bias":
            break
    save_file(tensors, path)


def pictures(side: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return a content, a style and a start image, (1, 3, side, side), always the same."""
    generator = torch.Generator().manual_seed(1)
    content, style, start = (torch.rand(1, 3, side, side, generator=generator) for _ in range(3))
    return content, style, start


def plain_network(name: str, weights: str) -> torch.nn.Sequential:
    """Build the plain loop's network and fill it with the weights, in the file's order."""
    chosen = network(name)
    built = plain.build_network(chosen.table, padding_mode=chosen.padding_mode)
    tensors = store.read(Path(weights)).tensors
    convolutions = [layer for layer in built if isinstance(layer, torch.nn.Conv2d)]
    names = ARCHITECTURES[name].convolutions
    for key, layer in zip(names, convolutions, strict=False):
        layer.load_state_dict({part: tensors[f"{key}.{part}"] for part in ("weight", "bias")})
    return built


def impasto_recipe(name: str, precision: str, **changes: Any) -> Any:
    """Return the recipe `gatys` on a network, with Adam, and with fixed weights of the terms."""
    return recipe_files.load("gatys").changed(
        {
            "network.name": network(name).recipe_name,
            "network.sha256": "",
            "network.pooling": "own",
            "network.padding": "own",
            "network.precision": precision,
            "optimizer.name": "adam",
            "optimizer.adam.learning_rate": LEARNING_RATE,
            "objective.balance": "none",
            "style.weight": STYLE_WEIGHT,
        }
        | changes
    )


@dataclass(frozen=True)
class Case:
    """One network and one way to compute; the network is loaded, no picture seen yet."""

    precision: str
    start: Callable[[int], Callable[[], float]]
    """Takes a side in pixels, measures the targets, and returns a step that returns its loss."""
    forward: Callable[[int], Callable[[], Tensor]]
    """Takes a side, measures the targets, and returns the value with its graph."""


def load(name: str, variant: str, weights: str) -> Case:
    """Load a case.

    Args:
        name: pocket or vgg19.
        variant: plain, or impasto in a precision: fp32, bf16, auto (probed).
        weights: the file with random weights.
    """
    return _plain_case(name, weights) if variant == "plain" else _case(name, variant, weights)


def _plain_case(name: str, weights: str) -> Case:
    net = plain_network(name, weights)

    def loss_at(side: int) -> plain.StyleTransfer:
        content, style, _ = pictures(side)
        return plain.StyleTransfer(net, content, style, style_weight=STYLE_WEIGHT)

    def start(side: int) -> Callable[[], float]:
        loss, image = loss_at(side), pictures(side)[2].requires_grad_()
        optimizer = torch.optim.Adam([image], lr=LEARNING_RATE)
        return lambda: plain.adam_step(loss, image, optimizer)

    def forward(side: int) -> Callable[[], Tensor]:
        loss, image = loss_at(side), pictures(side)[2].requires_grad_()
        return lambda: sum(loss(image))

    return Case("fp32", start, forward)


def _case(name: str, precision: str, weights: str) -> Case:
    recipe = impasto_recipe(name, precision)
    extractor, recipe = building.build_extractor(recipe, weights, torch.device("cpu"))

    def objective_at(side: int) -> Objective:
        content, style, _ = pictures(side)
        return building.build_objective(recipe, extractor, content, [style])

    def start(side: int) -> Callable[[], float]:
        return _Steps(objective_at(side), pictures(side)[2])

    def forward(side: int) -> Callable[[], Tensor]:
        objective, image = objective_at(side), pictures(side)[2].requires_grad_()
        return lambda: objective.losses(image).total

    return Case(recipe.network.precision, start, forward)


class _Steps:
    """Steps of impasto's Adam; the loss is read at each, as the plain loop does."""

    def __init__(self, objective: Objective, image: Tensor) -> None:
        self.objective, self.image, self.optimizer = objective, image, Adam(LEARNING_RATE)

    def __call__(self) -> float:
        update = self.optimizer.step(self.image, self.objective.value_and_gradient)
        self.image = update.image
        return float(update.losses.total)
