"""`impasto doctor`: does everything that this installation needs work, and what to do if not."""

import json as json_text
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from impasto.cli import options
from impasto.cli.exits import FAILED, FINE, reporting_errors
from impasto.weights import cache
from impasto.weights.catalog import ITEMS, POCKET_V1

NEEDED = ("torch", "numpy", "PIL", "safetensors", "typer", "rich", "platformdirs", "filelock")
REINSTALL = "reinstall impasto: pip install --force-reinstall impasto"
LEAST_FREE = 200_000_000
"""Bytes that a network and a few large pictures take."""


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    check: str
    fine: bool
    found: str
    remedy: str
    """What to do if it is not fine."""


class Unwell(Exception):
    """A check failed for a reason that it names itself."""


@reporting_errors
def doctor(json: options.AsJson = False) -> int:
    """Check this installation, and say what to do about what does not work."""
    findings = []
    for finding in examine():
        findings.append(finding)
        if not json:
            _show(finding)
    well = all(finding.fine for finding in findings)
    if json:
        print(json_text.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        print("everything works" if well else "something is wrong: see above")
    return FINE if well else FAILED


def examine() -> Iterator[Finding]:
    """Run every check in turn."""
    for name, (check, remedy) in CHECKS.items():
        try:
            yield Finding(name, True, check(), "")
        except Exception as error:  # whatever is broken, the other checks go on
            yield Finding(name, False, " ".join(str(error).split()) or repr(error), remedy)


def _show(finding: Finding) -> None:
    print(f"{'ok  ' if finding.fine else 'FAIL'}  {finding.check}: {finding.found}", flush=True)
    if not finding.fine:
        print(f"      -> {finding.remedy}", flush=True)


def _libraries() -> str:
    for name in NEEDED:
        import_module(name)
    return f"{len(NEEDED)} libraries can be imported"


def _network() -> str:
    from impasto.weights import store

    weights = store.embedded(POCKET_V1)
    return f"{POCKET_V1.name} is intact (SHA-256 {weights.sha256[:12]}...)"


def _fetched() -> str:
    records = [record for name in ITEMS if (record := cache.find(name)) is not None]
    for record in records:
        if not cache.is_intact(record):
            raise cache.damaged(record)
    return ", ".join(f"{record.name} is intact" for record in records) or "none in the cache"


def _device() -> str:
    import torch

    from impasto.engine.devices import choose_device

    device = choose_device()
    total = float(torch.ones(8, device=device).sum())
    if total != 8:
        raise Unwell(f"{device} adds eight ones up to {total:g}")
    return f"{device} computes"


def _threads() -> str:
    import os

    import torch

    threads, cores = torch.get_num_threads(), os.cpu_count() or 1
    if threads > cores:
        raise Unwell(f"{threads} threads on {cores} cores")
    return f"{threads} on {cores} cores"


def _cache_folder() -> str:
    folder = cache.usable_folder()
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise cache.cannot_write(error) from error
    return f"{cache.root()} can be written"


def _space() -> str:
    cache.need_space(LEAST_FREE)
    return f"more than {cache.megabytes(LEAST_FREE)} free for the cache"


def _pictures() -> str:
    import torch

    from impasto.files import PICTURE_FORMATS
    from impasto.images.codec import decode, encode
    from impasto.images.picture import Picture

    ramp = torch.linspace(0.2, 0.8, 32).expand(3, 24, 32).contiguous()
    with tempfile.TemporaryDirectory(prefix="impasto-") as folder:
        for suffix in PICTURE_FORMATS:
            path = Path(folder) / f"picture{suffix}"
            encode(Picture(ramp), path)
            strayed = float((decode(path).pixels - ramp).abs().max())
            if strayed > 0.1:
                raise Unwell(f"{suffix} pictures come back changed by up to {strayed:.2f}")
    return "written and read: " + ", ".join(PICTURE_FORMATS)


def _job() -> str:
    import torch

    from impasto.api import stylize
    from impasto.images.picture import Picture

    ramp = torch.linspace(0, 1, 64).expand(3, 64, 64)
    stripes = ramp.mul(40).sin().mul(0.5).add(0.5)
    result = stylize(
        Picture(ramp.contiguous()),
        Picture(stripes.contiguous()),
        recipe="draft",
        size=64,
        steps=3,
        settings={"network.precision": "fp32"},
    )
    if not bool(torch.isfinite(result.image).all()) or torch.equal(result.image, ramp):
        raise Unwell(f"the picture did not change, or is not finite ({result.status})")
    return f"{result.picture.width} x {result.picture.height} px, {result.status}"


CHECKS: dict[str, tuple[Callable[[], str], str]] = {
    "libraries": (_libraries, REINSTALL),
    "embedded network": (_network, REINSTALL),
    "other networks": (_fetched, "fetch or import the network again, as the message says"),
    "device": (_device, "use --device cpu, or repair the driver and the build of torch"),
    "threads": (_threads, "unset OMP_NUM_THREADS, or give --threads"),
    "cache folder": (_cache_folder, f"make it writable, or set {cache.CACHE} to another folder"),
    "free space": (_space, f"free some, or set {cache.CACHE} to another folder"),
    "pictures": (_pictures, "reinstall Pillow: pip install --force-reinstall pillow"),
    "a small picture": (_job, f"please report it with IMPASTO_DEBUG=1; or {REINSTALL}"),
}
