"""A small drawing of curves as SVG, for notebooks: plain text, no library."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10

WIDTH, HEIGHT, EDGE = 480, 160, 8
COLORS = ("#333333", "#1b62b5", "#b4470f", "#5b7a2e", "#7a3f96", "#0d7d7d")


def log_curves(curves: Mapping[str, Sequence[float]]) -> str:
    """Draw positive values over their index on one logarithmic axis; others are left out.

    Args:
        curves: values by name; each has a color, and its name and ends stand in its title.
    """
    logs = [log10(v) for values in curves.values() for v in values if v > 0]
    low, high = (min(logs), max(logs)) if logs else (0.0, 1.0)
    lines = [
        _line(name, values, COLORS[place % len(COLORS)], low, (high - low) or 1.0)
        for place, (name, values) in enumerate(curves.items())
    ]
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="losses over the steps, logarithmic" fill="none">{"".join(lines)}</svg>'
    )


def _line(name: str, values: Sequence[float], color: str, low: float, span: float) -> str:
    across, down = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    points = " ".join(
        f"{EDGE + across * place / max(1, len(values) - 1):.1f},"
        f"{EDGE + down * (1 - (log10(value) - low) / span):.1f}"
        for place, value in enumerate(values)
        if value > 0
    )
    title = f"{name}: {values[0]:.4g} to {values[-1]:.4g}"
    return (
        f'<polyline points="{points}" stroke="{color}" stroke-width="2">'
        f"<title>{escape(title)}</title></polyline>"
    )
