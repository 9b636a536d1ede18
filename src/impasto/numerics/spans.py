"""Sets of rows, as spans: sorted, disjoint, none empty."""

from collections.abc import Iterable, Sequence

from impasto.numerics.windows import Span

Spans = tuple[Span, ...]
"""Sorted, disjoint and not even touching, none empty."""


def merged(spans: Iterable[Span]) -> Spans:
    """Join spans that overlap or touch; empty ones vanish."""
    found: list[Span] = []
    for first, last in sorted(span for span in spans if span[0] < span[1]):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def common(spans: Sequence[Span], others: Sequence[Span]) -> Spans:
    """Return what two sets share."""
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in spans for b in others)
    return merged(pairs)


def without(spans: Sequence[Span], others: Sequence[Span]) -> Spans:
    """Return what is in the first set alone."""
    left = merged(spans)
    for first, last in others:
        left = merged(part for a, b in left for part in ((a, min(b, first)), (max(a, last), b)))
    return left
