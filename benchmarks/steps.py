"""Seconds per step and peak memory: the plain loop, impasto in fp32, impasto as it chooses.

A step is value and gradient of one objective and Adam's update. Every measurement is a fresh
process; the ways to compute take turns, and ratios are taken within a turn.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import fresh

NETWORKS = ("pocket", "vgg19")
VARIANTS = ("plain", "fp32", "auto")
SIDES = (256, 512, 1024)
ROUNDS = 3
LONG = 5.0
"""Seconds from which a step is long: one is enough to warm up, and two are timed."""

Row = dict[str, Any]
Say = Callable[[str], None]


def run(
    say: Say,
    *,
    networks: tuple[str, ...] = NETWORKS,
    sides: tuple[int, ...] = SIDES,
    rounds: int = ROUNDS,
    seconds: float = 3.0,
) -> list[Row]:
    """Measure all; one row for each network, side and way to compute."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in networks:
            weights = weights_file(name, folder)
            for side in sides:
                turns = 2 if (name, side) == ("vgg19", 1024) else rounds
                taken = list(_rounds(name, side, weights, turns, seconds, say))
                rows += [_row(name, side, variant, taken) for variant in VARIANTS]
    return rows


def weights_file(name: str, folder: str) -> str:
    """Write random weights of a network into a folder."""
    path = str(Path(folder) / f"{name}.safetensors")
    fresh.call("cases", "write_weights", name=name, path=path)
    return path


def _rounds(
    name: str, side: int, weights: str, rounds: int, seconds: float, say: Say
) -> Iterator[dict[str, Row]]:
    for turn in range(1, rounds + 1):
        taken = {}
        for variant in VARIANTS:
            taken[variant] = fresh.call(
                "steps",
                "measure",
                name=name,
                variant=variant,
                side=side,
                weights=weights,
                seconds=seconds,
            )
            took = taken[variant]["seconds"]
            say(f"{name} {side} px, {variant}, round {turn} of {rounds}: {took:.3f} s a step")
        yield taken


def _row(name: str, side: int, variant: str, rounds: list[dict[str, Row]]) -> Row:
    own = [taken[variant] for taken in rounds]
    ratios = [taken["plain"]["seconds"] / taken[variant]["seconds"] for taken in rounds]
    return {
        "network": name,
        "side": side,
        "variant": variant,
        "precision": "/".join(sorted({r["precision"] for r in own})),
        "seconds": median(r["seconds"] for r in own),
        "fastest": min(r["fastest"] for r in own),
        "steps": sum(r["steps"] for r in own),
        "ratio": median(ratios),
        "ratios": ratios,
        "peak": _middle(own, "peak"),
        "working": _middle(own, "working"),
        "threads": own[0]["threads"],
    }


def _middle(rows: list[Row], key: str) -> float | None:
    known = [row[key] for row in rows if row[key] is not None]
    return median(known) if known else None


def measure(*, name: str, variant: str, side: int, weights: str, seconds: float) -> Row:
    """Measure one way to compute; to be called in a fresh process.

    Returns:
        seconds a step (median), the fastest step, how many were timed, the process's peak memory,
        and the working memory: that peak less what torch and the loaded network already held.
    """
    import torch

    import cases

    case = cases.load(name, variant, weights)
    loaded = fresh.resident()
    step = case.start(side)
    times = _timed(step, seconds)
    peak = fresh.peak()
    return {
        "precision": case.precision,
        "seconds": median(times),
        "fastest": min(times),
        "steps": len(times),
        "peak": peak,
        "working": None if peak is None or loaded is None else peak - loaded,
        "threads": torch.get_num_threads(),
    }


def _timed(step: Callable[[], object], seconds: float) -> list[float]:
    """Warm up with two steps, then time steps for so long, at least three (long ones: 1 and 2)."""
    is_long = _once(step) > LONG
    if not is_long:
        step()
    least, times = 2 if is_long else 3, []
    while len(times) < least or sum(times) < seconds:
        times.append(_once(step))
    return times


def _once(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began
