"""Options for prints: a size on paper instead of one in pixels."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from impasto.cli.options import LOOK, MACHINE, OUTPUT
from impasto.errors import InputError

DPI = 300.0
"""Dots per inch of a print for which none are given."""

_CENTIMETERS = {"cm": 1.0, "mm": 0.1, "in": 2.54}
_SHEETS = {  # ISO 216 and ANSI, in centimeters
    "A0": (84.1, 118.9),
    "A1": (59.4, 84.1),
    "A2": (42.0, 59.4),
    "A3": (29.7, 42.0),
    "A4": (21.0, 29.7),
    "A5": (14.8, 21.0),
    "A6": (10.5, 14.8),
    "LETTER": (21.59, 27.94),
    "LEGAL": (21.59, 35.56),
    "TABLOID": (27.94, 43.18),
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*[xX×]\s*(\d+(?:\.\d+)?)\s*(cm|mm|in)")

Shares = tuple[float, float, float, float]
"""Left, top, width and height of a region, as shares of the picture's sides."""

Print = Annotated[
    str | None,
    typer.Option(
        "--print",
        metavar="60x40cm|A3",
        rich_help_panel=LOOK,
        help="Size on paper (cm, mm, in, or A0 to A6), at --dpi, else 300; instead of --size.",
    ),
]
Pyramid = Annotated[
    bool,
    typer.Option(
        "--pyramid", rich_help_panel=OUTPUT, help="With smaller copies inside, for viewers; TIFF."
    ),
]


Detail = Annotated[
    str | None,
    typer.Option(
        "--detail",
        metavar="X,Y,W,H",
        rich_help_panel=OUTPUT,
        help="Paint only a region at full size, the rest small: shares (0.4,0.3,0.2,0.2), "
        "percent (40%,30%,20%,20%), or pixels of the result.",
    ),
]


def detail(text: str | None, content: Path, size: int, pixel_limit: int | None) -> Shares | None:
    """Read `--detail`: left, top, width and height, as shares of the whole result's sides.

    Args:
        text: four numbers; up to 1 they are shares; with %, percent; else pixels of the result.
        content: whose proportions the result has.
        size: long side of the result in pixels.
        pixel_limit: of the content.

    Raises:
        InputError: these are not four such numbers, or no part of the picture.
        PictureError: the content cannot be read.
    """
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    percent = sum(part.endswith("%") for part in parts)
    try:
        numbers = [float(part.removesuffix("%")) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) != 4 or percent not in (0, 4):
        raise InputError(
            "expected --detail with four numbers: left, top, width and height, such as "
            f"0.4,0.3,0.2,0.2 or 40%,30%,20%,20% or 3200,1800,1600,1200 pixels; got '{text}'"
        )
    if percent:
        left, top, width, height = (number / 100 for number in numbers)
    elif max(numbers) > 1:
        high, wide = _result_size(content, size, pixel_limit)
        left, width = numbers[0] / wide, numbers[2] / wide
        top, height = numbers[1] / high, numbers[3] / high
    else:
        left, top, width, height = numbers
    if min(left, top) < 0 or min(width, height) <= 0 or max(left + width, top + height) > 1 + 1e-6:
        raise InputError(f"expected a --detail inside the picture, got '{text}'")
    return left, top, min(width, 1 - left), min(height, 1 - top)


def _result_size(content: Path, size: int, pixel_limit: int | None) -> tuple[int, int]:
    from impasto.images.codec import size_of
    from impasto.images.resize import scaled_size

    return scaled_size(*size_of(content, pixel_limit=pixel_limit), size)


Scratch = Annotated[
    Path | None,
    typer.Option(
        "--scratch",
        metavar="DIR",
        rich_help_panel=MACHINE,
        help="A folder on a disk for images that do not fit into memory; also $IMPASTO_SCRATCH.",
    ),
]


