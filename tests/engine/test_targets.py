"""Targets: mixed styles, contents in each phase."""

import numpy as np
import pytest
import torch

from impasto.engine.framing import Framing
from impasto.engine.targets import Target, content_target, free_target, style_target
from impasto.errors import RecipeError
from impasto.losses.content import ContentLoss
from impasto.losses.gram import GramLoss
from impasto.losses.histogram import HistogramLoss
from impasto.losses.moments import MomentsLoss
from impasto.losses.nearest import NearestLoss
from impasto.losses.sliced import SlicedLoss
from impasto.losses.term import Term

LAYERS = {"relu1_1": 1.0, "relu2_1": 1.0}
STYLE = Term("style", GramLoss("mean"), LAYERS)


def picture(height: int, width: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=generator, dtype=torch.float64)


def gram_per_position(features: torch.Tensor) -> np.ndarray:
    rows = features[0].flatten(1).numpy()
    return rows @ rows.T / rows.shape[1]


@pytest.fixture(scope="module")
def extractor(tiny):
    return tiny.extractor()


@pytest.mark.parametrize("mix", [(), (1.0, 1.0, 1.0), (2.0, 1.0, 5.0), (0.0, 3.0, 0.0)])
def test_styles_of_any_size_mix_as_weighted_means_of_their_statistics(extractor, mix):
    styles = [picture(12, 20), picture(31, 9, seed=2), picture(16, 16, seed=3)]
    target = style_target(extractor, STYLE, styles, mix).at(0)
    shares = np.array(mix or (1, 1, 1)) / sum(mix or (1, 1, 1))
    for layer in LAYERS:
        grams = [gram_per_position(extractor(style, [layer])[layer]) for style in styles]
        wanted = np.tensordot(shares, grams, 1)
        np.testing.assert_allclose(target[layer].per_position().second[0], wanted, rtol=1e-10)
        assert float(target[layer].count) == pytest.approx(1)


def test_means_and_covariances_of_a_mix_follow_from_its_mixed_moments(extractor):
    term = Term("style", MomentsLoss(), {"relu1_1": 1.0})
    styles = [picture(12, 20), picture(31, 9, seed=2)]
    mixed = style_target(extractor, term, styles, (3.0, 1.0)).at(0)["relu1_1"]
    rows = [extractor(style, ["relu1_1"])["relu1_1"][0].flatten(1).numpy() for style in styles]
    mean = 0.75 * rows[0].mean(1) + 0.25 * rows[1].mean(1)
    second = sum(share * r @ r.T / r.shape[1] for share, r in zip((0.75, 0.25), rows, strict=True))
    np.testing.assert_allclose(mixed.per_position().first[0], mean, rtol=1e-10)
    np.testing.assert_allclose(
        mixed.covariance()[0], second - np.outer(mean, mean), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("mix", [(1.0,), (1.0, 2.0, 3.0)])
def test_unequal_counts_of_weights_and_styles_are_refused(extractor, mix):
    with pytest.raises(RecipeError, match=f"{len(mix)} weights for 2 styles"):
        style_target(extractor, STYLE, [picture(8, 8), picture(8, 8)], mix)


def test_a_layer_with_a_mix_of_its_own_has_the_statistics_of_that_mix(extractor):
    styles = [picture(12, 20), picture(31, 9, seed=2)]
    layer_mix = {"relu2_1": (1.0, 4.0)}
    target = style_target(extractor, STYLE, styles, (3.0, 1.0), layer_mix).at(0)
    for layer, shares in (("relu1_1", (0.75, 0.25)), ("relu2_1", (0.2, 0.8))):
        grams = [gram_per_position(extractor(style, [layer])[layer]) for style in styles]
        wanted = shares[0] * grams[0] + shares[1] * grams[1]
        np.testing.assert_allclose(target[layer].second[0], wanted, rtol=1e-10)


def test_a_layer_with_too_few_weights_is_refused(extractor):
    with pytest.raises(RecipeError, match="1 weights for 2 styles"):
        style_target(extractor, STYLE, [picture(8, 8)] * 2, (), {"relu2_1": (1.0,)})


def test_the_content_is_measured_in_each_phase_as_the_image_will_be_seen(extractor):
    framing, content = Framing(16, 3), picture(20, 24)
    term = Term("content", ContentLoss(), {"relu3_1": 1.0})
    target = content_target(extractor, term, content, framing)
    for phase in range(6):
        seen = extractor(framing.frame(content, phase), ["relu3_1"])["relu3_1"]
        assert torch.equal(target.at(phase)["relu3_1"], seen)


def test_targets_keep_no_graph(extractor):
    content = picture(16, 16).requires_grad_()
    term = Term("content", ContentLoss(), {"relu2_1": 1.0})
    assert not content_target(extractor, term, content, Framing()).at(0)["relu2_1"].requires_grad
    assert not style_target(extractor, STYLE, [content]).at(0)["relu1_1"].second.requires_grad


def test_a_free_target_compares_with_nothing():
    assert free_target(STYLE).at(5) == {"relu1_1": None, "relu2_1": None}


def test_one_target_serves_all_phases():
    target = Target(STYLE, [{"relu1_1": 1}])
    assert [target.at(phase) for phase in range(3)] == [{"relu1_1": 1}] * 3


@pytest.mark.parametrize("kind", [SlicedLoss, NearestLoss, HistogramLoss])
def test_samples_of_styles_mix_by_their_shares_of_vectors(extractor, kind):
    term = Term("style", kind(), {"relu1_1": 1.0})
    styles = [picture(16, 16), picture(12, 20, seed=2)]
    mixed = style_target(extractor, term, styles, (3.0, 1.0)).at(0)["relu1_1"].rows[0]
    first, second = (
        {tuple(row) for row in extractor(style, ["relu1_1"])["relu1_1"][0].flatten(1).T.tolist()}
        for style in styles
    )
    of_first = sum(tuple(row) in first for row in mixed.tolist())
    of_second = sum(tuple(row) in second for row in mixed.tolist())
    # Of 256; a vector that both styles have, such as that of zeros, counts for both.
    assert (of_first, of_second) == (pytest.approx(192, abs=2), pytest.approx(64, abs=2))


def test_a_style_of_no_weight_leaves_the_others_as_they_are(extractor):
    term = Term("style", NearestLoss(), {"relu1_1": 1.0})
    styles = [picture(16, 16), picture(12, 20, seed=2)]
    alone = style_target(extractor, term, styles[:1]).at(0)["relu1_1"].rows
    mixed = style_target(extractor, term, styles, (1.0, 0.0)).at(0)["relu1_1"].rows
    assert torch.equal(alone, mixed)
