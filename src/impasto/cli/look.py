"""Options of the look that name several styles at once: mixes, scales, colors."""

from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import typer

from impasto import recipe_files
from impasto.cli.given_options import number
from impasto.cli.options import LOOK, choices
from impasto.errors import InputError, unknown_name
from impasto.recipe import Recipe
from impasto.recipe_color import ColorSettings

MODES = choices(ColorSettings, "mode")
VARIANTS = {mode: choices(ColorSettings, mode) for mode in ("content", "palette")}


def _look(name: str, metavar: str, help: str) -> Any:
    return typer.Option(name, metavar=metavar, rich_help_panel=LOOK, help=help)


StyleMix = Annotated[
    str | None,
    _look("--style-mix", "A:B", "Shares of several styles: 2:1; by layer: fine=1:0,coarse=0:1."),
]
StyleScale = Annotated[
    str | None,
    _look("--style-scale", "NUMBER", "Breadth of strokes: 2 is broader; 0.5:2 for two styles."),
]
Color = Annotated[
    str | None,
    _look("--color", "MODE", f"Whose colors: {', '.join(MODES)} (no strokes)."),
]

Tileable = Annotated[
    bool,
    typer.Option(
        "--tileable", rich_help_panel=LOOK, help="Make a result that can be laid out as tiles."
    ),
]
TILE_MARGIN = 48
"""Pixels beyond an edge that are measured: what the middle layers see of the other side."""


def tiles(wanted: bool) -> dict[str, Any]:
    """Return the settings that `--tileable` stands for."""
    return {"objective.edges": "wrap", "objective.margin": TILE_MARGIN} if wanted else {}


def own_style(recipe: Recipe) -> Path:
    """Return the style picture that a recipe brings along.

    Raises:
        InputError: it brings none, or there is none of that name.
    """
    name = recipe.style.sample
    if not name:
        raise InputError(
            f"expected a STYLE picture, got none, and the recipe {recipe.name} brings none: give "
            f"one, or try --recipe {' or '.join(_with_a_style())}"
        )
    path = _samples() / f"{name}.jpg"
    if not path.exists():
        raise InputError(unknown_name("style.sample", name, (p.stem for p in _samples().iterdir())))
    return path


def _samples() -> Path:
    return Path(str(resources.files("impasto") / "samples"))


def _with_a_style() -> list[str]:
    return [name for name in recipe_files.names() if recipe_files.named(name).style.sample]


def mix(text: str | None) -> dict[str, Any]:
    """Read `2:1`, or `fine=1:0,coarse=0:1`, or `1:1,relu1_1=1:0`: settings of the mix."""
    if text is None:
        return {}
    everywhere: list[float] = []
    by_layer: dict[str, list[float]] = {}
    for part in text.split(","):
        layer, equals, weights = part.rpartition("=")
        if (equals and (not layer.strip() or layer.strip() in by_layer)) or (
            not equals and everywhere
        ):
            raise InputError(
                f"--style-mix '{text}' must name each layer once; try 2:1 or fine=1:0,coarse=0:1"
            )
        shares = _numbers(weights, "part of --style-mix", "2:1")
        if equals:
            by_layer[layer.strip()] = shares
        else:
            everywhere = shares
    return {"style.mix": everywhere, "style.layer_mix": by_layer}


def scale(text: str | None) -> dict[str, Any]:
    """Read `2`, or `0.5:2` for two styles: settings of the scale."""
    if text is None:
        return {}
    found = _numbers(text, "--style-scale", "2, or 0.5:2 for two styles")
    return (
        {"style.scale": found[0], "style.scales": []}
        if len(found) == 1
        else {"style.scales": found}
    )


def color(text: str | None) -> dict[str, Any]:
    """Read a mode, and perhaps how: `content`, `content:histogram`, `palette:covariance`."""
    if text is None:
        return {}
    mode, colon, how = text.partition(":")
    if mode not in MODES:
        raise InputError(unknown_name("mode of --color", mode, MODES))
    if not colon:
        return {"color.mode": mode}
    if mode not in VARIANTS:
        raise InputError(f"--color {mode} has no variants, got '{text}'; try --color {mode}")
    if how not in VARIANTS[mode]:
        raise InputError(unknown_name(f"variant of --color {mode}", how, VARIANTS[mode]))
    return {"color.mode": mode, f"color.{mode}": how}


def _numbers(text: str, what: str, example: str) -> list[float]:
    return [number(part, what, example) for part in text.split(":")]
