"""Pictures rebuilt from what one layer knows of them: content from features, texture from style.

Content: Mahendran and Vedaldi 2015, and Figure 1 of Gatys et al. 2016. Texture: Gatys et al. 2015.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from impasto.engine.framing import Framing
from impasto.engine.objective import Objective
from impasto.engine.targets import (
    PIXELS,
    FeatureExtractor,
    content_target,
    free_target,
    style_target,
)
from impasto.explain.descent import descend, noise
from impasto.losses.content import ContentLoss
from impasto.losses.gram import GramLoss
from impasto.losses.term import Term
from impasto.losses.total_variation import TotalVariationLoss

VARIATION = 0.05
"""Weight of total variation where content is rebuilt: what a layer leaves open is kept smooth."""


@dataclass(frozen=True, eq=False)
class Rebuilt:
    """A picture made from noise until these layers answer as they did to the original."""

    layers: tuple[str, ...]
    image: Tensor
    """(1, 3, H, W), sRGB in [0, 1]."""
    first: float
    """The loss at the noise; 1 for features means: nothing in common."""
    last: float
    error: float
    """Root mean square difference to the original's pixels."""
    steps: int

    @property
    def name(self) -> str:
        """The layer, or the deepest of several."""
        return self.layers[-1]


def rebuild_content(
    extractor: FeatureExtractor, content: Tensor, layer: str, steps: int
) -> Rebuilt:
    """Rebuild (1, 3, H, W) from one layer's features alone."""
    features = Term("content", ContentLoss("relative"), {layer: 1.0})
    smooth = Term("total_variation", TotalVariationLoss(), {PIXELS: 1.0}, VARIATION)
    objective = Objective(
        extractor,
        [content_target(extractor, features, content, Framing()), free_target(smooth)],
    )
    return _rebuilt(objective, content, (layer,), "content", steps)


def rebuild_style(
    extractor: FeatureExtractor, style: Tensor, layers: Sequence[str], steps: int
) -> Rebuilt:
    """Make a texture of the style's size from its Gram matrices at some layers alone."""
    term = Term("style", GramLoss("relative"), dict.fromkeys(layers, 1.0), combine="root")
    objective = Objective(extractor, [style_target(extractor, term, [style])])
    return _rebuilt(objective, style, tuple(layers), "style", steps)


def _rebuilt(
    objective: Objective, like: Tensor, layers: tuple[str, ...], term: str, steps: int
) -> Rebuilt:
    start = noise(*like.shape[-2:]).to(like)
    image = descend(objective, start, steps).image
    first, last = (float(objective.losses(x).terms[term].detach()) for x in (start, image))
    return Rebuilt(
        layers, image.cpu(), first, last, float((image - like).square().mean().sqrt()), steps
    )
