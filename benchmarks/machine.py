"""The facts about the machine that belong to every figure."""

import os
import platform
import subprocess
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

BUSY = 0.5
"""Load average from which others take a share of the machine that figures would be false by."""


def facts() -> dict[str, Any]:
    """Describe this machine as it is now, without loading torch."""
    return {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "cpu": _cpu(),
        "cores": _cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "torch": _version("torch"),
        "impasto": _version("impasto"),
        "commit": _commit(),
        "load": _load(),
    }


def warning(found: dict[str, Any]) -> str | None:
    """Say what makes the figures false, if anything."""
    load = found["load"]
    if load is None or load <= BUSY:
        return None
    return f"the load average was {load:.2f} at the start: other work ran, these figures are false"


def _cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        if names:
            return names[0].partition(":")[2].strip()
    if platform.system() == "Darwin":
        return _said("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    return platform.processor() or platform.machine()


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _load() -> float | None:
    """The load average of the last minute; None on Windows."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _commit() -> str | None:
    here = str(Path(__file__).parent)
    commit = _said("git", "-C", here, "rev-parse", "--short", "HEAD")
    changed = commit and _said("git", "-C", here, "status", "--porcelain", "../src")
    return f"{commit} and changes" if changed else commit


def _said(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
