"""The tiled objective against the whole one: losses and gradient, for every kind of term."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from impasto.engine.draws import Draws
from impasto.engine.framing import Framing
from impasto.engine.losses import Losses
from impasto.engine.objective import Objective
from impasto.engine.place import Place
from impasto.engine.targets import Target, content_target, free_target, style_target
from impasto.engine.tiled.measure import TiledMeasure
from impasto.engine.tiled.objective import TiledObjective
from impasto.errors import RecipeError, ShapeError
from impasto.losses.content import ContentLoss
from impasto.losses.gram import GramLoss
from impasto.losses.histogram import HistogramLoss
from impasto.losses.laplacian import LaplacianLoss
from impasto.losses.moments import MomentsLoss
from impasto.losses.nearest import NearestLoss
from impasto.losses.similarity import SelfSimilarityLoss
from impasto.losses.sliced import SlicedLoss
from impasto.losses.term import Term
from impasto.losses.total_variation import TotalVariationLoss
from impasto.losses.wasserstein import WassersteinLoss

DEEP = {"relu1_1": 1.0, "relu2_1": 0.5, "conv3_2": 0.3, "relu5_1": 0.2}
PIXELS = {"pixels": 1.0}
CONTENTS = {
    "content-paper": (ContentLoss("paper"), {"conv3_2": 0.3, "relu5_1": 0.2}),
    "content-mean": (ContentLoss("mean"), {"relu1_1": 1.0, "pool3": 0.2}),
    "content-relative": (ContentLoss("relative"), DEEP),
    "content-pixels": (ContentLoss("mean"), PIXELS),
    "similarity": (SelfSimilarityLoss(positions=60), {"relu2_1": 1.0, "relu4_1": 0.5}),
    "laplacian": (LaplacianLoss(), PIXELS),
    "laplacian-odd": (LaplacianLoss((3, 7, 200)), PIXELS),
}
STYLES = {
    "gram": (GramLoss(), DEEP),
    "gram-relative": (GramLoss("relative"), {"relu4_1": 1.0}),
    "moments": (MomentsLoss(), DEEP),
    "wasserstein": (WassersteinLoss(), {"relu1_1": 1.0, "relu3_1": 1.0}),
    "sliced": (SlicedLoss(positions=200), DEEP),
    "nearest": (NearestLoss(positions=150), {"relu2_1": 1.0, "relu3_1": 1.0}),
    "histogram": (HistogramLoss(positions=200), DEEP),
}
FREE = {
    "variation-l1": (TotalVariationLoss("l1"), PIXELS),
    "variation-l2": (TotalVariationLoss("l2"), {"pixels": 1.0, "relu2_1": 0.1}),
}
LOSSES = CONTENTS | STYLES | FREE
BOUNDS = {torch.float64: (1e-10, 1e-10), torch.float32: (1e-6, 1e-5)}
"""Relative errors of losses and of the gradient's length."""
ROOTS = {torch.float64: 1e-7, torch.float32: 3e-3}
"""Errors of Wasserstein losses: a covariance of few positions has eigenvalues of zero, and the root
of their rounding is far larger than that."""


def picture(height: int, width: int, seed: int, dtype: torch.dtype) -> torch.Tensor:
    """Smooth and rough at once, so that no two pictures have like statistics."""
    generator = torch.Generator().manual_seed(seed)
    rough = torch.rand(1, 3, height, width, generator=generator, dtype=torch.float64)
    gain, offset = torch.rand(2, 1, 3, 1, 1, generator=generator, dtype=torch.float64)
    waves = torch.linspace(0, 3 + seed, width, dtype=torch.float64).sin().square()
    return (0.3 * gain * rough + 0.3 * waves + 0.3 * offset).to(dtype)


