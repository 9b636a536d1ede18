"""Tables of what was measured, for the terminal and for RESULTS.md."""

from collections.abc import Callable, Sequence
from typing import Any

import machine

BEGIN, END = "<!-- measured: begin (make bench writes this part) -->", "<!-- measured: end -->"
NAMES = {
    "plain": "plain loop",
    "fp32": "impasto, fp32",
    "bf16": "impasto, bf16",
    "auto": "impasto, as probed",
}

Row = dict[str, Any]
Part = dict[str, Any]


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a Markdown table with columns in line; the first is text, numbers go right."""
    cells = [list(headers), *map(list, rows)]
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(headers))]
    is_number = [bool(rows) and all(_numeric(row[i]) for row in rows) for i in range(len(headers))]

    def line(row: Sequence[str]) -> str:
        placed = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, is_number, strict=True)
        ]
        return "| " + " | ".join(placed) + " |"

    rule = [
        "-" * (width - 1) + (":" if right else "-")
        for width, right in zip(widths, is_number, strict=True)
    ]
    return "\n".join([line(headers), "| " + " | ".join(rule) + " |", *map(line, cells[1:])])


def _numeric(cell: str) -> bool:
    return cell[:1].isdigit() or cell in ("", "-")


def steps_table(rows: Sequence[Row]) -> str:
    """Show seconds a step, the ratio to the plain loop, and memory."""
    headers = (
        "network",
        "px",
        "by",
        "precision",
        "s/step",
        "fastest",
        "speed",
        "peak MB",
        "work MB",
    )
    return table(
        headers,
        [
            (
                row["network"],
                str(row["side"]),
                NAMES[row["variant"]],
                row["precision"],
                f"{row['seconds']:.3f}",
                f"{row['fastest']:.3f}",
                f"{row['ratio']:.2f} x",
                megabytes(row["peak"]),
                megabytes(row["working"]),
            )
            for row in rows
        ],
    )


def memory_table(rows: Sequence[Row]) -> str:
    """Show what is kept between forward and backward, also as a share of the plain loop's."""
    of_plain = {row["network"]: row["counted"] for row in rows if row["variant"] == "plain"}
    return table(
        ("network", "px", "by", "kept MB", "of plain", "process grew MB"),
        [
            (
                row["network"],
                str(row["side"]),
                NAMES[row["variant"]],
                megabytes(row["counted"], 1),
                f"{row['counted'] / of_plain[row['network']]:.0%}",
                megabytes(row["held"], 1),
            )
            for row in rows
        ],
    )


def default_table(rows: Sequence[Row]) -> str:
    """Show the everyday jobs."""
    return table(
        ("job", "size", "seconds", "each round", "peak MB"),
        [
            (
                f"`{row['command']}`",
                " x ".join(map(str, row["size"])),
                f"{row['seconds']:.2f}",
                ", ".join(f"{seconds:.2f}" for seconds in row["rounds"]),
                megabytes(row["peak"]),
            )
            for row in rows
        ],
    )


def megabytes(value: float | None, digits: int = 0) -> str:
    """Return millions of bytes as text; a dash where they could not be measured."""
    return "-" if value is None else f"{value / 1e6:.{digits}f}"


SECTIONS: dict[str, tuple[str, str, Callable[[Sequence[Row]], str]]] = {
    "steps": (
        "A step",
        "Value and gradient of the paper's objective (Gram matrices at five relu*_1, content at "
        "relu4_2; random weights, square images) and Adam's update. Each measurement is a fresh "
        "process: two steps to warm up, then at least three steps and three seconds (a step over "
        "5 s: one and two). The ways take turns; times are medians over the rounds, speed is the "
        "median of the plain loop's time over this one's within a round. Peak is that of the "
        "process, work the peak less what torch and the loaded network held before.",
        steps_table,
    ),
    "memory": (
        "What is kept for the backward pass",
        "Bytes that PyTorch's and NumPy's allocators handed out during the forward pass and still "
        "hold after it with only the loss kept; beside it, as a check, by how much the process "
        "grew (median of fresh processes).",
        memory_table,
    ),
    "default": (
        "Everyday jobs",
        "The command as a user runs it, on the packaged samples, start-up and probing included; "
        "median of the rounds, and the largest peak memory of its process.",
        default_table,
    ),
}


def measured(results: dict[str, Part]) -> str:
    """Render what was measured, and say of each other part that it was not."""
    texts = []
    for name, (title, method, render) in SECTIONS.items():
        part = results.get(name)
        found = "Not measured yet." if part is None else f"{facts(part)}\n\n{render(part['rows'])}"
        texts.append(
            f"## {title}\n\n{method}\n\n`python benchmarks/run.py --only {name}`\n\n{found}"
        )
    return "\n\n".join(texts)


def facts(part: Part) -> str:
    """Say where and when a part was measured, and what speaks against its figures."""
    found = part["machine"]
    threads = {row["threads"] for row in part["rows"] if "threads" in row}
    texts = [
        f"{found['date']}",
        f"{found['cpu']}, {found['cores']} cores",
        *(f"{count} threads" for count in sorted(threads)),
        f"{found['system']}, Python {found['python']}, torch {found['torch']}",
        f"impasto {found['impasto']} ({found['commit'] or 'no commit'})",
        f"load average at the start {'unknown' if found['load'] is None else found['load']}",
    ]
    warned = machine.warning(found)
    return "; ".join(texts) + "." + (f"\n\n**Beware: {warned}.**" if warned else "")


def replaced(document: str, results: dict[str, Part]) -> str:
    """Put the measured part between the markers of a document."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError("RESULTS.md has lost its markers; restore them from its history")
    return f"{before}{BEGIN}\n\n{measured(results)}\n\n{END}{after}"
