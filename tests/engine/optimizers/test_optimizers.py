"""What every optimizer must do, and the numbers that Adam and gradient descent must take."""

import pytest
import torch

from impasto.building import build_objective, build_optimizer
from impasto.engine.losses import Losses
from impasto.engine.optimizers.adam import Adam
from impasto.engine.optimizers.gradient_descent import GradientDescent
from impasto.engine.optimizers.lbfgs import LBFGS
from impasto.recipe_files import named

SHAPE = (1, 3, 4, 4)


def image(seed: int, shape: tuple[int, ...] = SHAPE) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=generator, dtype=torch.float64)


def bowl(target: torch.Tensor, stiffness: torch.Tensor | float = 1.0):
    """A quadratic with its minimum, 0, at the target."""

    def evaluate(at: torch.Tensor) -> tuple[Losses, torch.Tensor]:
        apart = at - target
        total = (stiffness * apart.square()).sum() / 2
        return Losses(total, {"bowl": total}, {}), stiffness * apart

    return evaluate


MAKERS = {
    "adam": lambda: Adam(0.02),
    "gradient_descent": lambda: GradientDescent(0.05),
    "lbfgs": lambda: LBFGS(),
}


@pytest.mark.parametrize("name", MAKERS)
def test_the_minimum_of_a_quadratic_is_found(name):
    target, at, optimizer = 0.2 + 0.6 * image(1), image(2), MAKERS[name]()
    first = float(bowl(target)(at)[0].total)
    for _ in range(200):
        at = optimizer.step(at, bowl(target)).image
    assert float(bowl(target)(at)[0].total) < 1e-3 * first
    torch.testing.assert_close(at, target, rtol=0, atol=0.02)


def test_a_smoothed_gradient_moves_shapes_but_hardly_single_pixels():
    rows, columns = torch.arange(16.0, dtype=torch.float64)[:, None], torch.arange(16.0)
    weave = 0.05 * ((rows + columns) % 2 - 0.5).expand(1, 3, 16, 16)
    shape = 0.2 * (rows / 16).expand(1, 3, 16, 16)
    start = torch.full((1, 3, 16, 16), 0.4, dtype=torch.float64)

    def after(smoothing):
        at, optimizer = start, Adam(0.01, smoothing)
        for _ in range(40):
            at = optimizer.step(at, bowl(start + shape + weave)).image
        inside = (at - start)[..., 4:-4, 4:-4]
        return [float((inside * part[..., 4:-4, 4:-4]).sum()) for part in (shape, weave)]

    plain, smooth = after(0.0), after(0.7)
    assert smooth[0] == pytest.approx(plain[0], rel=0.1)
    assert smooth[1] < 0.5 * plain[1]


@pytest.mark.parametrize("change", [lambda a: a.resized(8, 8), lambda a: a.slower(0.5)])
def test_smoothing_survives_a_new_stage_and_a_roll_back(change):
    assert change(Adam(0.01, 0.7)).smoothing == 0.7


@pytest.mark.parametrize("name", MAKERS)
def test_the_loss_of_a_network_objective_is_lowered(tiny, name):
    content, style = image(1, (1, 3, 16, 20)), image(2, (1, 3, 16, 16)) ** 3
    layers = {"content.layers": {"relu2_1": 1.0}, "style.layers": {"relu1_1": 1.0, "relu2_1": 1.0}}
    recipe = named("gatys").changed({"content.weight": 1e-3, **layers})
    objective = build_objective(recipe, tiny.extractor(), content, [style])
    at, optimizer, totals = image(3, (1, 3, 16, 20)), MAKERS[name](), []
    for _ in range(10):
        update = optimizer.step(at, objective.value_and_gradient)
        totals.append(float(update.losses.total))
        at = update.image
    assert totals[-1] < 0.8 * totals[0]


@pytest.mark.parametrize("name", MAKERS)
def test_a_step_reports_the_losses_where_it_began_and_leaves_that_image_alone(name):
    target, at = image(1), image(2)
    before = at.clone()
    update = MAKERS[name]().step(at, bowl(target))
    assert torch.equal(at, before)
    assert not torch.equal(update.image, before)
    assert float(update.losses.total) == float(bowl(target)(before)[0].total)


@pytest.mark.parametrize("name", MAKERS)
def test_a_stationary_point_stays(name):
    at = image(1)
    update = MAKERS[name]().step(at, bowl(at.clone()))
    assert torch.equal(update.image, at)
    assert update.converged is (name == "lbfgs")


@pytest.mark.parametrize("name", ["adam", "gradient_descent"])
def test_pixels_are_held_to_the_range(name):
    at, optimizer = image(1), MAKERS[name]()
    for _ in range(100):
        at = optimizer.step(at, bowl(torch.full(SHAPE, 3.0))).image
    assert float(at.max()) == 1


@pytest.mark.parametrize("name", MAKERS)
def test_slower_steps_are_shorter(name):
    at, evaluate = torch.full(SHAPE, 0.5, dtype=torch.float64), bowl(image(1), 1e-3)
    full = MAKERS[name]().step(at, evaluate).image - at
    optimizer = MAKERS[name]()
    optimizer.step(at, evaluate)
    short = optimizer.slower(0.25).step(at, evaluate).image - at
    if name != "lbfgs":  # whose line search may lengthen the first try
        torch.testing.assert_close(short, full / 4)
    assert short.norm() <= full.norm()


