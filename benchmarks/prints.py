"""Memory and time of prints: tiles, images in mapped files, under a cap set by the system.

    python benchmarks/prints.py memory pocket-v1 8192 [--tile 768] [--steps 1] [--cap 4]
    python benchmarks/prints.py megapixels pocket-v1

`memory` runs a whole job from a file to a file, whose only stage is of that size and has the steps
told (a print has more, which need no more memory): content and result are 16-bit TIFFs. Anonymous
memory (`RssAnon`) is read 20 times a second; mapped pages of files are not in it, as the system
drops them when memory is short. The cap counts both; it needs root and a version 1 memory cgroup.
Fewer `--shifts` than the recipe's measure the content less often, which takes time, not memory.
`megapixels` takes steps at 4, 16 and 64 megapixels, on a quiet machine.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import threading
import time
from pathlib import Path

import fresh
from steps import weights_file

GROUP = Path("/sys/fs/cgroup/memory/impasto-prints")
GB = 1e9


class Watch(threading.Thread):
    """Notes the most anonymous memory that this process has held."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = self.most_files = 0

    def run(self) -> None:
        while True:
            self.look()
            time.sleep(0.05)

    def look(self) -> None:
        status = Path("/proc/self/status").read_text()
        found = dict(re.findall(r"(RssAnon|RssFile):\s+(\d+) kB", status))
        self.most = max(self.most, int(found["RssAnon"]) * 1024)
        self.most_files = max(self.most_files, int(found["RssFile"]) * 1024)


def capped(gigabytes: float | None) -> bool:
    """Put this process under a limit of memory; tell whether there is one."""
    if not gigabytes:
        return False
    try:
        GROUP.mkdir(exist_ok=True)
        (GROUP / "memory.limit_in_bytes").write_text(str(int(gigabytes * GB)))
        (GROUP / "cgroup.procs").write_text(str(os.getpid()))
    except OSError as error:
        print(f"no cap: {error}", file=sys.stderr)
        return False
    return True


def job(
    network: str,
    side: int,
    tile: int,
    steps: int,
    cap: float | None,
    folder: str,
    mapped: bool,
    shifts: int | None = None,
) -> dict[str, object]:
    """Run one job; called in a process of its own."""
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    is_capped = capped(cap)
    watch = Watch()
    watch.look()
    watch.start()
    from impasto import api
    from impasto.events import StageStarted, Step
    from impasto.numerics.allocator import give_freed_memory_back
    from impasto.numerics.storage import MEMORY, mapped_storage
    from impasto.result import Result

    give_freed_memory_back()  # as the command does where images lie in files
    weights = None if network == "pocket-v1" else weights_file(network, folder)
    recipe = api.resolve_recipe(
        size=side,
        steps=steps,
        settings={"schedule.first": side, "network.name": network}
        | ({"network.sha256": ""} if weights else {})
        | ({"objective.shifts": shifts} if shifts else {}),
    )
    began, marks, result = time.monotonic(), {}, None
    at_start = watch.most
    events = api.stylize_events(
        str(Path(folder) / "content.tif"),
        sample("strokes.jpg"),
        recipe=recipe,
        weights=weights,
        tile=tile or None,
        storage=mapped_storage(folder) if mapped else MEMORY,
    )
    for event in events:
        now = round(time.monotonic() - began, 1)
        if isinstance(event, StageStarted):
            marks["read"] = (now, watch.most)
        elif isinstance(event, Step):
            marks[f"step {event.step}"] = (now, watch.most)
            print(f"step {event.step} after {now} s, {watch.most / GB:.2f} GB", file=sys.stderr)
        elif isinstance(event, Result):
            result = event
    assert result is not None
    marks["painted"] = (round(time.monotonic() - began, 1), watch.most)
    result.save(Path(folder) / "out.tif", depth=16)
    marks["saved"] = (round(time.monotonic() - began, 1), watch.most)
    return {
        "network": network,
        "size": [result.picture.height, result.picture.width],
        "tile": tile,
        "steps": steps,
        "capped": is_capped and cap,
        "start": at_start,
        "peak_anonymous": watch.most,
        "peak_files": watch.most_files,
        "marks": marks,
        "precision": result.recipe.network.precision,
        "out": (Path(folder) / "out.tif").stat().st_size,
    }


def make_content(folder: str, side: int) -> None:
    """Write a content picture of a size: a sample, enlarged."""
    from impasto.images.codec import decode, encode
    from impasto.images.picture import Picture
    from impasto.images.resize import resize
    from impasto.numerics.storage import mapped_storage

    small = decode(sample("valley.jpg"))
    edge = min(small.height, small.width)
    square = small.batch[..., :edge, :edge]
    large = resize(square, side, side, storage=mapped_storage(folder))
    encode(Picture(large[0]), Path(folder) / "content.tif", depth=16)


def sample(name: str) -> str:
    import impasto

    return str(Path(impasto.__file__).parent / "samples" / name)


def measured(side: int, **options):
    """Run a job in a process of its own."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("IMPASTO_SCRATCH")) as folder:
        fresh.call("prints", "make_content", folder=folder, side=side)
        return fresh.call("prints", "job", side=side, folder=folder, mapped=True, **options)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["memory", "megapixels"])
    parser.add_argument("network")
    parser.add_argument("side", nargs="?", type=int, default=8192)
    parser.add_argument("--tile", type=int, default=768)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--cap", type=float, help="GB of memory that the system allows")
    parser.add_argument("--shifts", type=int)
    given = parser.parse_args()
    options = {"network": given.network, "tile": given.tile, "shifts": given.shifts}
    if given.what == "memory":
        found = measured(**options, side=given.side, steps=given.steps, cap=given.cap)
        print(json.dumps(found, indent=1))
        return
    for side in (2048, 4096, 8192):
        found = measured(**options, side=side, steps=2, cap=None)
        marks = found["marks"]
        seconds = marks["step 2"][0] - marks["step 1"][0]
        each = seconds / (side * side / 1e6)
        print(f"{side} px: {seconds:.1f} s a step, {each:.3f} s a megapixel")


if __name__ == "__main__":
    main()
