"""The report for a terminal: the trace, the table of losses, and a chart in letters."""

from collections.abc import Sequence
from math import log10

from impasto.explain.loss_story import LossStory
from impasto.explain.page.formats import large, milliseconds, number, shape, size, whole
from impasto.explain.pipeline import PipelineTrace
from impasto.explain.report import Report

HEIGHT = 12
MARKS = {"total": "*", "content": "c", "style": "s", "total_variation": "v"}


def report_text(report: Report, width: int = 80) -> str:
    """Write what a terminal can show of a report, in plain text.

    Args:
        report: of a run.
        width: columns of the chart, of which 12 go to its axis.
    """
    parts = [f"{report.content_name} in the manner of {report.style_name}"]
    if report.pipeline is not None:
        parts.append(pipeline_text(report.pipeline))
    if report.losses is not None:
        parts += [losses_text(report.losses), chart_text(report.losses, width)]
        parts.append(report.losses.verdict())
    if report.sentences is not None:
        lines = enumerate(report.sentences, start=1)
        parts.append("\n".join(f"{place}. {sentence}" for place, sentence in lines))
    return "\n\n".join(parts) + "\n"


def pipeline_text(trace: PipelineTrace) -> str:
    """Write a line for each layer, in NCHW and NHWC, content and style layers marked."""
    head = ("layer", "NCHW", "NHWC", "parameters", "multiply-adds", "memory", "forward", "backward")
    rows = [head]
    for layer in trace.layers:
        here = layer.shape
        roles = [n for n in ("content", "style") if here.name in getattr(trace, f"{n}_layers")]
        rows.append(
            (
                here.name + "".join(f" {role}" for role in roles),
                shape(here.nchw),
                shape(here.nhwc),
                whole(here.parameters),
                whole(here.multiply_adds),
                size(layer.size),
                milliseconds(layer.forward),
                milliseconds(layer.backward),
            )
        )
    sums = (
        f"{trace.network}: {whole(trace.parameters)} parameters, "
        f"{large(trace.multiply_adds)} multiply-adds, {size(trace.size)} of features; "
        f"a step took {milliseconds(trace.update)}"
    )
    return sums + "\n" + _table(rows)


def losses_text(story: LossStory) -> str:
    """Write the table of losses with its observations."""
    rows = [("step", "total", *story.terms, "what happened")]
    for noted in story.table:
        values = (number(noted.row.losses[name]) for name in ("total", *story.terms))
        rows.append((str(noted.row.step), *values, noted.observation))
    return _table(rows)


def chart_text(story: LossStory, width: int = 80) -> str:
    """Draw the terms over the steps in letters, on a logarithmic scale."""
    curves = {name: story.trace.column(name) for name in (*story.terms, "total")}
    logs = [log10(v) for values in curves.values() for v in values if v > 0]
    low, high = min(logs), max(logs)
    columns = max(10, width - 12)
    canvas = [[" "] * columns for _ in range(HEIGHT)]
    for name, values in curves.items():
        for column in range(columns):
            value = values[round(column * (len(values) - 1) / (columns - 1))]
            if value > 0:
                share = (log10(value) - low) / ((high - low) or 1)
                canvas[round((1 - share) * (HEIGHT - 1))][column] = MARKS.get(name, name[0])
    labels = {0: number(10**high), HEIGHT - 1: number(10**low)}
    lines = [f"{labels.get(y, ''):>10} |{''.join(row)}" for y, row in enumerate(canvas)]
    legend = ", ".join(f"{MARKS.get(name, name[0])} {name}" for name in curves)
    steps = len(story.trace.rows)
    return "\n".join([*lines, f"{'':>10} step 1 to {steps}; {legend}"])


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