@pytest.mark.parametrize("name", MAKERS)
def test_the_pace_is_a_factor_on_a_step_whose_length_is_not_searched_for(name):
    at, evaluate = torch.full(SHAPE, 0.5, dtype=torch.float64), bowl(image(1), 1e-3)
    full, paced = MAKERS[name](), MAKERS[name]()
    whole, part = (o.step(at, evaluate, p).image - at for o, p in ((full, 1.0), (paced, 0.25)))
    torch.testing.assert_close(part, whole if name == "lbfgs" else whole / 4)
    after = [optimizer.step(at, evaluate).image for optimizer in (full, paced)]
    torch.testing.assert_close(*after)  # what is remembered is the same


def test_adams_first_two_steps_by_hand():
    """g = 2 then -1, rate 0.1, betas 0.9 and 0.99.

    Step 1: m = 0.2, v = 0.04; corrected 2 and 4: the step is 0.1 * 2 / 2 = 0.1.
    Step 2: m = 0.9 * 0.2 - 0.1 = 0.08, v = 0.99 * 0.04 + 0.01 = 0.0496; corrected by 1 - 0.81 and
    1 - 0.9801: 0.421052631..., 2.492462311...: the step is 0.1 * 0.421052631 / 1.578753404.
    """
    gradients = iter([2.0, -1.0])

    def evaluate(at):
        total = torch.zeros(())
        return Losses(total, {}, {}), torch.full_like(at, next(gradients))

    optimizer, at = Adam(0.1), torch.full((1, 3, 1, 1), 0.5, dtype=torch.float64)
    at = optimizer.step(at, evaluate).image
    assert float(at[0, 0]) == pytest.approx(0.4, abs=1e-8)
    at = optimizer.step(at, evaluate).image
    second = 0.1 * (0.08 / 0.19) / (0.0496 / 0.0199) ** 0.5
    assert float(at[0, 0]) == pytest.approx(0.4 - second, abs=1e-8)


def test_adam_equals_torchs_own():
    target, at = image(1), image(2)
    plain = at.clone().requires_grad_()
    theirs = torch.optim.Adam([plain], lr=0.01, betas=(0.9, 0.99), eps=1e-8)
    ours = Adam(0.01)
    for _ in range(10):
        at = ours.step(at, bowl(target)).image
        plain.grad = bowl(target)(plain.detach())[1]
        theirs.step()
    torch.testing.assert_close(at, plain.detach(), rtol=1e-9, atol=1e-10)


def test_adam_carries_its_moments_to_another_size():
    flat, optimizer = torch.full((1, 3, 4, 6), 0.5, dtype=torch.float64), Adam(0.01)
    for _ in range(3):
        optimizer.step(flat, bowl(torch.zeros_like(flat)))
    larger = optimizer.resized(8, 12)
    assert larger.count == 3
    assert larger.first.shape == larger.second.shape == (1, 3, 8, 12)
    assert float(larger.second.min()) >= 0
    # A flat picture has flat moments, whatever the size: the next step is the same.
    big = torch.full((1, 3, 8, 12), 0.5, dtype=torch.float64)
    step = larger.step(big, bowl(torch.zeros_like(big))).image - big
    small = optimizer.step(flat, bowl(torch.zeros_like(flat))).image - flat
    torch.testing.assert_close(step, small.mean().expand_as(step))


def test_adams_second_moment_stays_positive_when_resized():
    spike = torch.zeros(1, 3, 16, 16, dtype=torch.float64)
    spike[..., 8, 8] = 1
    optimizer = Adam(0.01)
    optimizer.step(spike, bowl(torch.zeros_like(spike)))
    for size in ((23, 23), (5, 31)):
        assert float(optimizer.resized(*size).second.min()) >= 0


def test_gradient_descent_moves_pixels_by_the_rate_and_then_in_proportion():
    target, at = image(1), torch.full(SHAPE, 0.5, dtype=torch.float64)
    optimizer, evaluate = GradientDescent(0.01), bowl(target)
    first = optimizer.step(at, evaluate).image
    gradient = at - target
    assert float((first - at).square().mean().sqrt()) == pytest.approx(0.01)
    torch.testing.assert_close(first - at, -gradient * (0.01 / gradient.square().mean().sqrt()))
    second = optimizer.step(first, evaluate).image
    ratio = (second - first) / (first - at)
    torch.testing.assert_close(ratio, (first - target) / (at - target))  # the same fixed rate


@pytest.mark.parametrize(
    ("name", "kind"), [("adam", Adam), ("lbfgs", LBFGS), ("gradient_descent", GradientDescent)]
)
def test_recipes_name_the_optimizers(name, kind):
    changes = {"optimizer.name": name, f"optimizer.{name}.learning_rate": 0.125}
    optimizer = build_optimizer(named("default").changed(changes).optimizer)
    assert isinstance(optimizer, kind)
    assert optimizer.learning_rate == 0.125
