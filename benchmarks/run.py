"""Measure speed and memory; `make bench` runs this.

    python benchmarks/run.py [--only steps|memory|default] [--quick]

Writes benchmarks/results.json and the measured part of benchmarks/RESULTS.md. With `--quick`, tiny
sizes only try out that everything works; what comes of it goes to build/benchmarks.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import default_job
import fresh
import machine
import memory
import report
import steps

HERE = Path(__file__).parent
QUICK_FOLDER = HERE.parent / "build" / "benchmarks"

Rows = list[dict[str, Any]]

PARTS: dict[str, Callable[[], Rows]] = {
    "steps": lambda: steps.run(say),
    "memory": lambda: memory.run(say),
    "default": lambda: default_job.run(say),
}
QUICK_PARTS: dict[str, Callable[[], Rows]] = {
    "steps": lambda: steps.run(say, sides=(64,), rounds=1, seconds=0.1),
    "memory": lambda: memory.run(say, side=64, rounds=1),
    "default": lambda: default_job.run(
        say, recipes={"draft": ("--size", "128", "--steps", "4")}, rounds=1
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; return the exit code."""
    options = _parser().parse_args(arguments)
    parts, folder = (QUICK_PARTS, QUICK_FOLDER) if options.quick else (PARTS, HERE)
    failed, found = False, machine.facts()  # once: later, the load would be our own
    for name in options.only or parts:
        try:
            measure(name, parts[name], folder, found)
        except fresh.MeasurementError as error:
            print(f"{name} was not measured: {error}", file=sys.stderr)
            failed = True
    return 1 if failed else 0


def measure(name: str, take: Callable[[], Rows], folder: Path, found: dict[str, Any]) -> None:
    """Measure one part on the machine found, show it, and write it down at once."""
    warned = machine.warning(found)
    if warned:
        say(f"warning: {warned}")
    part = {"machine": found, "rows": take()}
    title, _, render = report.SECTIONS[name]
    print(f"\n{title}\n{report.facts(part)}\n\n{render(part['rows'])}\n", flush=True)
    write(name, part, folder)


def write(name: str, part: dict[str, Any], folder: Path) -> None:
    """Put a part into results.json and RESULTS.md; the other parts stay as they were."""
    folder.mkdir(parents=True, exist_ok=True)
    file, document = folder / "results.json", folder / "RESULTS.md"
    results = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    results[name] = part
    file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    source = document if document.exists() else HERE / "RESULTS.md"
    text = report.replaced(source.read_text(encoding="utf-8"), results)
    document.write_text(text, encoding="utf-8")


def say(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure impasto's speed and memory.")
    parser.add_argument(
        "--only", action="append", choices=PARTS, help="measure this part alone (may be repeated)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="try everything out on tiny sizes, in build/benchmarks"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
