"""A contact sheet: small pictures in a grid, with a label at each row and column."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from impasto.errors import ShapeError
from impasto.images.picture import Picture
from impasto.images.writing import levels_of

BACKGROUND, INK = (250, 250, 248), (40, 40, 40)
GAP = 8
"""Pixels between pictures."""
TEXT, LINE = 16, 1.6
"""Height of letters in pixels, where pictures are wide enough for them, and of lines in letters."""


@dataclass(frozen=True)
class Grid:
    """Pictures in rows, and what is written beside and above them.

    Attributes:
        pictures: row by row, each row of one length; None leaves a place empty.
        columns: a label for each column; empty texts for none.
        rows: a label for each row; empty texts for none.
        title: one line above everything; empty for none.
    """

    pictures: Sequence[Sequence[Picture | None]]
    columns: Sequence[str]
    rows: Sequence[str]
    title: str = ""

    def __post_init__(self) -> None:
        """Check that there is a label for everything."""
        shape = (len(self.pictures), max((len(row) for row in self.pictures), default=0))
        wanted = (len(self.rows), len(self.columns))
        if shape != wanted or any(len(row) != shape[1] for row in self.pictures):
            raise ShapeError(f"a grid of {wanted[0]} rows and {wanted[1]} columns", shape)


def contact_sheet(grid: Grid, *, side: int | None = None) -> Picture:
    """Draw a grid.

    Args:
        grid: the pictures and labels.
        side: long side of each picture on the sheet, in pixels; None keeps the largest as it is.
    """
    shown = [[_small(picture, side) for picture in row] for row in grid.pictures]
    sizes = [image.size for row in shown for image in row if image is not None]
    width, height = max(w for w, _ in sizes), max(h for _, h in sizes)
    layout = _laid_out(grid, width, height)
    sheet = Image.new("RGB", layout.size(len(grid.columns), len(grid.rows)), BACKGROUND)
    _write(sheet, grid, layout)
    for row, images in enumerate(shown):
        for column, image in enumerate(images):
            if image is not None:
                sheet.paste(image, layout.place(column, row))
    levels = torch.from_numpy(np.array(sheet)).permute(2, 0, 1)
    return Picture(levels.to(torch.float32).div(255).contiguous())


@dataclass(frozen=True)
class _Layout:
    """Where things stand, in pixels."""

    left: int
    top: int
    width: int
    """Of a place for a picture."""
    height: int
    letters: int

    @property
    def line(self) -> int:
        return ceil(self.letters * LINE)

    def place(self, column: int, row: int) -> tuple[int, int]:
        """Return the upper left corner of a picture."""
        return self.left + column * (self.width + GAP), self.top + row * (self.height + GAP)

    def size(self, columns: int, rows: int) -> tuple[int, int]:
        """Return width and height of the sheet."""
        return self.place(columns, rows)


def _laid_out(grid: Grid, width: int, height: int) -> _Layout:
    letters = min(TEXT, max(8, width // 8))
    font = ImageFont.load_default(letters)
    beside = max((ceil(font.getlength(text)) for text in grid.rows), default=0)
    lines = bool(grid.title) + any(map(bool, grid.columns))
    return _Layout(
        left=beside + 2 * GAP if beside else GAP,
        top=GAP + ceil(letters * LINE) * lines,
        width=width,
        height=height,
        letters=letters,
    )


def _write(sheet: Image.Image, grid: Grid, layout: _Layout) -> None:
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(layout.letters)
    draw.text((layout.left, GAP), grid.title, fill=INK, font=font)
    for column, text in enumerate(grid.columns):
        x, y = layout.place(column, 0)
        draw.text((x, y - layout.line), text, fill=INK, font=font)
    for row, text in enumerate(grid.rows):
        _, y = layout.place(0, row)
        draw.text((GAP, y + layout.height // 2), text, fill=INK, font=font, anchor="lm")


def _small(picture: Picture | None, side: int | None) -> Image.Image | None:
    if picture is None:
        return None
    image = Image.fromarray(levels_of(picture, keep_alpha=False))
    if side is not None and max(image.size) > side:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image
