"""Which formulas a recipe's losses have; they are typeset in `templates/formulas.html`."""

from collections.abc import Mapping

from impasto.recipe import Recipe

WORDS = {
    "sliced": "Feature vectors are projected on random directions; on each, the sorted values of "
    "image and style are compared.",
    "nearest": "Each feature vector is compared with the one of the style that points most nearly "
    "in its direction.",
    "self-similarity": "Not the features are compared, but how alike the features of each two "
    "positions are.",
    "moments": "Means and covariances of the channels over positions are compared.",
}
"""Losses that are told in words."""


def content_formula(recipe: Recipe) -> str:
    """Name the macro of the content loss."""
    settings = recipe.content
    return "words" if settings.statistics in WORDS else f"content_{settings.form}"


def style_formula(recipe: Recipe) -> str:
    """Name the macro of the style loss."""
    settings = recipe.style
    if settings.statistics == "gram":
        return f"gram_{settings.form}"
    return "wasserstein" if settings.statistics == "wasserstein" else "words"


def weights(layers: Mapping[str, float]) -> str:
    """Write the weights of layers in words."""
    return ", ".join(f"{layer} {weight:g}" for layer, weight in layers.items())
