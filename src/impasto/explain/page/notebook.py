"""What notebooks show of a result, a trace, feature maps and a Gram matrix."""

from typing import TYPE_CHECKING

from impasto.explain.page.render import fragment

if TYPE_CHECKING:
    from impasto.explain.feature_maps import FeatureMaps
    from impasto.explain.gram_matrices import GramMatrix
    from impasto.images.picture import Picture
    from impasto.trace import Trace

SHOWN = 12
"""Channels of feature maps."""


def result_html(picture: "Picture", status: str, recipe: str, trace: "Trace") -> str:
    """Show the picture of a run, how it ended, and its losses."""
    return fragment(
        "notebook_result.html", picture=picture, status=status, recipe=recipe, trace=trace
    )


def feature_maps_html(maps: "FeatureMaps") -> str:
    """Show the most active channels as heat maps."""
    return fragment("notebook_features.html", maps=maps, channels=maps.most_active(SHOWN))


def gram_matrix_html(gram: "GramMatrix") -> str:
    """Show a Gram matrix as a heat map of logarithms."""
    return fragment("notebook_gram.html", gram=gram)


def framed(page: str) -> str:
    """Show a whole page in a frame, with its script and style kept inside."""
    return fragment("notebook_page.html", page=page)
