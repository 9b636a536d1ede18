"""`impasto info`: what a bug report should say about the machine."""

import json as json_text
import os
import platform
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from impasto import recipe_files
from impasto.cli import options
from impasto.cli.exits import reporting_errors
from impasto.cli.weights import facts as weights_facts
from impasto.weights import cache
from impasto.weights.catalog import ITEMS

PACKAGES = (
    *("torch", "numpy", "pillow", "safetensors", "typer", "rich"),
    *("platformdirs", "filelock", "tomli-w"),
)
EXTRAS = {
    "tifffile": "TIFF in 16 bits",
    "imagecodecs": "compressed TIFF",
    "pillow_heif": "HEIC",
    "cv2": "OpenCV",
    "av": "MP4",
    "dbos": "jobs",
    "fastapi": "the studio",
}
"""Libraries that are used where they are installed, by the name they are imported by."""
VARIABLES = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "PYTHONIOENCODING"),
    *("PYTHONUTF8", "LC_ALL", "LANG", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
)


@reporting_errors
def info(json: options.AsJson = False) -> None:
    """Show versions, devices and networks, for bug reports."""
    facts = gather()
    if json:
        print(json_text.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        print(f"{name.replace('_', ' '):16}{_words(value)}")


def gather() -> dict[str, Any]:
    """Collect the facts as plain values."""
    networks = {item.name: weights_facts(item, verify=False) for item in ITEMS.values()}
    return {
        "impasto": version(),
        "installed_in": str(Path(__file__).parents[1]),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": platform.platform(),
        "cpu": cpu_name(),
        "cpu_cores": os.cpu_count(),
        "memory_gb": memory_gb(),
        "packages": {name: _package(name) for name in PACKAGES},
        **_machine(),
        "networks": {name: found["state"] for name, found in networks.items() if name != "yunet"},
        "files": {"yunet": networks["yunet"]["state"]},
        "recipes": recipe_files.names(),
        "extras": {name: find_spec(name) is not None for name in EXTRAS},
        "cache": str(cache.root()),
        "cache_free_gb": _free_gb(),
        "encoding": sys.stdout.encoding,
        "environment": environment(),
    }


def version() -> str:
    """Return the version of impasto as installed."""
    return _package("impasto")


def cpu_name() -> str:
    """Name the processor as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        name = platform.processor()
    return f"{name or 'unknown'} ({platform.machine()})"


def memory_gb() -> float | None:
    """Tell how much memory the machine has, in GB; None where the system does not tell."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, OSError, ValueError):  # on Windows
        return None


def environment() -> dict[str, str]:
    """Collect our variables and those that change how we run; a proxy's password is left out."""
    ours = sorted(name for name in os.environ if name.startswith("IMPASTO_"))
    shown = {name: os.environ[name] for name in (*ours, *VARIABLES) if name in os.environ}
    return {name: _without_password(value) for name, value in shown.items()}


def _without_password(text: str) -> str:
    """`http://user:secret@host` as `http://...@host`."""
    before, at, after = text.rpartition("@")
    return f"{before.partition('//')[0]}//...@{after}" if at and "//" in before else text


def _package(name: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _machine() -> dict[str, Any]:
    import torch

    from impasto.engine.devices import choose_device, has_bf16

    cuda = [
        f"cuda:{index} ({torch.cuda.get_device_name(index)})"
        for index in range(torch.cuda.device_count())
    ]
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return {
        "torch_build": f"CUDA {torch.version.cuda or 'none'}, {_blas(torch)}",
        "devices": ["cpu", *cuda, *mps],
        "default_device": str(choose_device()),
        "threads": torch.get_num_threads(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "cpu_bf16": has_bf16(torch.device("cpu")),
    }


def _blas(torch: Any) -> str:
    names = ("mkl", "mkldnn", "openmp")
    return ", ".join(name for name in names if getattr(torch.backends, name).is_available())


def _free_gb() -> float | None:
    """Free space where the cache is, or will be."""
    for folder in (cache.root(), *cache.root().parents):
        try:
            return round(shutil.disk_usage(folder).free / 1e9, 1)
        except OSError:
            continue
    return None


def _words(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(inner)}" for name, inner in value.items()) or "none"
    return ", ".join(value) if isinstance(value, list) else str(value)
