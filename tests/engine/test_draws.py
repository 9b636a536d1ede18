"""What is left to chance: by seed and step, or standing still."""

import torch

from impasto.building import build_draws
from impasto.engine.draws import Draws
from impasto.recipe_files import named


def drawn(draws: Draws, step: int) -> list[float]:
    return torch.rand(4, generator=draws.generator(step)).tolist()


def test_steps_and_seeds_draw_differently_and_repeat():
    all_draws = [drawn(Draws(seed), step) for seed in (0, 1, 2**62) for step in range(50)]
    assert len({tuple(numbers) for numbers in all_draws}) == len(all_draws)
    assert drawn(Draws(1), 7) == drawn(Draws(1), 7)


def test_fixed_draws_are_the_same_at_every_step_but_not_for_every_seed():
    assert drawn(Draws(1, fixed=True), 0) == drawn(Draws(1, fixed=True), 9)
    assert drawn(Draws(1, fixed=True), 0) != drawn(Draws(2, fixed=True), 0)


def test_only_lbfgs_asks_for_an_objective_that_stands_still():
    recipe = named("default").changed({"seed": 5})
    assert build_draws(recipe) == Draws(5)
    assert build_draws(recipe.changed({"optimizer.name": "gradient_descent"})) == Draws(5)
    assert build_draws(recipe.changed({"optimizer.name": "lbfgs"})) == Draws(5, fixed=True)
