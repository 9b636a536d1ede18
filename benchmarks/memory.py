"""What autograd keeps from the forward pass for the backward pass: the plain loop and impasto.

Counted in two ways, each in fresh processes. `held` is the growth of the process's memory over the
forward pass with only the loss kept, after what was freed is handed back to the system; it misses
nothing, and is coarse. `counted` adds up what PyTorch's and NumPy's allocators have not got back.
"""

import platform
import tempfile
import tracemalloc
from collections.abc import Callable
from statistics import median
from typing import Any

import fresh
from steps import weights_file

NETWORKS = ("pocket", "vgg19")
VARIANTS = ("plain", "fp32", "bf16")
SIDE = 512
ROUNDS = 3

Row = dict[str, Any]


def run(
    say: Callable[[str], None],
    *,
    networks: tuple[str, ...] = NETWORKS,
    side: int = SIDE,
    rounds: int = ROUNDS,
) -> list[Row]:
    """Measure all; one row for each network and way to compute."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in networks:
            weights = weights_file(name, folder)
            for variant in VARIANTS:
                case = {"name": name, "variant": variant, "side": side, "weights": weights}
                rows.append(_row(case, rounds))
                say(f"{name} {side} px, {variant}: {rows[-1]['counted'] / 1e6:.1f} MB kept")
    return rows


def _row(case: dict[str, Any], rounds: int) -> Row:
    held = [fresh.call("memory", "held", **case) for _ in range(rounds)]
    known = [value for value in held if value is not None]
    return {
        "network": case["name"],
        "variant": case["variant"],
        "side": case["side"],
        "held": median(known) if known else None,
        "counted": fresh.call("memory", "counted", **case),
    }


def held(*, name: str, variant: str, side: int, weights: str) -> int | None:
    """Growth of resident memory from before the forward pass to after it; None but on glibc."""
    if platform.libc_ver()[0] != "glibc":
        return None
    forward = _warm(name, variant, side, weights)
    before = fresh.resident()
    loss = forward()
    after = fresh.resident()
    loss.backward()
    return None if before is None or after is None else after - before


def counted(*, name: str, variant: str, side: int, weights: str) -> int:
    """Bytes taken from allocators during the forward pass and still held after it."""
    from torch.profiler import ProfilerActivity, profile

    forward = _warm(name, variant, side, weights)
    tracemalloc.start()
    before = _numpy_bytes()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        loss = forward()
    by_numpy = _numpy_bytes() - before
    tracemalloc.stop()
    loss.backward()
    by_torch = sum(event.self_cpu_memory_usage for event in profiler.events())
    return int(by_torch + by_numpy)


def _warm(name: str, variant: str, side: int, weights: str) -> Callable[[], Any]:
    """Load a case, and run it once, so that what libraries keep for good is there before."""
    import cases

    forward = cases.load(name, variant, weights).forward(side)
    forward().backward()
    return forward


def _numpy_bytes() -> int:
    """What NumPy's arrays hold, which is where impasto packs bits."""
    import numpy as np

    domain = np.lib.tracemalloc_domain
    snapshot = tracemalloc.take_snapshot()
    chosen = snapshot.filter_traces([tracemalloc.DomainFilter(inclusive=True, domain=domain)])
    return sum(trace.size for trace in chosen.traces)
