"""From a recipe to the terms of its objective: which losses, at which layers, how heavy."""

from impasto.engine.targets import PIXELS
from impasto.losses.content import ContentLoss
from impasto.losses.gram import GramLoss
from impasto.losses.histogram import HistogramLoss
from impasto.losses.laplacian import LaplacianLoss
from impasto.losses.moments import MomentsLoss
from impasto.losses.nearest import NearestLoss
from impasto.losses.similarity import SelfSimilarityLoss
from impasto.losses.sliced import SlicedLoss
from impasto.losses.term import Loss, StyleLoss, Term
from impasto.losses.total_variation import TotalVariationLoss
from impasto.losses.wasserstein import WassersteinLoss
from impasto.recipe import Recipe
from impasto.recipe_terms import ContentSettings, StyleSettings


def content_term(recipe: Recipe) -> Term:
    """Make the content term of a recipe."""
    settings = recipe.content
    return Term("content", content_loss(settings), settings.layers, settings.weight)


def content_loss(settings: ContentSettings) -> Loss:
    """Make the content loss of a recipe."""
    if settings.statistics == "self-similarity":
        return SelfSimilarityLoss(settings.form)
    return ContentLoss(settings.form)


def style_term(recipe: Recipe) -> Term:
    """Make the style term of a recipe."""
    settings = recipe.style
    return Term("style", style_loss(settings), settings.layers, settings.weight, settings.combine)


def style_loss(settings: StyleSettings) -> StyleLoss:
    """Make the style loss of a recipe."""
    if settings.statistics == "gram":
        return GramLoss(settings.form)
    if settings.statistics == "nearest":
        return NearestLoss(form=settings.form)
    assert settings.form != "paper"  # which the recipe refuses for the others
    if settings.statistics == "sliced":
        return SlicedLoss(form=settings.form)
    kind = MomentsLoss if settings.statistics == "moments" else WassersteinLoss
    return kind(settings.form)


def histogram_term(recipe: Recipe) -> Term:
    """Make the histogram term of a recipe, which stands beside its style term."""
    settings = recipe.histogram
    return Term(
        "histogram", HistogramLoss(), settings.layers, settings.weight, recipe.style.combine
    )


def laplacian_term(recipe: Recipe) -> Term:
    """Make the Laplacian term of a recipe."""
    settings = recipe.laplacian
    return Term("laplacian", LaplacianLoss(settings.pools), {PIXELS: 1.0}, settings.weight)


def variation_term(recipe: Recipe) -> Term:
    """Make the total variation term of a recipe."""
    settings = recipe.total_variation
    return Term(
        "total_variation", TotalVariationLoss(settings.form), {PIXELS: 1.0}, settings.weight
    )
