"""A comparison as one HTML page that needs nothing else: pictures inside, no script, no network."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from os import PathLike

from impasto.files import replacing
from impasto.images.codec import jpeg_bytes
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size
from impasto.metrics.columns import COLUMNS, Column, legend, short_names, size, written
from impasto.metrics.judge import Judgement

THUMBNAIL = 320
"""Long side of the pictures in the page, in pixels."""

_BEST = ' class="best"'
_ARROWS = {"higher": "↑ higher", "lower": "↓ lower", "near 1": "→ near 1"}
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>impasto compare</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem; color: #222; background: #fafaf7; }
h1 { font-size: 1.3rem; }
figure { display: inline-block; margin: 0 1.5rem 1rem 0; }
figcaption, small, .notes { color: #555; font-size: .85rem; }
img { display: block; max-height: 14rem; max-width: 18rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .5rem .7rem; text-align: right; border-bottom: 1px solid #ddd; }
th { vertical-align: bottom; white-space: nowrap; }
th small { display: block; font-weight: normal; }
td { font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
td.best { font-weight: bold; background: #e9f2e4; }
.name { overflow-wrap: anywhere; max-width: 18rem; }
</style>
</head>
<body>
<h1>impasto compare</h1>
"""


def thumbnail(picture: Picture, side: int = THUMBNAIL) -> str:
    """Make a data URI of a small JPEG: at most `side` pixels long, over white."""
    side = min(side, max(picture.height, picture.width))
    height, width = scaled_size(picture.height, picture.width, side)
    alpha = picture.alpha
    small = Picture(
        resize(picture.batch, height, width)[0],
        alpha=None if alpha is None else resize(alpha[None], height, width)[0],
    )
    return "data:image/jpeg;base64," + b64encode(jpeg_bytes(small)).decode("ascii")


def html_page(
    judgements: list[Judgement], thumbnails: Sequence[str], *, content: str, style: str
) -> str:
    """Write the page.

    Args:
        judgements: one row each.
        thumbnails: image URIs, one for each judgement.
        content: image URI of the content.
        style: image URI of the style.
    """
    best = [set(map(id, column.best(judgements))) for column in COLUMNS]
    named = zip(short_names(judgements), judgements, thumbnails, strict=True)
    rows = [_row(name, judgement, uri, best) for name, judgement, uri in named]
    heads = "".join(map(_heading, COLUMNS))
    notes = "".join(f"<p>{escape(line)}</p>" for line in legend(judgements))
    return (
        f"{_HEAD}<div>{_figure('content', content)}{_figure('style', style)}</div>\n"
        f'<div class="wide"><table>\n<thead><tr><th>picture</th>{heads}</tr></thead>\n'
        f"<tbody>\n{''.join(rows)}</tbody>\n</table></div>\n"
        f'<div class="notes">{notes}</div>\n</body>\n</html>\n'
    )


def write_page(path: str | PathLike[str], page: str) -> None:
    """Write a page, whole or not at all.

    Raises:
        InputError: the file cannot be written there.
    """
    with replacing(path) as part:
        part.write_text(page, encoding="utf-8")


def _figure(name: str, uri: str) -> str:
    return f'<figure><img src="{escape(uri)}" alt=""><figcaption>{name}</figcaption></figure>'


def _heading(column: Column) -> str:
    title, way = escape(column.title), _ARROWS[column.better]
    return f'<th title="{escape(column.about)}">{title}<small>{way}</small></th>'


def _row(name: str, judgement: Judgement, uri: str, best: list[set[int]]) -> str:
    star = " *" if judgement.notes else ""
    picture = (
        f'<td class="name"><img src="{escape(uri)}" alt="">{escape(name)}{star}'
        f"<br><small>{size(judgement)}</small></td>"
    )
    numbers = (
        f"<td{_BEST if id(judgement) in ids else ''}>{written(column.of(judgement))}</td>"
        for column, ids in zip(COLUMNS, best, strict=True)
    )
    return f"<tr>{picture}{''.join(numbers)}</tr>\n"
