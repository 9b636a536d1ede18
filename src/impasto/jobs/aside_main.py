"""The process aside: reads pieces of work, forks for each, and answers; JSON, a line each.

A piece that takes too much memory or time, or that crashes, ends its fork alone.
"""

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from impasto.errors import InputError, PixelsError
from impasto.images.codec import decode, encode
from impasto.images.picture import Picture
from impasto.images.resize import resize, scaled_size
from impasto.images.source import opened
from impasto.jobs.frames import animate

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

try:
    _fork: Callable[[], int] | None = os.fork
    _KILL, _PAGE = signal.SIGKILL, os.sysconf("SC_PAGE_SIZE")
except AttributeError:  # not on Windows, where everything is done in this process
    _fork, _KILL, _PAGE = None, signal.SIGTERM, 4096


def main() -> None:
    """Work until the input ends, as it does when whoever asks is gone."""
    for line in sys.stdin:
        request = json.loads(line)
        answer = _answer(request) if _fork is None else _aside(request, _fork)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _aside(request: dict[str, Any], fork: Callable[[], int]) -> dict[str, Any]:
    """Do a piece of work in a fork."""
    reading, writing = os.pipe()
    child = fork()
    if child == 0:
        try:
            os.close(reading)
            _limit(request)
            os.write(writing, json.dumps(_answer(request)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    try:
        said = _read(reading, request["seconds"])
    finally:
        os.close(reading)
        os.kill(child, _KILL)
        os.waitpid(child, 0)
    if said is None:
        return {"failed": "time"}
    return json.loads(said) if said else {"failed": "crash"}


def _read(pipe: int, seconds: float) -> bytes | None:
    """Read to the end; None if that does not come in time."""
    said, deadline = b"", time.monotonic() + seconds
    while select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
        piece = os.read(pipe, 65536)
        if not piece:
            return said
        said += piece
    return None


def _limit(request: dict[str, Any]) -> None:
    if resource is None:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (int(request["seconds"]) + 2,) * 2)
    resource.setrlimit(resource.RLIMIT_AS, (_mapped() + request["bytes"],) * 2)


def _mapped() -> int:
    """Return the address space of this process in bytes; 0 where that is not told."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * _PAGE
    except OSError:
        return 0


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return _WORKS[request["work"]](request)
    except PixelsError:
        return {"failed": "pixels"}
    except InputError as error:
        return {"failed": "picture", "message": str(error)}
    except (MemoryError, RuntimeError) as error:
        return {"failed": "memory", "message": str(error)}


def _look(request: dict[str, Any]) -> dict[str, Any]:
    path, limit = Path(request["path"]), request["pixels"]
    with opened(path, limit) as source:
        kind = source.kind.lower()
    picture = decode(path, pixel_limit=limit)
    size = {"width": picture.width, "height": picture.height}
    return {"kind": kind, "recipe": picture.recipe, **size}


def _shrink(request: dict[str, Any]) -> dict[str, Any]:
    picture, side = decode(request["path"], pixel_limit=request["pixels"]), request["side"]
    height, width = picture.height, picture.width
    if max(height, width) > side:
        height, width = scaled_size(height, width, side)
    small = resize(picture.batch, height, width)
    encode(Picture.from_batch(small), request["target"], depth=8)
    return {}


def _export(request: dict[str, Any]) -> dict[str, Any]:
    picture = decode(request["path"], pixel_limit=sys.maxsize)
    encode(picture, request["target"], depth=request["depth"])
    return {}


def _animate(request: dict[str, Any]) -> dict[str, Any]:
    frames = [Path(path) for path in request["frames"]]
    animate(frames, Path(request["path"]), Path(request["target"]))
    return {}


_WORKS = {"look": _look, "shrink": _shrink, "export": _export, "animate": _animate}

if __name__ == "__main__":
    main()
