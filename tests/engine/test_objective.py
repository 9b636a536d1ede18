"""The objective: its sums, its gradient, batches, and what its terms see."""

import numpy as np
import pytest
import torch

from impasto.building import build_objective
from impasto.engine.draws import Draws
from impasto.engine.framing import Framing
from impasto.engine.objective import Objective
from impasto.engine.targets import content_target, free_target, style_target
from impasto.errors import RecipeError
from impasto.losses.content import ContentLoss
from impasto.losses.gram import GramLoss
from impasto.losses.laplacian import LaplacianLoss
from impasto.losses.moments import MomentsLoss
from impasto.losses.similarity import SelfSimilarityLoss
from impasto.losses.sliced import SlicedLoss
from impasto.losses.term import Term
from impasto.losses.total_variation import TotalVariationLoss
from impasto.recipe_files import named


def picture(height: int, width: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=generator, dtype=torch.float64)


CONTENT, STYLE, IMAGE = picture(20, 24), picture(16, 30, seed=2), picture(20, 24, seed=3)


def objective(tiny, framing: Framing | None = None, combine: str = "sum", **weights: float):
    framing = framing or Framing()
    weights = {"content": 2.0, "style": 3.0, "total_variation": 0.5} | weights
    extractor = tiny.extractor(padding="reflect", pooling="average")
    content = Term("content", ContentLoss("mean"), {"relu3_1": 1.0}, weights["content"])
    style = Term(
        "style", MomentsLoss(), {"relu1_1": 1.0, "relu2_1": 0.5}, weights["style"], combine
    )
    variation = Term(
        "total_variation", TotalVariationLoss(), {"pixels": 1.0}, weights["total_variation"]
    )
    targets = [
        content_target(extractor, content, CONTENT, framing),
        style_target(extractor, style, [STYLE]),
        free_target(variation),
    ]
    return Objective(extractor, targets, framing)


def test_terms_are_weighted_and_add_up(tiny):
    losses = objective(tiny).losses(IMAGE)
    layers = {name: float(value) for name, value in losses.layers.items()}
    assert float(losses.terms["content"]) == pytest.approx(2 * layers["content.relu3_1"])
    style = layers["style.relu1_1"] + 0.5 * layers["style.relu2_1"]
    assert float(losses.terms["style"]) == pytest.approx(3 * style)
    variation = 0.5 * layers["total_variation.pixels"]
    assert float(losses.terms["total_variation"]) == pytest.approx(variation)
    assert float(losses.total) == pytest.approx(sum(float(t) for t in losses.terms.values()))
    assert list(losses.values()) == ["total", *losses.terms, *losses.layers]


def test_the_gradient_equals_central_differences(tiny):
    whole = objective(tiny, Framing(16, 3), combine="root")
    random = torch.Generator().manual_seed(8)
    for phase in (0, 1):
        losses, gradient = whole.value_and_gradient(IMAGE, phase)
        assert float(losses.total) == pytest.approx(float(whole.losses(IMAGE, phase).total))
        for _ in range(3):
            move = torch.randn(IMAGE.shape, generator=random, dtype=torch.float64)
            up, down = (float(whole.losses(IMAGE + s * 1e-6 * move, phase).total) for s in (1, -1))
            assert float((gradient * move).sum()) == pytest.approx((up - down) / 2e-6, rel=1e-5)


def test_losses_are_differentiable_and_measuring_leaves_the_image_alone(tiny):
    image = IMAGE.clone().requires_grad_()
    objective(tiny).losses(image).total.backward()
    _, gradient = objective(tiny).value_and_gradient(IMAGE)
    torch.testing.assert_close(image.grad, gradient)
    assert IMAGE.grad is None
    assert not IMAGE.requires_grad


def test_values_measured_for_optimizers_keep_no_graph(tiny):
    losses, gradient = objective(tiny).value_and_gradient(IMAGE)
    everything = [losses.total, *losses.terms.values(), *losses.layers.values(), gradient]
    assert not any(tensor.requires_grad for tensor in everything)
    assert all(np.isfinite(list(losses.values().values())))


def test_gradients_are_measured_even_where_torch_is_told_to_keep_none(tiny):
    with torch.no_grad():
        _, gradient = objective(tiny).value_and_gradient(IMAGE)
    assert gradient.abs().max() > 0


def test_a_batch_is_the_mean_of_its_samples(tiny):
    batch = torch.cat([IMAGE, picture(20, 24, seed=4), picture(20, 24, seed=5)])
    whole = objective(tiny)
    singles = [whole.losses(image[None]).values() for image in batch]
    for name, value in whole.losses(batch).values().items():
        assert value == pytest.approx(np.mean([single[name] for single in singles]), rel=1e-10)


def test_reweighting_changes_terms_but_not_distances(tiny):
    plain = objective(tiny)
    other = plain.reweighted({"style": 30.0})
    assert other.weights() == {"content": 2.0, "style": 30.0, "total_variation": 0.5}
    assert plain.weights() == {"content": 2.0, "style": 3.0, "total_variation": 0.5}
    before, after = plain.losses(IMAGE).values(), other.losses(IMAGE).values()
    assert after["style"] == pytest.approx(10 * before["style"])
    for name in ("content", "total_variation", "style.relu1_1", "content.relu3_1"):
        assert after[name] == before[name]


def test_unknown_terms_cannot_be_reweighted(tiny):
    with pytest.raises(RecipeError, match="style"):
        objective(tiny).reweighted({"stile": 1.0})


