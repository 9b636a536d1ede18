"""Tell a page of text from a picture, without reading it.

A page has two tones. In an upright strip of it, the share of ink in each row rises and falls
sharply and at an even pitch: lines and the blank between them. Along a line there are several thin
strokes for each height of a letter, with gaps of uneven width: letters and words. Windows, bricks,
dots and hatching have some of that, but not all.

The thresholds were chosen on 300 rendered pages (58 fonts, one to three columns, dark and colored
paper, posters, scans, slightly turned) and 1,544 paintings, prints, textures and photographs, and
err on the side of missing a page. They find 85% of 300 other pages; of 2,475 pictures, the only
one they suspect is a page of text, from a book of hours.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.bool_]
"""(height, width): where the picture has the tone of the letters."""

SMALLEST = 64  # px, a side of the picture; there is no room for lines in less
SEPARATION = 0.72  # share of the variance that lies between the two tones; median of paintings 0.73
CONTRAST = 0.15  # difference of the two tones in brightness
STRIPS = 4  # side by side, so that columns and slightly turned pages have lines too
ROW_HAS_INK = 0.02  # share of a row that is ink
LINE_LEVEL = 0.4  # a line is where rows have this much of what full rows have
THINNEST = 3  # rows of a line; less cannot be told from hatching
FILL = (0.1, 0.75)  # share of ink in a line
STROKES = (0.5, 4.0)  # in a stretch of a line as long as the line is high
VALLEY = 0.35  # share of ink between lines, relative to the line, at most
UNEVEN = (0.4, 2.5)  # standard deviation of the gaps in a line relative to their mean
STROKE_WIDTH = 0.8  # median stroke relative to the line's height, at most
ALIKE = (0.6, 1.6)  # height of a line relative to the median line
EVEN_PITCH = 0.15  # lines this near the median pitch, relative to it, are evenly set
ENOUGH = 8  # lines in all strips together
ENOUGH_IN_STRIP = 4
SHARE = 0.5  # of all bands of ink that are lines of text: a picture has many other bands
COVERED = 0.2  # of the picture


class Band(NamedTuple):
    """Rows of a strip that have ink, between rows that have little."""

    top: int
    bottom: int
    is_text: bool

    @property
    def height(self) -> int:
        """In rows."""
        return self.bottom - self.top


def is_text_page(luma: NDArray[np.float32]) -> bool:
    """Tell whether a picture, as brightness (height, width) in [0, 1], is mostly lines of text."""
    ink = _ink(luma) if min(luma.shape) >= SMALLEST else None
    if ink is None:
        return False
    strips = np.array_split(ink, STRIPS, axis=1)
    bands = [_bands(strip) for strip in strips]
    lines = _alike([[band for band in found if band.is_text] for found in bands])
    count = sum(map(len, lines))
    if count < max(ENOUGH, SHARE * sum(map(len, bands))):
        return False
    covered = sum(
        _set_height(found) * strip.shape[1] for strip, found in zip(strips, lines, strict=True)
    )
    return bool(covered > COVERED * ink.size)


def _ink(luma: NDArray[np.float32]) -> Ink | None:
    """Split a picture into two tones (Otsu 1979); the rarer is ink. None if it has not two."""
    counts, edges = np.histogram(luma, bins=64, range=(0, 1))
    share = counts / luma.size
    centers = (edges[1:] + edges[:-1]) / 2
    dark, weighted = share.cumsum(), (share * centers).cumsum()
    mean = weighted[-1]
    between = (mean * dark - weighted) ** 2 / np.maximum(dark * (1 - dark), 1e-6)
    at = int(between.argmax())
    variance = float((share * (centers - mean) ** 2).sum())
    contrast = abs(mean * dark[at] - weighted[at]) / max(dark[at] * (1 - dark[at]), 1e-6)
    if between[at] < SEPARATION * variance or contrast < CONTRAST:
        return None
    below: Ink = luma < edges[at + 1]
    return below if dark[at] <= 0.5 else ~below


def _bands(strip: Ink) -> list[Band]:
    """Find the bands of ink in a strip, from the top."""
    profile = strip.mean(axis=1)
    inked = profile[profile > ROW_HAS_INK]
    if len(inked) < THINNEST:
        return []
    starts = (strip[:, 1:] & ~strip[:, :-1]).mean(axis=1)
    runs = _runs(profile > LINE_LEVEL * np.quantile(inked, 0.8))
    tops = [top for top, _ in runs[1:]] + [len(profile)]
    bottoms = [0] + [bottom for _, bottom in runs[:-1]]
    found = []
    for (top, bottom), before, after in zip(runs, bottoms, tops, strict=True):
        height = bottom - top
        if height < THINNEST:
            continue
        above = profile[max(before, top - height) : top]
        below = profile[bottom : min(after, bottom + height)]
        found.append(
            Band(
                top,
                bottom,
                _is_filled(profile[top:bottom], above, below)
                and STROKES[0] < starts[top:bottom].sum() < STROKES[1]
                and _has_letters(strip[top:bottom]),
            )
        )
    return found


def _is_filled(line: NDArray[np.float64], *blanks: NDArray[np.float64]) -> bool:
    """Tell whether a band has as much ink as text has, and little above and below."""
    fill = float(line.mean())
    blank = max(float(rows.min()) if len(rows) else 1.0 for rows in blanks)
    return FILL[0] < fill < FILL[1] and blank < VALLEY * fill


def _has_letters(line: Ink) -> bool:
    """Tell whether strokes are thin and gaps uneven, in three rows of a line."""
    height = len(line)
    gaps: list[int] = []
    strokes: list[int] = []
    for row in (height // 3, height // 2, 2 * height // 3):
        runs = _runs(line[row])
        strokes += [end - start for start, end in runs]
        gaps += [after - end for (_, end), (after, _) in pairwise(runs)]
    if len(gaps) < 2 * 3:
        return False
    uneven = np.std(gaps) / np.mean(gaps)
    thin = np.median(strokes) < STROKE_WIDTH * height
    return bool(UNEVEN[0] < uneven < UNEVEN[1] and thin)


def _alike(lines: list[list[Band]]) -> list[list[Band]]:
    """Keep the lines that are about as high as most."""
    heights = [line.height for found in lines for line in found]
    if not heights:
        return lines
    median = float(np.median(heights))
    low, high = ALIKE[0] * median, ALIKE[1] * median
    return [[line for line in found if low <= line.height <= high] for found in lines]


def _set_height(lines: list[Band]) -> float:
    """Return the rows that evenly set lines take with the blank between them; 0 if uneven."""
    if len(lines) < ENOUGH_IN_STRIP:
        return 0.0
    steps = np.diff([(line.top + line.bottom) / 2 for line in lines])
    pitch = float(np.median(steps))
    even = float((abs(steps - pitch) <= EVEN_PITCH * pitch).mean())
    return len(lines) * pitch if even > 0.5 else 0.0


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """List (first, first after) of each run of True."""
    padded = np.zeros(len(flags) + 2, dtype=np.int8)
    padded[1:-1] = flags
    edges = np.flatnonzero(np.diff(padded)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))
