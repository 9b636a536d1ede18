"""`impasto info`: what a bug report should say about the machine."""

import json as json_text
import platform
from importlib import resources
from typing import Any

from impasto import recipe_files
from impasto.cli import options
from impasto.cli.exits import reporting_errors
from impasto.weights.catalog import NETWORKS, Network

PACKAGES = ("torch", "numpy", "pillow", "safetensors", "typer", "rich")


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
    return {
        "impasto": version(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _package(name) for name in PACKAGES},
        **_machine(),
        "networks": {network.name: _presence(network) for network in NETWORKS.values()},
        "recipes": recipe_files.names(),
        "cache": _cache(),
    }


def version() -> str:
    """Return the version of impasto as installed."""
    return _package("impasto")


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
        "devices": ["cpu", *cuda, *mps],
        "default_device": str(choose_device()),
        "threads": torch.get_num_threads(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "cpu_bf16": has_bf16(torch.device("cpu")),
    }


def _presence(network: Network) -> str:
    if network.embedded is None:
        return "needs --weights FILE"
    file = resources.files("impasto.weights") / "data" / network.embedded
    return f"embedded, {len(file.read_bytes()):,} bytes" if file.is_file() else "missing"


def _cache() -> str:
    import platformdirs

    return platformdirs.user_cache_dir("impasto", appauthor=False)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {inner}" for name, inner in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)
