"""L-BFGS on problems that are hard for plain descent."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from impasto.engine.losses import Losses
from impasto.engine.optimizers.lbfgs import LBFGS


def problem(function):
    """Evaluate a differentiable function of an image."""

    def evaluate(at: torch.Tensor) -> tuple[Losses, torch.Tensor]:
        evaluate.calls += 1
        pixels = at.detach().requires_grad_()
        total = function(pixels)
        (gradient,) = torch.autograd.grad(total, pixels)
        return Losses(total.detach(), {}, {}), gradient

    evaluate.calls = 0
    return evaluate


def rosenbrock(x: torch.Tensor) -> torch.Tensor:
    flat = x.flatten()
    return (100 * (flat[1:] - flat[:-1] ** 2) ** 2 + (1 - flat[:-1]) ** 2).sum()


def minimized(evaluate, at: torch.Tensor, steps: int, **options) -> tuple[torch.Tensor, list]:
    optimizer, totals = LBFGS(**options), []
    for _ in range(steps):
        update = optimizer.step(at, evaluate)
        totals.append(float(update.losses.total))
        at = update.image
        if update.converged:
            break
    return at, totals


def test_an_ill_conditioned_quadratic_is_solved():
    shape, generator = (1, 3, 4, 4), torch.Generator().manual_seed(1)
    target = torch.rand(shape, generator=generator, dtype=torch.float64)
    stiffness = torch.logspace(0, 3, 48, dtype=torch.float64).view(shape)
    evaluate = problem(lambda x: (stiffness * (x - target) ** 2).sum())
    _, totals = minimized(evaluate, torch.zeros(shape, dtype=torch.float64), 200)
    assert totals[-1] < 1e-8 * totals[0]


def test_a_curved_valley_is_followed_to_its_end():
    start = torch.full((1, 3, 1, 2), -1.0, dtype=torch.float64)
    at, totals = minimized(problem(rosenbrock), start, 150)
    assert totals[-1] < 1e-8
    torch.testing.assert_close(at, torch.ones_like(at), rtol=0, atol=1e-3)


def test_the_loss_never_rises():
    start = torch.full((1, 3, 1, 2), -1.0, dtype=torch.float64)
    _, totals = minimized(problem(rosenbrock), start, 60)
    assert all(b <= a for a, b in pairwise(totals))


def test_most_steps_cost_one_evaluation():
    stiffness = torch.logspace(0, 2, 48, dtype=torch.float64).view(1, 3, 4, 4)
    evaluate = problem(lambda x: (stiffness * (x - 0.3) ** 2).sum())
    _, totals = minimized(evaluate, torch.zeros(1, 3, 4, 4, dtype=torch.float64), 20)
    assert evaluate.calls <= 1.5 * len(totals) + 5


def test_the_direction_is_minus_the_bfgs_inverse_times_the_gradient():
    """The two loops against the matrices of Nocedal and Wright 2006, eq. 6.17."""
    generator = torch.Generator().manual_seed(2)
    stiffness = torch.logspace(0, 2, 12, dtype=torch.float64).view(1, 3, 2, 2)
    evaluate = problem(lambda x: (stiffness * (x - 0.3) ** 2).sum() + (x**4).sum())
    at, optimizer = torch.rand(1, 3, 2, 2, generator=generator, dtype=torch.float64), LBFGS()
    images, gradients = [at], [evaluate(at)[1]]
    for _ in range(4):
        at = optimizer.step(at, evaluate).image
        images.append(at)
        gradients.append(evaluate(at)[1])
    moves = [(b - a).flatten().numpy() for a, b in pairwise(images)]
    changes = [(b - a).flatten().numpy() for a, b in pairwise(gradients)]
    inverse = np.eye(12) * (moves[-1] @ changes[-1]) / (changes[-1] @ changes[-1])
    for move, change in zip(moves, changes, strict=True):
        rho = 1 / (move @ change)
        left = np.eye(12) - rho * np.outer(move, change)
        inverse = left @ inverse @ left.T + rho * np.outer(move, move)
    wanted = -inverse @ gradients[-1].flatten().numpy()
    got = optimizer._direction(gradients[-1].contiguous()).flatten().numpy()
    np.testing.assert_allclose(got, wanted, rtol=1e-8)


def test_only_so_many_pairs_are_remembered():
    optimizer, at = LBFGS(history=3), torch.full((1, 3, 1, 2), -1.0, dtype=torch.float64)
    for _ in range(8):
        at = optimizer.step(at, problem(rosenbrock)).image
    assert len(optimizer.pairs) == 3


def test_another_size_starts_afresh_with_the_same_settings():
    optimizer, at = LBFGS(0.5, history=4), torch.full((1, 3, 2, 2), 0.1, dtype=torch.float64)
    optimizer.step(at, problem(rosenbrock))
    other = optimizer.resized(4, 4)
    assert not other.pairs
    assert (other.learning_rate, other.history) == (0.5, 4)


def test_where_no_decrease_is_to_be_found_it_says_so():
    """The given gradient points the wrong way: no step along it lowers the loss."""

    def misleading(at):
        return Losses(at.square().sum(), {}, {}), -2 * at

    at = torch.full((1, 3, 2, 2), 0.5, dtype=torch.float64)
    update = LBFGS().step(at, misleading)
    assert torch.equal(update.image, at)
    assert update.converged


def test_an_objective_that_is_not_a_number_far_away_is_searched_nearer():
    def walled(x):
        return (x - 0.4).square().sum() * (float("nan") if (x > 0.5).any() else 1)

    at, totals = minimized(
        problem(walled), torch.zeros(1, 3, 2, 2, dtype=torch.float64), 30, learning_rate=1000.0
    )
    assert at.isfinite().all()
    assert totals[-1] < 1e-6 * totals[0]


def test_once_told_of_another_objective_it_uses_nothing_of_the_old_one():
    at, optimizer = torch.full((1, 3, 2, 2), 0.9, dtype=torch.float64), LBFGS()
    at = optimizer.step(at, problem(lambda x: (x - 0.5).square().sum())).image
    heavier = problem(lambda x: 1000 * (x - 0.1).square().sum())
    optimizer.objective_changed()
    update = optimizer.step(at, heavier)
    assert float(update.losses.total) == pytest.approx(float(heavier(at)[0].total))
    for _ in range(20):
        update = optimizer.step(update.image, heavier)
    torch.testing.assert_close(update.image, torch.full_like(at, 0.1))


def test_told_of_a_slightly_other_objective_it_keeps_its_curvature_but_no_value():
    at, optimizer = torch.full((1, 3, 2, 2), 0.9, dtype=torch.float64), LBFGS()
    light, heavy = (problem(lambda x, w=w: w * (x - 0.5).pow(4).sum()) for w in (1.0, 1.1))
    for _ in range(3):
        at = optimizer.step(at, light).image
    known = len(optimizer.pairs)
    optimizer.objective_changed(slightly=True)
    assert len(optimizer.pairs) == known > 0
    assert float(optimizer.step(at, heavy).losses.total) == pytest.approx(float(heavy(at)[0].total))
