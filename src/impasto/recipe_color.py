"""The recipe's settings of color: whose colors the result has, and how."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class ColorSettings:
    """Whose colors the result has."""

    mode: Literal["style", "content", "palette"]
    """style: the style's, with its strokes; content: the content's, with the style's strokes;
    palette: the style's, without any strokes: nothing is optimized."""
    content: Literal["luminance", "covariance", "histogram"]
    """How the content's colors are kept. luminance: only lightness is painted, and the content's
    colors are put back; covariance, histogram: the style is given the content's colors first, by
    their mean and covariance or their whole distribution."""
    palette: Literal["axes", "covariance", "histogram"]
    """How the style's colors are taken. covariance: by their mean and covariance; axes: and then by
    the distribution of L, a and b, each by itself; histogram: by the whole distribution."""

    @property
    def only_recolors(self) -> bool:
        """Whether colors alone change: no strokes, no network."""
        return self.mode == "palette"
