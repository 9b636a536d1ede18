"""Budgets of memory: what the user allows, and what the machine has to give."""

import re
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from impasto.errors import InputError

_UNITS = {
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
    "k": 2**10,
    "m": 2**20,
    "g": 2**30,
}
_TEXT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+|%)\s*")
MARGIN = 0.1
"""Share of what is free that is left to others."""
UNLIMITED = 2**60
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Budget:
    """How much a run may take, and how much it took before it was planned."""

    size: int
    """Bytes that the process (on a GPU: the run) may take in all."""
    taken: int
    """Bytes that it takes already."""


def read_size(text: str) -> int | float:
    """Read `4GB`, `512 MiB`, or `70%`.

    Returns:
        Bytes; or for a percentage the share of what is free, a float in (0, 1].

    Raises:
        InputError: the text is something else.
    """
    found = _TEXT.fullmatch(text)
    if found is None or (found[2] != "%" and found[2].lower() not in _UNITS):
        raise InputError(f"expected memory such as 4GB, 512MiB or 70%, got '{text}'")
    number = float(found[1])
    if found[2] == "%":
        if not 0 < number <= 100:
            raise InputError(f"expected a share of memory from 1% to 100%, got '{text}'")
        return number / 100
    size = int(number * _UNITS[found[2].lower()])
    if size < 10**7:
        raise InputError(f"expected at least 10 MB of memory, got '{text}'; try 4GB")
    return size


def budget(wanted: int | float | None, device: str = "cpu") -> Budget:
    """Return what a run may take.

    Args:
        wanted: bytes; a share of what is free; None for what is free less a margin.
        device: where it runs: `cpu`, `cuda`, `cuda:1`. Others are told nothing of: no limit.
    """
    taken = 0 if device.startswith("cuda") else taken_memory()
    if isinstance(wanted, int):
        return Budget(wanted, taken)
    free = free_on_gpu(device) if device.startswith("cuda") else free_memory()
    if free is None:
        return Budget(UNLIMITED, taken)
    return Budget(taken + int(free * (1 - MARGIN if wanted is None else wanted)), taken)


def free_on_gpu(device: str) -> int | None:
    """Return the free bytes of a CUDA device, with those that PyTorch keeps for itself."""
    import torch

    free, _ = torch.cuda.mem_get_info(device)
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(free + kept)


def free_memory() -> int | None:
    """Return the bytes that this process can still take; None where the system does not tell.

    The least counts of what the machine has, what control groups allow, and the process's limit of
    address space.
    """
    known = [machine_memory(), *control_group_memory(), address_space()]
    return min((size for size in known if size is not None), default=None)


def taken_memory() -> int:
    """Return the bytes that this process has in memory; 0 where the system does not tell."""
    return (_status("VmRSS") or 0) * 1024


def machine_memory() -> int | None:
    """Return what the machine can give without swapping."""
    for line in _lines(Path("/proc/meminfo")):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return _by_psutil()


def control_group_memory(root: Path = _CGROUP, own: Path = Path("/proc/self/cgroup")) -> list[int]:
    """Return what each limit of a control group, of version 1 or 2, still leaves."""
    found = []
    for folder, most, used in _control_groups(root, own):
        limit, current = _number(folder / most), _number(folder / used)
        if limit is not None and current is not None and limit < UNLIMITED:
            found.append(max(0, limit - current + (_reclaimable(folder) or 0)))
    return found


def address_space() -> int | None:
    """Return what the limit of address space (`ulimit -v`) leaves."""
    if sys.platform == "win32":
        return None
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit in (-1, resource.RLIM_INFINITY):
        return None
    return max(0, limit - (_status("VmSize") or 0) * 1024)


def _control_groups(root: Path, own: Path) -> list[tuple[Path, str, str]]:
    """List the groups of this process and those around them, each with its files."""
    found = []
    for line in _lines(own) or ["0::/"]:
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory") and "memory" not in controllers.split(","):
            continue
        base = root / "memory" if controllers else root
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
        names = names if controllers else ("memory.max", "memory.current")
        folder = base / path.strip("/")
        # Inside a container the path may be that outside of it; its own group is the root then.
        for place in (folder, *folder.parents):
            if place == base.parent:
                break
            found.append((place, *names))
    return found


def _reclaimable(folder: Path) -> int | None:
    """Return the bytes of files in memory, which the system drops when it needs room."""
    for line in _lines(folder / "memory.stat"):
        if line.startswith("inactive_file "):
            return int(line.split()[1])
    return None


def _number(path: Path) -> int | None:
    text = "".join(_lines(path)).strip()
    return int(text) if text.isdigit() else None


def _status(name: str) -> int | None:
    for line in _lines(Path("/proc/self/status")):
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def _by_psutil() -> int | None:
    """Ask psutil where there is no /proc, if it is installed."""
    try:
        return int(import_module("psutil").virtual_memory().available)
    except ImportError:
        return None