def use_scratch(folder: Path | None) -> None:
    """Let images that do not fit into memory lie in a folder, in this process.

    Raises:
        InputError: there is no such folder.
    """
    if folder is None:
        return
    place = folder.expanduser()
    if not place.is_dir():
        raise InputError(f"expected a folder for --scratch, got {folder}: create it first")
    os.environ["IMPASTO_SCRATCH"] = str(place.absolute())


@dataclass(frozen=True)
class Sheet:
    """A rectangle of paper, in centimeters."""

    width: float
    height: float

    def turned_for(self, height: int, width: int) -> "Sheet":
        """Turn the paper as a picture of a size in pixels lies."""
        lies, stands = self.width > self.height, height > width
        return Sheet(self.height, self.width) if lies == stands and height != width else self

    def long_side(self, height: int, width: int, dpi: float) -> int:
        """Return the long side in pixels at which a picture just fits, in its own proportions."""
        paper = self.turned_for(height, width)
        per_pixel = min(_dots(paper.width, dpi) / width, _dots(paper.height, dpi) / height)
        return int(per_pixel * max(height, width) + 1e-6)


@dataclass(frozen=True)
class PrintSize:
    """A print to make."""

    size: int
    """Long side in pixels."""
    dpi: float
    message: str
    """What comes onto which paper."""


def print_size(
    text: str | None, content: Path, size: int | None, dpi: float | None, pixel_limit: int | None
) -> PrintSize | None:
    """Find how many pixels a print has: as many as fit onto the paper; nothing is cut or stretched.

    Args:
        text: as given with `--print`.
        content: whose proportions the print has.
        size: as given with `--size`.
        dpi: as given with `--dpi`.
        pixel_limit: of the content.

    Raises:
        InputError: the text is no size, or there is another, or dpi is out of range.
        PictureError: the content cannot be read.
    """
    if text is None:
        return None
    if size is not None:
        raise InputError("expected --size or --print, got both; leave one out")
    sheet, dpi = parsed(text), DPI if dpi is None else dpi
    if not 2 <= dpi <= 65_535:
        raise InputError(f"expected 2 to 65,535 dpi, got {dpi:g}; 300 is usual for print")
    from impasto.images.codec import size_of

    height, width = size_of(content, pixel_limit=pixel_limit)
    long_side = sheet.long_side(height, width, dpi)
    if not 16 <= long_side <= 1_000_000:
        raise InputError(
            f"a print on {text} at {dpi:g} dpi has a long side of {long_side} px; expected 16 to "
            "1,000,000: check size, unit and --dpi"
        )
    return PrintSize(long_side, dpi, _told(sheet.turned_for(height, width), height, width, dpi))


def parsed(text: str) -> Sheet:
    """Read `60x40cm`, `600x400mm`, `24x16in`, or the name of a sheet.

    Raises:
        InputError: it is none of these.
    """
    if text.strip().upper() in _SHEETS:
        return Sheet(*_SHEETS[text.strip().upper()])
    found = _SIZE.fullmatch(text.strip())
    if found is None or not (float(found[1]) and float(found[2])):
        raise InputError(
            f"expected a size on paper such as 60x40cm, 600x400mm, 24x16in or A3, got '{text}'"
        )
    unit = _CENTIMETERS[found[3]]
    return Sheet(float(found[1]) * unit, float(found[2]) * unit)


def _dots(centimeters: float, dpi: float) -> int:
    return round(centimeters / 2.54 * dpi)


def _told(paper: Sheet, height: int, width: int, dpi: float) -> str:
    """Say how large the picture becomes, and how much of the paper stays bare."""
    scale = min(paper.width / width, paper.height / height)
    wide, high = scale * width, scale * height
    bare = max(paper.width - wide, paper.height - high)
    rest = f"; {bare:.1f} cm stay bare" if bare >= 0.05 else ""
    sheet = f"{paper.width:.4g} x {paper.height:.4g} cm"
    return f"prints {wide:.1f} x {high:.1f} cm on {sheet} at {dpi:g} dpi{rest}"
