"""What the guard notices."""

import pytest
import torch

from impasto.engine.guard import Guard
from impasto.engine.losses import Losses
from impasto.engine.optimizers.optimizer import Update

GOOD = torch.full((1, 3, 2, 2), 0.5)


def update(total: float, image: torch.Tensor = GOOD) -> Update:
    return Update(Losses(torch.tensor(total), {}, {}), image)


@pytest.mark.parametrize("total", [float("nan"), float("inf"), float("-inf")])
def test_a_loss_that_is_no_number(total):
    assert "loss became" in Guard().problem(update(total))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_pixels_that_are_no_numbers(value):
    bad = GOOD.clone()
    bad[0, 1, 0, 1] = value
    assert "pixels" in Guard().problem(update(1.0, bad))


def test_falling_and_wavering_losses_are_fine():
    guard = Guard()
    assert all(guard.problem(update(t)) is None for t in (5.0, 9.0, 3.0, 20.0, 1.0, 0.0, 100.0))


def test_a_loss_that_explodes_after_the_first_steps():
    guard = Guard()
    assert all(guard.problem(update(1.0)) is None for _ in range(8))
    assert "exploded from 1 to 1e+06" in guard.problem(update(1e6))


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_a_loss_that_explodes_at_once(step):
    guard = Guard()
    assert all(guard.problem(update(1.0)) is None for _ in range(step))
    problems = [guard.problem(update(1e6 * 10**i)) for i in range(5)]
    assert any(problems)


def test_a_loss_that_begins_at_zero_may_rise():
    """At a copy of the content, the content loss is zero at first."""
    guard = Guard()
    assert all(guard.problem(update(t)) is None for t in (0.0, 0.5, 0.9, 1.1, 1.0, 1.2, 1.5))
