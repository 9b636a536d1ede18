"""The pictures that a run is given: files that are read, or pictures as they are; their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Self

from impasto.images import preflight
from impasto.images.codec import decode
from impasto.images.picture import Picture
from impasto.images.streaming import decode_sized
from impasto.numerics.storage import Storage
from impasto.recipe import Recipe
from impasto.shared import Shared

Source = str | PathLike[str] | Picture
"""A picture file, or a picture."""


def several(styles: Source | Sequence[Source]) -> list[Source]:
    """Return one or more sources as a list."""
    return [styles] if isinstance(styles, str | PathLike | Picture) else list(styles)


@dataclass(frozen=True)
class GivenPictures:
    """Content, styles, and the picture to start from, if there is one."""

    content: Picture
    styles: tuple[Picture, ...]
    start: Picture | None
    names: tuple[str, ...]
    """What warnings call the content and each style."""

    @classmethod
    def read(
        cls,
        content: Source,
        styles: Sequence[Source],
        start: Source | None,
        *,
        recipe: Recipe,
        pixel_limit: int | None,
        shared: Shared,
        storage: Storage,
    ) -> Self:
        """Read what is not read yet; files that other runs have read are `shared`.

        Where images lie in files, the content is made smaller while it is read.

        Raises:
            PictureError: a file is missing, no picture, or too large.
        """

        def picture(source: Source) -> Picture:
            if isinstance(source, Picture):
                return source
            return shared.once(("picture", source), lambda: decode(source, pixel_limit=pixel_limit))

        if isinstance(content, Picture) or not storage.mapped:
            shown = picture(content)
        else:
            size = recipe.schedule.size
            shown = decode_sized(content, size, storage=storage, pixel_limit=pixel_limit)
        return cls(
            shown,
            tuple(map(picture, styles)),
            None if start is None else picture(start),
            (_name(content, "the content picture"), *_style_names(styles)),
        )

    @property
    def every(self) -> tuple[Picture, ...]:
        """All of them."""
        return (self.content, *self.styles, *([] if self.start is None else [self.start]))

    def warnings(self, recipe: Recipe, height: int, width: int) -> list[str]:
        """Say what will look bad in a result of a size."""
        content, *styles = zip(self.names, (self.content, *self.styles), strict=True)
        return list(preflight.warnings(recipe, height, width, content, styles))


def _name(source: Source, otherwise: str) -> str:
    """Call a file by its name, and a picture without one as told."""
    return otherwise if isinstance(source, Picture) else Path(source).name


def _style_names(sources: Sequence[Source]) -> list[str]:
    if len(sources) == 1:
        return [_name(sources[0], "the style picture")]
    return [_name(source, f"style {number}") for number, source in enumerate(sources, start=1)]
