"""A framed image by parts: boxes of it are read, and gradients added, without making the whole.

What `Framing.frame` would copy is found in the image itself, by runs of rows and columns: those
before the border, turned around when they are reflected; those of the image; those after.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from impasto.engine.framing import Framing
from impasto.numerics.strip import Pixels
from impasto.numerics.windows import Box, Span, window


@dataclass(frozen=True)
class Run:
    """Rows (or columns) of a framed image, and those of the bare image that they are copies of."""

    at: Span
    source: Span
    turned: bool = False
    """Whether the source runs backwards."""

    def within(self, span: Span) -> "Run | None":
        """Return the part in a span, counted from its first; None if there is none."""
        first, last = max(self.at[0], span[0]), min(self.at[1], span[1])
        if first >= last:
            return None
        skipped, left = first - self.at[0], self.at[1] - last
        before, after = (left, skipped) if self.turned else (skipped, left)
        source = (self.source[0] + before, self.source[1] - after)
        return Run((first - span[0], last - span[0]), source, self.turned)


@dataclass(frozen=True)
class Frame:
    """How a bare image of one size is framed in one phase."""

    rows: tuple[Run, ...]
    columns: tuple[Run, ...]

    @classmethod
    def of(cls, framing: Framing, height: int, width: int, phase: int) -> "Frame":
        """Describe what `framing.frame` makes of an image."""
        top, bottom, left, right = framing.sides(height, width, phase)
        return cls(
            _runs(height, top, bottom, framing.edges == "reflect"),
            _runs(width, left, right, framing.edges == "reflect"),
        )

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the framed image."""
        return self.rows[-1].at[1], self.columns[-1].at[1]

    @property
    def bare(self) -> Box:
        """Where the bare image lies in the framed one."""
        rows, columns = (self._image(runs) for runs in (self.rows, self.columns))
        return (*rows.at, *columns.at)

    def read(self, image: Pixels, box: Box) -> Tensor:
        """Copy a box of the framed image from the bare one (N, C, H, W)."""
        part = image.new_empty((*image.shape[:2], box[1] - box[0], box[3] - box[2]))
        for at, source, turned in self._pieces(box):
            window(part, at).copy_(window(image, source).flip(turned))
        return part

    def sources(self, part: Tensor, box: Box) -> Iterator[tuple[Box, Tensor]]:
        """Take a box's gradient apart: boxes of the bare image, and what comes back to them."""
        for at, source, turned in self._pieces(box):
            yield source, window(part, at).flip(turned)

    def source_rows(self, span: Span) -> list[Span]:
        """Return the rows of the bare image that some rows are copies of."""
        return [run.source for run in _clipped(self.rows, span)]

    def _pieces(self, box: Box) -> Iterator[tuple[Box, Box, list[int]]]:
        for rows in _clipped(self.rows, (box[0], box[1])):
            for columns in _clipped(self.columns, (box[2], box[3])):
                turned = [d for d, run in ((-2, rows), (-1, columns)) if run.turned]
                yield (*rows.at, *columns.at), (*rows.source, *columns.source), turned

    @staticmethod
    def _image(runs: tuple[Run, ...]) -> Run:
        return max(runs, key=lambda run: run.at[1] - run.at[0] if not run.turned else 0)


def _clipped(runs: tuple[Run, ...], span: Span) -> list[Run]:
    return [part for run in runs if (part := run.within(span)) is not None]


def _runs(size: int, before: int, after: int, reflects: bool) -> tuple[Run, ...]:
    """Divide one side of a framed image; no margin is as long as the image."""
    if reflects:
        # The border itself is not repeated.
        first, last = (1, before + 1), (size - 1 - after, size - 1)
    else:
        first, last = (size - before, size), (0, after)
    inner = (before, before + size)
    runs = (
        Run((0, before), first, reflects),
        Run(inner, (0, size)),
        Run((inner[1], inner[1] + after), last, reflects),
    )
    return tuple(run for run in runs if run.at[0] < run.at[1])
