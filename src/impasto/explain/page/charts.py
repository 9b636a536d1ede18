"""Curves for the page: plain data that the script draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from impasto.explain.invariance import Invariance
    from impasto.explain.tradeoff import TradeOff
    from impasto.trace import Trace

TERMS = {"total": "total", "content": "content", "style": "style", "total_variation": "TV"}
"""Colors of the page by series; others take turns."""


@dataclass(frozen=True)
class Chart:
    """Curves over one axis; what the axis cannot show is None."""

    name: str
    summary: str
    """In words, for those who cannot see it."""
    x_label: str
    x: tuple[float, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    log: bool = False
    categories: tuple[str, ...] = ()
    """Names of the places on the axis, where they are no numbers."""

    def data(self) -> dict[str, Any]:
        """Return what the script reads."""
        return {
            "x": list(self.x),
            "xLabel": self.x_label,
            "series": [{"label": label, "values": list(values)} for label, values in self.series],
            "log": self.log,
            "categories": list(self.categories),
        }


def loss_chart(trace: "Trace") -> Chart:
    """Draw total and terms over the steps, on a logarithmic axis."""
    names = [name for name in trace.rows[0].losses if "." not in name]
    curves = {TERMS.get(name, name): trace.column(name) for name in names}
    return _over_steps("losses", curves, "Total, content, style and TV loss over the steps")


def layer_chart(trace: "Trace") -> Chart:
    """Draw the style's distance at each layer over the steps."""
    names = [name for name in trace.rows[0].losses if name.startswith("style.")]
    curves = {name.removeprefix("style."): trace.column(name) for name in names}
    return _over_steps("style-layers", curves, "Style distance at each layer over the steps")


def start_chart(found: "TradeOff") -> Chart:
    """Draw the total from both starts."""
    curves = {f"from {start.name}": start.trace.column("total") for start in found.starts}
    return _over_steps("starts", curves, "Total loss from both starts over the steps")


def invariance_chart(found: "Invariance", kind: str) -> Chart:
    """Draw the similarities of each change over the layers; kind is content or style."""
    rows: Mapping[str, tuple[float, ...]] = getattr(found, kind)
    return Chart(
        name=f"invariance-{kind}",
        summary="Similarity to the unchanged content from shallow to deep layers: "
        + "; ".join(f"{name} {row[0]:.2f} to {row[-1]:.2f}" for name, row in rows.items()),
        x_label="layer",
        x=tuple(range(len(found.layers))),
        series=tuple(rows.items()),
        categories=found.layers,
    )


def _over_steps(name: str, curves: Mapping[str, Sequence[float]], title: str) -> Chart:
    count = max(len(values) for values in curves.values())
    ends = "; ".join(
        f"{label} from {values[0]:.3g} to {values[-1]:.3g}" for label, values in curves.items()
    )
    return Chart(
        name=name,
        summary=f"{title}: {ends}.",
        x_label="step",
        x=tuple(range(1, count + 1)),
        series=tuple(
            (label, tuple(v if v > 0 else None for v in values)) for label, values in curves.items()
        ),
        log=True,
    )
