"""From recipe to terms: every loss that a recipe can name is the one that is built."""

from typing import get_args, get_type_hints

import pytest
import torch

import impasto
from impasto.engine.targets import PIXELS
from impasto.images.picture import Picture
from impasto.losses.content import ContentLoss
from impasto.losses.gram import GramLoss
from impasto.losses.histogram import HistogramLoss
from impasto.losses.laplacian import LaplacianLoss
from impasto.losses.moments import MomentsLoss
from impasto.losses.nearest import NearestLoss
from impasto.losses.similarity import SelfSimilarityLoss
from impasto.losses.sliced import SlicedLoss
from impasto.losses.wasserstein import WassersteinLoss
from impasto.recipe_files import named
from impasto.recipe_terms import StyleSettings
from impasto.terms import content_term, histogram_term, laplacian_term, style_term

DEFAULT = named("default")
STYLES = {
    "gram": GramLoss,
    "moments": MomentsLoss,
    "wasserstein": WassersteinLoss,
    "sliced": SlicedLoss,
    "nearest": NearestLoss,
}


def test_all_statistics_are_tested_here():
    assert set(STYLES) == set(get_args(get_type_hints(StyleSettings)["statistics"]))


@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize("form", ["mean", "relative"])
def test_the_style_loss_is_the_one_named(name, form):
    recipe = DEFAULT.changed({"style.statistics": name, "style.form": form, "style.weight": 3.0})
    term = style_term(recipe)
    assert (type(term.loss), term.loss.form, term.weight) == (STYLES[name], form, 3.0)


def test_papers_have_forms_of_their_own():
    for name in ("gram", "nearest"):
        recipe = DEFAULT.changed({"style.statistics": name, "style.form": "paper"})
        assert style_term(recipe).loss.form == "paper"


@pytest.mark.parametrize(
    ("name", "kind"), [("features", ContentLoss), ("self-similarity", SelfSimilarityLoss)]
)
def test_the_content_loss_is_the_one_named(name, kind):
    term = content_term(DEFAULT.changed({"content.statistics": name, "content.form": "mean"}))
    assert (type(term.loss), term.loss.form) == (kind, "mean")
    assert term.layers == DEFAULT.content.layers


def test_histogram_and_laplacian_terms_take_their_own_settings():
    recipe = DEFAULT.changed(
        {"histogram.layers": {"relu2_1": 0.5}, "histogram.weight": 2.0, "laplacian.pools": [8]}
    )
    histogram, laplacian = histogram_term(recipe), laplacian_term(recipe)
    assert isinstance(histogram.loss, HistogramLoss)
    assert (histogram.layers, histogram.weight) == ({"relu2_1": 0.5}, 2.0)
    assert laplacian.loss == LaplacianLoss((8,))
    assert laplacian.layers == {PIXELS: 1.0}


def test_layers_of_the_histogram_count_where_it_does():
    changes = {"histogram.layers": {"relu5_4": 1.0}}
    assert "relu5_4" not in DEFAULT.changed(changes).layers
    assert "relu5_4" in DEFAULT.changed(changes | {"histogram.weight": 1.0}).layers


def paint(**settings) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    pictures = [Picture(torch.rand(3, 40, 48, generator=generator)) for _ in range(3)]
    result = impasto.stylize(
        pictures[0],
        pictures[1:],
        settings={"schedule.size": 48, "schedule.steps": 3, "network.precision": "fp32"} | settings,
    )
    return result.image


@pytest.mark.parametrize(
    "settings",
    [
        *({"style.statistics": name} for name in ("sliced", "nearest")),
        {"content.statistics": "self-similarity"},
        {"laplacian.weight": 1.0, "histogram.weight": 1.0},
    ],
    ids=["sliced", "nearest", "self-similarity", "laplacian and histogram"],
)
def test_a_run_with_two_styles_repeats_and_differs_from_the_default(settings):
    one, two = paint(**settings), paint(**settings)
    assert torch.equal(one, two)
    assert float((one - paint()).abs().max()) > 1e-3


def test_lbfgs_lowers_a_loss_that_is_left_to_chance():
    generator = torch.Generator().manual_seed(0)
    content, style = (Picture(torch.rand(3, 40, 48, generator=generator)) for _ in range(2))
    settings = {"schedule.size": 48, "schedule.steps": 8, "style.statistics": "sliced"}
    result = impasto.stylize(
        content, style, settings=settings | {"optimizer.name": "lbfgs", "objective.margin": 16}
    )
    totals = [row.losses["total"] for row in result.trace.rows]
    assert totals == sorted(totals, reverse=True)
    assert totals[-1] < 0.9 * totals[0]
