"""A comparison as plain text in columns."""

from impasto.metrics.columns import COLUMNS, legend, short_names, size, written
from impasto.metrics.judge import Judgement

_LONGEST = 32  # letters of a name


def text_table(judgements: list[Judgement]) -> str:
    """Write one row for each picture, with a heading above and the legend below.

    ASCII but for the names. A star marks a picture that the legend has a note about.
    """
    rows = [
        ["picture", "size", *(column.title for column in COLUMNS)],
        ["", "", *(column.better for column in COLUMNS)],
        *map(_row, short_names(judgements), judgements),
    ]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    lines = ["  ".join(_padded(row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", *legend(judgements)]) + "\n"


def _row(name: str, judgement: Judgement) -> list[str]:
    star = " *" if judgement.notes else ""
    numbers = [written(column.of(judgement)) for column in COLUMNS]
    return [_short(name) + star, size(judgement), *numbers]


def _padded(row: list[str], widths: list[int]) -> list[str]:
    """The name at the left, everything else at the right of its column."""
    name, *rest = row
    return [
        name.ljust(widths[0]),
        *(c.rjust(w) for c, w in zip(rest, widths[1:], strict=True)),
    ]


def _short(name: str) -> str:
    """Keep the end of a long path, where paths differ."""
    return name if len(name) <= _LONGEST else "..." + name[3 - _LONGEST :]
