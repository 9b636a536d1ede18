"""Places: statistics of a part of the picture, at every layer and phase."""

import numpy as np
import pytest
import torch

from impasto.engine.framing import Framing
from impasto.engine.objective import Objective
from impasto.engine.place import Place, views
from impasto.engine.targets import content_target, style_target
from impasto.losses.content import ContentLoss
from impasto.losses.gram import GramLoss
from impasto.losses.histogram import HistogramLoss
from impasto.losses.moments import MomentsLoss
from impasto.losses.nearest import NearestLoss
from impasto.losses.sliced import SlicedLoss
from impasto.losses.term import Term
from impasto.losses.wasserstein import WassersteinLoss

LAYERS = {"relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 1.0}


def picture(height: int, width: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=generator, dtype=torch.float64)


def left_part(height: int, width: int, columns: int) -> torch.Tensor:
    mask = torch.zeros(1, 1, height, width, dtype=torch.float64)
    mask[..., :columns] = 1
    mask[..., columns : columns + 2] = 0.5
    return mask


@pytest.fixture(scope="module")
def extractor(tiny):
    return tiny.extractor()


@pytest.mark.parametrize("phase", [0, 1, 2])
def test_weighted_moments_equal_numpy_at_every_layer_and_phase(extractor, phase):
    """Mask and image are framed by hand here: indices, not padding."""
    framing, image = Framing(16, 3), picture(40, 56)
    mask = left_part(40, 56, 20)
    down, across = framing.offset(phase)
    rows = np.abs(np.arange(down - 16, 40 + 16 + down))
    columns = np.abs(np.arange(across - 16, 56 + 16 + across))
    rows, columns = 39 - np.abs(39 - rows), 55 - np.abs(55 - columns)
    framed_mask = mask[0, 0].numpy()[rows][:, columns]
    features = extractor(framing.frame(image, phase), list(LAYERS))
    (seen,) = views([Place(mask)], [LAYERS], features, framing, phase)
    for layer, stride in (("relu1_1", 1), ("relu2_1", 2), ("relu3_1", 4)):
        maps = features[layer][0].numpy()
        high, wide = maps.shape[1:]
        cells = framed_mask[: high * stride, : wide * stride]
        weight = cells.reshape(high, stride, wide, stride).mean((1, 3))
        moments = MomentsLoss().summarize(*seen[layer])
        np.testing.assert_allclose(moments.count[0], weight.sum(), rtol=1e-10)
        np.testing.assert_allclose(
            moments.first[0], np.einsum("hw,chw->c", weight, maps), rtol=1e-8, atol=1e-10
        )
        np.testing.assert_allclose(
            moments.second[0], np.einsum("hw,chw,dhw->cd", weight, maps, maps), rtol=1e-8, atol=1e-9
        )


STYLE_LOSSES = [
    GramLoss("relative"),
    MomentsLoss(),
    WassersteinLoss(),
    SlicedLoss(),
    NearestLoss(),
    HistogramLoss(),
]


@pytest.mark.parametrize("loss", STYLE_LOSSES, ids=lambda loss: type(loss).__name__)
def test_a_region_is_blind_to_pixels_beyond_the_receptive_field(extractor, loss):
    """At relu2_1 a position sees 8 pixels beyond its own cell at most."""
    term = Term("style", loss, {"relu1_1": 1.0, "relu2_1": 1.0})
    target = style_target(extractor, term, [picture(24, 24, seed=2)])
    target = type(target)(term, target.phases, Place(left_part(32, 48, 16)))
    objective = Objective(extractor, [target])
    image = picture(32, 48, seed=3)
    losses, gradient = objective.value_and_gradient(image)
    assert float(gradient[..., 28:].abs().max()) == 0
    assert float(gradient[..., :16].abs().max()) > 0
    other = image.clone()
    other[..., 28:] = 1 - other[..., 28:]
    assert float(objective.losses(other).total) == pytest.approx(float(losses.total), rel=1e-12)


@pytest.mark.parametrize("loss", STYLE_LOSSES, ids=lambda loss: type(loss).__name__)
def test_a_part_of_a_style_is_all_that_counts(extractor, loss):
    """Where the mask is zero the style may be anything, at a layer that sees single pixels."""
    term = Term("style", loss, {"relu1_1": 1.0})
    style, image, mask = picture(24, 30, seed=2), picture(20, 20, seed=3), left_part(24, 30, 12)
    other = style.clone()
    other[..., 16:] = 1 - other[..., 16:]
    values = [
        float(
            Objective(extractor, [style_target(extractor, term, [s], masks=[m])])
            .losses(image)
            .total
        )
        for s, m in ((style, mask), (other, mask), (style, None), (other, None))
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-12)
    assert values[2] != pytest.approx(values[3], rel=1e-3)


def test_distances_of_one_term_add_up_by_their_shares(extractor):
    term = Term("style", MomentsLoss(), {"relu1_1": 1.0, "relu2_1": 0.5}, 3.0, "root")
    image = picture(24, 32, seed=4)
    whole = style_target(extractor, term, [picture(24, 24, seed=2)])
    parts = [
        type(whole)(term, whole.phases, Place(left_part(24, 32, 16)), 0.25),
        type(whole)(term, whole.phases, Place(1 - left_part(24, 32, 16)), 0.75),
    ]
    alone = [float(Objective(extractor, [p]).losses(image).terms["style"]) ** 2 for p in parts]
    both = float(Objective(extractor, parts).losses(image).terms["style"])
    assert both**2 == pytest.approx(sum(alone), rel=1e-6)


def test_a_held_content_pulls_where_it_is_held(extractor):
    framing, content, image = Framing(16, 2), picture(32, 32), picture(32, 32, seed=5)
    term = Term("content", ContentLoss("relative"), {"relu1_1": 1.0})
    mask = left_part(32, 32, 10)
    held = content_target(extractor, term, content, framing, Place(mask), 4.0)
    _, gradient = Objective(extractor, [held], framing).value_and_gradient(image, 1)
    assert float(gradient[..., 14:].abs().max()) == 0
    features = [extractor(framing.frame(p, 1), ["relu1_1"])["relu1_1"] for p in (image, content)]
    weight = framing.frame(mask, 1)
    apart = (weight * (features[0] - features[1]).square()).sum()
    wanted = 4 * float(apart / (weight * features[1].square()).sum())
    assert float(Objective(extractor, [held], framing).losses(image, 1).total) == pytest.approx(
        wanted, rel=1e-9
    )
