"""Shares of several styles: one for all layers, or others for some of them."""

from collections.abc import Iterable, Mapping, Sequence

from impasto.errors import RecipeError, unknown_name

FINE, COARSE = "fine", "coarse"
"""Groups of layers: those of the network's first two blocks (colors and strokes), and the rest."""
_FINE_BLOCKS = ("relu1_", "relu2_", "conv1_", "conv2_", "pixels")


def check_shares(field: str, shares: Sequence[float]) -> None:
    """Raise RecipeError for shares that are negative, not finite, or all zero."""
    for share in shares:
        if not 0 <= share < float("inf"):
            raise RecipeError(f"{field} must be at least 0, got {share!r}")
    if sum(shares) == 0:
        raise RecipeError(f"{field} sums to zero: give at least one style some weight")


def check_layer_mix(mix: Mapping[str, Sequence[float]], layers: Iterable[str]) -> None:
    """Raise RecipeError for shares of unknown layers, or that are impossible."""
    known = [FINE, COARSE, *layers]
    for name, shares in mix.items():
        if name not in known:
            raise RecipeError(unknown_name("style layer in style.layer_mix", name, known))
        check_shares(f"style.layer_mix.{name}", shares)


def check_count(field: str, values: Sequence[float], styles: int, what: str = "weights") -> None:
    """Raise RecipeError unless there are as many values as styles, or none."""
    if values and len(values) != styles:
        raise RecipeError(f"{field} has {len(values)} {what} for {styles} styles: give as many")


def by_layer(
    mix: Mapping[str, Sequence[float]], layers: Iterable[str]
) -> dict[str, Sequence[float]]:
    """Give each layer its shares: its own, else its group's; layers without any are left out."""
    found = {layer: mix.get(layer, mix.get(_group(layer), ())) for layer in layers}
    return {layer: shares for layer, shares in found.items() if shares}


def _group(layer: str) -> str:
    return FINE if layer.startswith(_FINE_BLOCKS) else COARSE
