"""The objective of several ranks: the bytes of one rank's, and the numbers of the whole image's."""

from functools import partial

import pytest
import torch

from impasto.engine.draws import Draws
from impasto.engine.framing import Framing
from impasto.engine.place import Place
from impasto.engine.ranks.gathering import SharedGathering
from impasto.engine.ranks.layout import Layout
from impasto.engine.ranks.objective import RankedObjective
from impasto.engine.targets import content_target, free_target, measure_whole, style_target
from impasto.engine.tiled.measure import TiledMeasure
from impasto.engine.tiled.objective import TiledObjective
from impasto.losses.content import ContentLoss
from impasto.losses.gram import GramLoss
from impasto.losses.laplacian import LaplacianLoss
from impasto.losses.similarity import SelfSimilarityLoss
from impasto.losses.sliced import SlicedLoss
from impasto.losses.term import Term
from impasto.losses.total_variation import TotalVariationLoss
from impasto.losses.wasserstein import WassersteinLoss

PIXELS = {"pixels": 1.0}
STYLE_LAYERS = {"relu1_1": 0.5, "relu2_1": 0.3, "relu3_1": 0.2}
CONTENTS = [
    Term("content", ContentLoss("relative"), {"relu3_1": 1.0, "relu1_1": 0.1}),
    Term("rooted", ContentLoss("mean"), {"relu2_1": 1.0}, combine="root"),
    Term("lines", LaplacianLoss(), PIXELS),
    Term("alike", SelfSimilarityLoss(positions=40), {"relu2_1": 1.0}),
]
STYLES = [
    Term("style", GramLoss("relative"), STYLE_LAYERS, weight=2.0),
    Term("optimal", WassersteinLoss(), {"relu2_1": 1.0}),
    Term("sliced", SlicedLoss(positions=100), {"relu3_1": 1.0}),
]
FREE = [Term("smooth", TotalVariationLoss(), PIXELS, weight=0.1)]
TERMS = {term.name: term for term in (*CONTENTS, *STYLES, *FREE)}
REFLECTED = Framing(16, 4)
WRAPPED = Framing(16, 4, "wrap")


def pictures(height, width, dtype):
    return [torch.rand(1, 3, height, width, dtype=dtype) for _ in range(2)]


def targets(extractor, content, style, terms, framing, measure, where=None):
    found = [
        content_target(extractor, term, content, framing, where, measure=measure)
        for term in terms
        if term in CONTENTS
    ]
    found += [style_target(extractor, t, [style], measure=measure) for t in terms if t in STYLES]
    return found + [free_target(term) for term in terms if term in FREE]


@pytest.fixture
def evaluated(tiny, together):
    """Losses and the gradient of all bands, after every rank has measured its own targets."""
    return partial(evaluate, tiny, together)


def evaluate(
    tiny, together, world, names, *, size=(90, 70), tile=32, framing=REFLECTED, phase=1, **more
):
    dtype = more.get("dtype", torch.float32)
    extractor = tiny.extractor(dtype=dtype)
    terms = [TERMS[name] for name in names]
    torch.manual_seed(3)
    content, image = pictures(*size, dtype)
    style, _ = pictures(75, 64, dtype)
    where = Place(torch.rand(1, 1, *size, dtype=dtype)) if more.get("masked") else None
    if world is None:
        found = targets(extractor, content, style, terms, framing, measure_whole, where)
        whole = TiledObjective(extractor, found, framing, Draws(5), tile).whole()
        return whole.value_and_gradient(image, phase)

    def one(ranks):
        measure = TiledMeasure(tile, gathering=SharedGathering(ranks))
        found = targets(extractor, content, style, terms, framing, measure, where)
        tiled = TiledObjective(extractor, found, framing, Draws(5), tile)
        bands = Layout(extractor.architecture, tiled.layers, framing, tile, world).bands(size)
        objective = RankedObjective(tiled, ranks, size, bands)
        first, last = bands[ranks.rank]
        band = image[..., first:last, :].contiguous()
        measured = objective.measure(band, phase)
        losses, gradient = objective.value_and_gradient(band, phase)
        assert measured.values() == losses.values()
        return losses, gradient

    found = together(world, one)
    assert all(losses.values() == found[0][0].values() for losses, _ in found)
    return found[0][0], torch.cat([gradient for _, gradient in found], 2)


def same_bytes(evaluated, worlds, *args, **options):
    losses, gradient = evaluated(1, *args, **options)
    for world in worlds:
        others, other = evaluated(world, *args, **options)
        assert others.values() == losses.values()
        assert torch.equal(other, gradient)
    return losses, gradient


@pytest.mark.parametrize("framing", [REFLECTED, WRAPPED, Framing()], ids=["reflect", "wrap", "no"])
def test_two_and_three_ranks_give_the_bytes_of_one(evaluated, framing):
    same_bytes(evaluated, (2, 3), list(TERMS), framing=framing)


def test_ranks_give_the_numbers_of_the_whole_image(evaluated):
    wanted, whole = evaluated(None, list(TERMS), dtype=torch.float64)
    losses, gradient = evaluated(3, list(TERMS), dtype=torch.float64)
    assert losses.values() == pytest.approx(wanted.values(), rel=1e-7)
    assert (gradient - whole).norm() < 1e-7 * whole.norm()


def test_masks_are_shared_as_well(evaluated):
    same_bytes(evaluated, (2,), ["content", "rooted", "style"], masked=True)


def test_ranks_without_tiles_take_part(evaluated):
    same_bytes(evaluated, (2, 5), list(TERMS), tile=64)


def test_halos_may_reach_past_a_rank(evaluated):
    # Tiles of 16 px are smaller than their halo, so that rows are added to by four ranks.
    same_bytes(evaluated, (4,), ["content", "style"], size=(64, 48), tile=16, framing=Framing())


def test_partial_sums_would_not_give_the_same_bytes(evaluated):
    """The tests above can fail: sums in another order differ in their last bits."""
    _, gradient = evaluated(1, ["content", "style"])
    _, other = evaluated(1, ["content", "style"], tile=48)
    assert not torch.equal(other, gradient)
    assert (gradient - other).norm() < 1e-5 * gradient.norm()