def test_total_variation_sees_the_bare_pixels_whatever_the_frame(tiny):
    wanted = float(objective(tiny).losses(IMAGE).layers["total_variation.pixels"])
    pixels = IMAGE[0].numpy()
    squares = sum((np.diff(pixels, axis=axis) ** 2).sum() for axis in (1, 2))
    assert wanted == pytest.approx(squares / pixels.size)
    for phase in range(3):
        framed = objective(tiny, Framing(16, 3)).losses(IMAGE, phase)
        assert float(framed.layers["total_variation.pixels"]) == wanted


def test_the_network_sees_the_frame_of_the_phase(tiny):
    framing, extractor = Framing(16, 3), tiny.extractor(padding="reflect", pooling="average")
    whole = objective(tiny, framing)
    for phase in range(3):
        seen = extractor(framing.frame(IMAGE, phase), ["relu3_1"])["relu3_1"]
        wanted = extractor(framing.frame(CONTENT, phase), ["relu3_1"])["relu3_1"]
        value = float(whole.losses(IMAGE, phase).layers["content.relu3_1"])
        assert value == pytest.approx(float((seen - wanted).square().mean()))


def test_the_content_has_no_content_loss_in_any_phase(tiny):
    whole = objective(tiny, Framing(16, 4))
    for phase in range(8):
        assert float(whole.losses(CONTENT, phase).terms["content"]) == 0


def test_one_pass_through_the_network_serves_all_terms(tiny):
    calls, extractor = [], tiny.extractor()

    def counting(image, layers):
        calls.append(tuple(layers))
        return extractor(image, layers)

    term = Term("style", GramLoss(), {"relu1_1": 1.0, "relu2_1": 1.0})
    other = Term("content", ContentLoss(), {"relu2_1": 1.0})
    targets = [
        style_target(extractor, term, [STYLE]),
        content_target(extractor, other, CONTENT, Framing()),
    ]
    Objective(counting, targets).losses(IMAGE)
    assert calls == [("relu1_1", "relu2_1")]


def test_terms_on_pixels_alone_need_no_network():
    def never(image, layers):
        raise AssertionError("the network was asked")

    term = Term("total_variation", TotalVariationLoss("l1"), {"pixels": 1.0}, 2.0)
    losses = Objective(never, [free_target(term)]).losses(IMAGE)
    assert float(losses.total) == pytest.approx(2 * float(losses.layers["total_variation.pixels"]))


def test_terms_without_weight_are_left_out_of_a_recipes_objective(tiny):
    extractor = tiny.extractor()
    for changes, wanted in (
        ({}, {"content", "style"}),
        ({"content.weight": 0.0}, {"style"}),
        ({"style.weight": 0.0}, {"content"}),
        ({"total_variation.weight": 1.0}, {"content", "style", "total_variation"}),
        ({"laplacian.weight": 1.0}, {"content", "laplacian", "style"}),
        ({"histogram.weight": 1.0}, {"content", "style", "histogram"}),
    ):
        built = build_objective(named("gatys").changed(changes), extractor, CONTENT, [STYLE])
        assert set(built.weights()) == wanted


def by_chance(tiny, draws: Draws, framing: Framing | None = None) -> Objective:
    """Two losses that draw: directions and positions."""
    extractor, framing = tiny.extractor(padding="reflect"), framing or Framing()
    style = Term("style", SlicedLoss(positions=60), {"relu1_1": 1.0, "relu2_1": 1.0})
    content = Term("content", SelfSimilarityLoss(positions=20), {"relu3_1": 1.0})
    targets = [
        content_target(extractor, content, CONTENT, framing),
        style_target(extractor, style, [STYLE]),
    ]
    return Objective(extractor, targets, framing, draws)


def test_chance_changes_from_step_to_step_and_repeats_by_seed(tiny):
    values = [by_chance(tiny, Draws(3)).losses(IMAGE, step).values() for step in (0, 1, 1)]
    assert values[1] == values[2]
    assert all(values[0][name] != values[1][name] for name in values[0])
    other = by_chance(tiny, Draws(4)).losses(IMAGE, 1).values()
    assert all(other[name] != values[1][name] for name in other)


def test_fixed_draws_make_an_objective_that_stands_still(tiny):
    whole = by_chance(tiny, Draws(3, fixed=True))
    (first, gradient), (later, same) = (whole.value_and_gradient(IMAGE, step) for step in (0, 9))
    assert first.values() == later.values()
    assert torch.equal(gradient, same)


def test_the_gradient_of_what_is_left_to_chance_equals_central_differences(tiny):
    whole, random = by_chance(tiny, Draws(3), Framing(16, 3)), torch.Generator().manual_seed(8)
    for step in (0, 1):
        _, gradient = whole.value_and_gradient(IMAGE, step)
        move = torch.randn(IMAGE.shape, generator=random, dtype=torch.float64)
        up, down = (float(whole.losses(IMAGE + s * 1e-7 * move, step).total) for s in (1, -1))
        assert float((gradient * move).sum()) == pytest.approx((up - down) / 2e-7, rel=1e-4)


def test_a_content_loss_on_pixels_compares_bare_pixels_whatever_the_frame(tiny):
    term = Term("laplacian", LaplacianLoss((2, 4)), {"pixels": 1.0})
    values = []
    for framing in (Framing(), Framing(16, 3)):
        target = content_target(tiny.extractor(), term, CONTENT, framing)
        whole = Objective(tiny.extractor(), [target], framing)
        values += [float(whole.losses(IMAGE, phase).total) for phase in range(3)]
        assert float(whole.losses(CONTENT).total) == 0
    assert min(values) == max(values) > 0
