"""Balance: gradients of content and style have one size where it is measured."""

import pytest
import torch

from impasto.building import build_objective
from impasto.engine.balance import PILOT_STEPS, at_size, content_factor
from impasto.engine.initial import initial_image
from impasto.engine.optimizers.adam import Adam
from impasto.recipe_files import named

CHANGES = {
    "content.layers": {"relu3_1": 1.0},
    "style.layers": {"relu1_1": 1.0, "relu2_1": 1.0},
    "objective.margin": 0,
    "objective.shifts": 1,
}


def picture(height: int, width: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=generator, dtype=torch.float64)


CONTENT, STYLE = picture(12, 16, 1), picture(16, 12, 2) ** 2


def moments():
    """The default recipe with statistics whose distance of equal pictures is zero to the bit."""
    return named("default").changed({"style.statistics": "moments"})


def objective(tiny, name: str = "default", **changes):
    recipe = (moments() if name == "default" else named(name)).changed(
        CHANGES | {k.replace("__", "."): v for k, v in changes.items()}
    )
    return build_objective(recipe, tiny.extractor(), CONTENT, [STYLE])


def pulls(whole, image) -> dict[str, float]:
    """Length of the gradient of each term with the weights it has."""
    found = {}
    for name in ("content", "style"):
        pixels = image.clone().requires_grad_()
        whole.losses(pixels).terms[name].backward()
        found[name] = float(pixels.grad.norm())
    return found


@pytest.mark.parametrize("start", ["gaussian", "uniform", "gray"])
@pytest.mark.parametrize("name", ["default", "gatys"])
def test_at_a_noise_start_both_pull_equally(tiny, name, start):
    whole, image = objective(tiny, name), initial_image(start, CONTENT, seed=1)
    factor = content_factor(whole, image)
    found = pulls(whole.reweighted({"content": factor}), image)
    assert found["content"] / found["style"] == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize(("faint", "unit"), [("content", 1e-6), ("style", 1e-6)])
def test_at_a_noise_start_whatever_the_units_of_the_losses(tiny, faint, unit):
    """Forms, layers and networks differ by orders of magnitude: that alone is no content start."""
    layer = {"content": "relu3_1", "style": "relu1_1"}[faint]
    whole = objective(tiny, style__combine="sum", **{f"{faint}__layers": {layer: unit}})
    image = initial_image("gaussian", CONTENT, seed=1)
    found = pulls(whole.reweighted({"content": content_factor(whole, image)}), image)
    assert found["content"] / found["style"] == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("name", ["default", "gatys"])
def test_at_a_content_start_both_pull_equally_after_a_few_steps_by_the_style(tiny, name):
    whole = objective(tiny, name)
    factor = content_factor(whole, CONTENT)
    image, optimizer = CONTENT, Adam(0.02)
    for _ in range(PILOT_STEPS):
        image = optimizer.step(image, whole.reweighted({"content": 0.0}).value_and_gradient).image
    found = pulls(whole.reweighted({"content": factor}), image)
    assert found["content"] / found["style"] == pytest.approx(1, rel=1e-6)


def test_the_recipes_weights_do_not_enter(tiny):
    image = initial_image("gaussian", CONTENT, seed=1)
    plain = content_factor(objective(tiny), image)
    weighted = objective(tiny, content__weight=7.0, style__weight=0.1)
    assert content_factor(weighted, image) == pytest.approx(plain)


@pytest.mark.parametrize("absent", ["content", "style"])
def test_a_term_that_is_absent_needs_no_balance(tiny, absent):
    image = initial_image("gaussian", CONTENT, seed=1)
    assert content_factor(objective(tiny, **{f"{absent}__weight": 0.0}), image) == 1


def test_a_style_like_the_content_needs_no_balance(tiny):
    recipe = moments().changed(CHANGES)
    whole = build_objective(recipe, tiny.extractor(), CONTENT, [CONTENT])
    assert content_factor(whole, CONTENT) == 1


@pytest.mark.parametrize("form", ["paper", "mean", "relative"])
def test_a_factor_brought_to_another_size_keeps_the_ratio_of_pulls(tiny, form):
    """The pictures of the second stage repeat those of the first: the same at every position."""

    def tiled(image, times):
        return image.repeat(1, 1, times, times)

    recipe = moments().changed(CHANGES | {"content.form": form, "style.combine": "sum"})
    ratios = []
    for times in (2, 6):
        whole = build_objective(
            recipe, tiny.extractor(), tiled(CONTENT, times), [tiled(STYLE, times)]
        )
        image = tiled(picture(12, 16, 5), times)
        factor = at_size(1.0, whole, (2 / times) ** 2)
        found = pulls(whole.reweighted({"content": factor}), image)
        ratios.append(found["content"] / found["style"])
    assert ratios[1] == pytest.approx(ratios[0], rel=0.1)  # borders count less in the larger
