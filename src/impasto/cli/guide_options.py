"""Options that guide a style: what is protected, and where which style goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from impasto.errors import InputError, unknown_name
from impasto.recipe import Recipe
from impasto.recipe_guides import NAMED, is_named

GUIDES = "Guides"
"""The group of these options in the help."""


def _option(name: str, metavar: Any, help: str) -> Any:
    return typer.Option(name, metavar=metavar, rich_help_panel=GUIDES, help=help)


Protect = Annotated[
    str | None,
    _option(
        "--protect",
        "MASK|NAME",
        f"Keep the content: where a mask is white (gray: in part); or {', '.join(NAMED)}.",
    ),
]
Feather = Annotated[
    float | None,
    _option("--protect-feather", "PIXELS", "Width of soft edges of all guides, in the result."),
]
Regions = Annotated[
    tuple[Path, Path] | None,
    _option("--regions", "CONTENT_LABELS STYLE_LABELS", "Pair what has the same color in both."),
]
StyleMasks = Annotated[
    list[Path] | None,
    _option("--style-mask", "MASK", "Where in the content a style goes. Once for each style."),
]
Pair = Annotated[
    str | None, _option("--pair", "auto|none", "Find and pair regions of content and style.")
]
SaveGuides = Annotated[
    Path | None, _option("--save-guides", "FILE", "Show the masks and regions used as a picture.")
]


@dataclass(frozen=True)
class GuideFiles:
    """Files that guide a job."""

    protect: Path | None = None
    regions: tuple[Path, ...] = ()
    style_masks: tuple[Path, ...] = ()
    sheet: Path | None = None
    """Where the guides are shown."""

    @property
    def inputs(self) -> list[Path]:
        """The files that are read."""
        return [*([self.protect] if self.protect else []), *self.regions, *self.style_masks]


def guides(
    recipe: Recipe,
    protect: str | None,
    feather: float | None,
    regions: tuple[Path, Path] | None,
    style_masks: Sequence[Path] | None,
    pair: str | None,
    sheet: Path | None,
) -> tuple[Recipe, GuideFiles]:
    """Sort the options into settings of the recipe and files.

    Raises:
        InputError: a name is unknown, or options exclude each other.
    """
    given = {"--regions": regions, "--style-mask": style_masks, "--pair auto": pair == "auto"}
    both = [name for name, value in given.items() if value]
    if len(both) > 1:
        raise InputError(f"expected one way to pair regions, got {' and '.join(both)}; keep one")
    if pair not in (None, "auto", "none"):
        raise InputError(unknown_name("value for --pair", pair, ("auto", "none")))
    changes: dict[str, Any] = {}
    if pair is not None:
        changes["guides.pair"] = pair
    if regions is not None or style_masks:
        changes["guides.pair"] = "labels" if regions else "masks"
    if feather is not None:
        changes["guides.feather"] = feather / recipe.schedule.size
    mask = None
    if protect is not None:
        mask = None if is_named(protect) else Path(protect)
        changes["guides.protect"] = protect if mask is None else "mask"
    files = GuideFiles(mask, tuple(regions or ()), tuple(style_masks or ()), sheet)
    return recipe.changed(changes), files