def mask(height: int, width: int, dtype: torch.dtype = torch.float64) -> Place:
    """Soft, and nothing at the top and right."""
    found = torch.rand(1, 1, height, width, dtype=dtype)
    found[..., : height // 3, :] = 0
    found[..., width * 3 // 4 :] = 0
    return Place(found)


def target_of(extractor, name, term, content, style, framing, where) -> Target:
    if name in CONTENTS:
        return content_target(extractor, term, content, framing, where, 0.7)
    found = free_target(term) if name in FREE else style_target(extractor, term, [style])
    return Target(term, found.phases, where, 0.7)


def assert_near(found: Losses, wanted: Losses, error: float) -> None:
    """Total and terms; a layer may add a little more, as its distance may be next to nothing."""
    assert list(found.values()) == list(wanted.values())
    for names, bound in (({"total", *wanted.terms}, error), (wanted.layers, 10 * error)):
        ours, theirs = ({n: v.values()[n] for n in names} for v in (found, wanted))
        assert ours == pytest.approx(theirs, rel=bound, abs=1e-14)


def assert_same(whole: Objective, tile: int, image: torch.Tensor, phase: int) -> None:
    tiled = TiledObjective(whole.extractor, whole.targets, whole.framing, whole.draws, tile)
    wanted, gradient = whole.value_and_gradient(image, phase)
    found, pulled = tiled.value_and_gradient(image, phase)
    of_losses, of_gradient = BOUNDS[whole.extractor.dtype]
    if any(isinstance(target.term.loss, WassersteinLoss) for target in whole.targets):
        of_losses = of_gradient = ROOTS[whole.extractor.dtype]
    assert_near(found, wanted, of_losses)
    apart = torch.linalg.vector_norm((pulled - gradient).double())
    assert apart <= of_gradient * torch.linalg.vector_norm(gradient.double())
    assert pulled.dtype == gradient.dtype
    assert_near(tiled.measure(image, phase), wanted, of_losses)


CASES = {
    "height": st.integers(33, 90),
    "width": st.integers(33, 90),
    "tile": st.sampled_from((16, 32, 48)),
    "pooling": st.sampled_from(("max", "average", "average-rescaled")),
    "padding": st.sampled_from(("zeros", "replicate", "reflect")),
    "framing": st.sampled_from(
        (Framing(), Framing(3), Framing(16, 4), Framing(16, 3, "wrap"), Framing(5, 1, "wrap"))
    ),
    "phase": st.integers(0, 3),
    "masked": st.booleans(),
    "combine": st.sampled_from(("sum", "root")),
}


def built(tiny, name, dtype, case) -> tuple[Objective, torch.Tensor]:
    extractor = tiny.extractor(dtype=dtype, pooling=case["pooling"], padding=case["padding"])
    height, width, framing = case["height"], case["width"], case["framing"]
    content, image = (picture(height, width, seed, dtype) for seed in (1, 2))
    loss, layers = LOSSES[name]
    term = Term("term", loss, layers, 2.0, case["combine"])
    torch.manual_seed(0)
    where = Place(mask(height, width).mask.to(dtype)) if case["masked"] else None
    style = picture(47, 60, 5, dtype)
    target = target_of(extractor, name, term, content, style, framing, where)
    return Objective(extractor, [target], framing, Draws(3)), image


def check(tiny, name, case) -> None:
    whole, image = built(tiny, name, torch.float64, case)
    assert_same(whole, case["tile"], image, case["phase"])


@pytest.mark.parametrize("name", LOSSES)
@settings(max_examples=6)
@given(case=st.fixed_dictionaries(CASES))
def test_every_term_is_the_same_in_tiles_in_float64(tiny, name, case):
    check(tiny, name, case)


@pytest.mark.slow
@pytest.mark.parametrize("name", LOSSES)
@settings(max_examples=25)
@given(case=st.fixed_dictionaries(CASES))
def test_every_term_is_the_same_in_tiles_in_many_more_cases(tiny, name, case):
    check(tiny, name, case)


SMOOTH = {**LOSSES}
for _decided_by_the_last_bit in ("similarity", "sliced", "nearest", "histogram", "wasserstein"):
    del SMOOTH[_decided_by_the_last_bit]


@pytest.mark.slow
@pytest.mark.parametrize("name", SMOOTH)
@settings(max_examples=25)
@given(case=st.fixed_dictionaries(CASES))
def test_tiles_in_float32_are_as_near_to_float64_as_the_whole(tiny, name, case):
    """Within 1e-6 and 1e-5, or where rounding takes the whole farther than that, about as far."""
    (exact, image), (whole, small) = (
        built(tiny, name, dtype, case) for dtype in (torch.float64, torch.float32)
    )
    tiled = TiledObjective(whole.extractor, whole.targets, whole.framing, whole.draws, case["tile"])
    errors = []
    wanted, gradient = exact.value_and_gradient(image, case["phase"])
    for objective in (whole, tiled):
        found, pulled = objective.value_and_gradient(small, case["phase"])
        of_gradient = (pulled - gradient).norm() / gradient.norm()
        errors.append((abs(found.total - wanted.total) / wanted.total, of_gradient))
    (whole_loss, whole_gradient), (loss, tiled_gradient) = errors
    assert loss <= max(1e-6, 4 * whole_loss)
    assert tiled_gradient <= max(1e-5, 4 * whole_gradient)


def several(tiny, dtype=torch.float64, **options) -> tuple[Objective, torch.Tensor]:
    """What a recipe asks for at most: content, a place held, two regions, histogram, pixels."""
    extractor = tiny.extractor(dtype=dtype, **options)
    content, image, style = (picture(77, 93, seed, dtype) for seed in (1, 2, 5))
    framing = Framing(16, 4)
    place = mask(77, 93, torch.promote_types(dtype, torch.float32))
    hold = Term("content", ContentLoss("relative"), {"relu4_1": 1.0}, 2.0)
    moments = Term("style", MomentsLoss(), DEEP, 3.0, "root")
    sliced = Term("histogram", HistogramLoss(positions=100), {"relu2_1": 1.0}, 0.5)
    lines = Term("laplacian", LaplacianLoss(), PIXELS, 0.7)
    variation = Term("total_variation", TotalVariationLoss(), PIXELS, 0.1)
    regions = style_target(extractor, moments, [style])
    targets = [
        content_target(extractor, hold, content, framing),
        content_target(extractor, hold, content, framing, place, 0.5),
        content_target(extractor, lines, content, framing),
        Target(moments, regions.phases, place, 0.3),
        Target(moments, regions.phases, None, 0.7),
        style_target(extractor, sliced, [style]),
        free_target(variation),
    ]
    return Objective(extractor, targets, framing, Draws(3)), image


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("tile", [16, 40, 64, 4096])
def test_several_terms_and_targets_are_the_same_in_tiles(tiny, tile, dtype):
    whole, image = several(tiny, dtype, padding="reflect", pooling="average")
    for phase in (0, 3):
        assert_same(whole, tile, image, phase)


def test_bf16_is_near(tiny):
    whole, image = several(tiny, torch.bfloat16, padding="reflect", pooling="average")
    image = image.float()
    wanted, gradient = whole.value_and_gradient(image)
    tiled = TiledObjective(whole.extractor, whole.targets, whole.framing, whole.draws, 32)
    found, pulled = tiled.value_and_gradient(image)
    assert found.values() == pytest.approx(wanted.values(), rel=1e-2)
    assert (pulled - gradient).norm() <= 1e-2 * gradient.norm()


def test_the_image_is_left_alone_and_no_graph_is_kept(tiny):
    whole, image = several(tiny)
    before = image.clone()
    tiled = TiledObjective(whole.extractor, whole.targets, whole.framing, whole.draws, 32)
    with torch.no_grad():
        losses, gradient = tiled.value_and_gradient(image)
    assert torch.equal(image, before)
    assert not image.requires_grad
    tensors = [losses.total, *losses.terms.values(), *losses.layers.values(), gradient]
    assert not any(tensor.requires_grad for tensor in tensors)


def test_reweighting_is_that_of_the_whole(tiny):
    whole, image = several(tiny)
    tiled = TiledObjective(whole.extractor, whole.targets, whole.framing, whole.draws, 32)
    weights = {"content": 0.0, "style": 7.0}
    assert tiled.reweighted(weights).weights() == whole.reweighted(weights).weights()
    assert tiled.weights() == whole.weights()
    assert_same(whole.reweighted(weights), 32, image, 1)
    with pytest.raises(RecipeError, match="style"):
        tiled.reweighted({"stile": 1.0})


class Counting:
    """An extractor that notes the sizes of what it is shown."""

    def __init__(self, extractor):
        self.extractor, self.architecture = extractor, extractor.architecture
        self.check_size, self.sizes = extractor.check_size, []

    def __call__(self, image, layers):
        self.sizes.append((tuple(image.shape[-2:]), image.requires_grad))
        return self.extractor(image, layers)


def counted(tiny, loss, layers, combine="sum", tile=32) -> list[tuple[tuple[int, int], bool]]:
    extractor = Counting(tiny.extractor())
    term = Term("term", loss, layers, combine=combine)
    content, image = (picture(96, 128, seed, torch.float64) for seed in (1, 2))
    make = content_target if loss.contract == "local" else style_target
    pictures = [content, Framing()] if loss.contract == "local" else [[content]]
    targets = [make(extractor.extractor, term, *pictures)]
    TiledObjective(extractor, targets, tile=tile).value_and_gradient(image)
    return extractor.sizes


def test_a_second_pass_is_made_only_where_sums_are_needed(tiny):
    layers = {"relu2_1": 1.0}
    once = [graph for _, graph in counted(tiny, ContentLoss(), layers)]
    assert once == [True] * 12
    for loss, combine in ((GramLoss(), "sum"), (ContentLoss(), "root")):
        twice = [graph for _, graph in counted(tiny, loss, layers, combine)]
        assert twice == [False] * 12 + [True] * 12


def test_no_more_is_shown_to_the_network_than_a_tile_and_its_halo(tiny):
    # relu2_1 sees 14 px less a stride of 2, half on each side, and begins on its own grid.
    sizes = [size for size, _ in counted(tiny, GramLoss(), {"relu2_1": 1.0})]
    assert max(max(size) for size in sizes) <= 32 + 2 * 6


def test_tiles_in_which_no_square_begins_have_no_share(tiny):
    extractor, term = tiny.extractor(), Term("laplacian", LaplacianLoss((40,)), PIXELS)
    content, image = (picture(70, 90, seed, torch.float64) for seed in (1, 2))
    target = content_target(extractor, term, content, Framing())
    assert_same(Objective(extractor, [target]), 16, image, 0)


def test_losses_on_pixels_alone_need_no_network(tiny):
    term = Term("total_variation", TotalVariationLoss(), PIXELS)
    extractor = Counting(tiny.extractor())
    image = picture(50, 60, 2, torch.float64)
    whole = Objective(extractor, [free_target(term)])
    tiled = TiledObjective(extractor, whole.targets, tile=16)
    torch.testing.assert_close(
        tiled.value_and_gradient(image)[1], whole.value_and_gradient(image)[1]
    )
    assert extractor.sizes == []


def test_a_picture_too_small_for_a_layer_says_so_and_not_its_tile(tiny):
    extractor = tiny.extractor(padding="reflect")
    term = Term("style", GramLoss(), {"relu5_1": 1.0})
    targets = [style_target(extractor, term, [picture(64, 64, 1, torch.float64)])]
    image = picture(31, 80, 2, torch.float64)
    with pytest.raises(ShapeError, match=r"at least 32 x 32 px for relu5_1.*\(31, 80\)"):
        TiledObjective(extractor, targets, tile=16).value_and_gradient(image)
    # A pixel more is enough, and no tile is refused.
    larger = picture(32, 80, 2, torch.float64)
    assert_same(Objective(extractor, targets), 16, larger, 0)


def test_one_tile_is_the_whole(tiny):
    whole, _ = several(tiny)
    tiled = TiledObjective(whole.extractor, whole.targets, whole.framing, whole.draws, 96)
    assert tiled.divides((77, 93))
    assert not tiled.divides((60, 64))
    assert tiled.whole() == whole


def test_overhead_counts_a_pass_for_what_is_gathered(tiny):
    extractor, framing = tiny.extractor(), Framing()
    content = Term("content", ContentLoss(), {"relu3_1": 1.0})
    style = Term("style", GramLoss(), {"relu3_1": 1.0})
    image = picture(64, 64, 1, torch.float64)
    local = content_target(extractor, content, image, framing)
    summed = style_target(extractor, style, [image])
    assert TiledObjective(extractor, [local], tile=64).overhead((64, 64)) == pytest.approx(1)
    both = TiledObjective(extractor, [local, summed], tile=64)
    assert both.overhead((64, 64)) == pytest.approx(1.45)


@pytest.mark.parametrize("tile", [16, 48, 4096])
@pytest.mark.parametrize("name", CONTENTS | STYLES)
def test_targets_measured_in_tiles_are_those_of_the_whole(tiny, name, tile):
    extractor, (loss, layers) = tiny.extractor(padding="reflect"), LOSSES[name]
    content, style, image = (picture(61, 75, seed, torch.float64) for seed in (1, 5, 2))
    framing, where = Framing(16, 2), mask(61, 75)
    term, measure = Term("term", loss, layers), TiledMeasure(tile)
    found = []
    for how in ({}, {"measure": measure}):
        if name in CONTENTS:
            targets = [
                content_target(extractor, term, content, framing, place, **how)
                for place in (None, where)
            ]
        else:
            targets = [style_target(extractor, term, [style, image], [1, 3], **how)]
            masks = [where.mask, None]
            targets += [style_target(extractor, term, [style, image], masks=masks, **how)]
        found.append(
            [
                Objective(extractor, [target], framing, Draws(1)).measure(image, phase).values()
                for target in targets
                for phase in (0, 1)
            ]
        )
    for wanted, tiled in zip(*found, strict=True):
        assert tiled == pytest.approx(wanted, rel=1e-7 if name == "wasserstein" else 1e-10)
