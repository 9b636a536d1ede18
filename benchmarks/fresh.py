"""A measurement in a process of its own, so that its peak memory is nobody else's.

`call("steps", "measure", side=512)` runs `steps.measure(side=512)` in a new Python and returns what
it returns. The caller should hold little memory itself: Linux counts the parent's in `ru_maxrss`.
"""

import ctypes
import gc
import json
import platform
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULT = "result: "


class MeasurementError(Exception):
    """A measuring process failed; the message is the end of what it said."""


def call(module: str, function: str, **arguments: Any) -> Any:
    """Run a function of a module in this folder in a new process; plain values in and out."""
    command = [sys.executable, str(HERE / "fresh.py"), module, function, json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines or not lines[-1].startswith(RESULT):
        raise MeasurementError((done.stderr or done.stdout).strip()[-2000:] or "no word was said")
    return json.loads(lines[-1].removeprefix(RESULT))


def resident() -> int | None:
    """Bytes that this process holds now; where only the peak is known, the peak so far."""
    _hand_back()
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return peak()
    import resource

    return int(statm.read_text().split()[1]) * resource.getpagesize()


def _hand_back() -> None:
    """Let the C library return to the system what is free, where it is glibc."""
    gc.collect()
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def peak() -> int | None:
    """The most bytes of memory that this process has held; None on Windows."""
    status = Path("/proc/self/status")
    if status.exists():  # unlike ru_maxrss, it begins anew with each program
        found = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        if found:
            return int(found[0].split()[1]) * 1024
    return _maximum("RUSAGE_SELF")


def peak_of_children() -> int | None:
    """The most bytes that any one finished child of this process has held; None on Windows."""
    return _maximum("RUSAGE_CHILDREN")


def _maximum(who: str) -> int | None:
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return int(resource.getrusage(getattr(resource, who)).ru_maxrss) * unit


if __name__ == "__main__":
    found = getattr(import_module(sys.argv[1]), sys.argv[2])(**json.loads(sys.argv[3]))
    print(RESULT + json.dumps(found))
