"""Aside: work on picture files in a process of its own, under limits of memory and time.

Pictures that strangers hand in are decoded there, so that a bomb, or a crash in a decoder, takes
nothing else down; and whoever serves needs no torch. The process is started once and forks for each
piece of work (`aside_main.py`); it ends when this one does.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn, cast

from impasto.errors import InternalError, PictureError
from impasto.jobs.errors import TooLarge
from impasto.jobs.limits import Limits

OURS = 10
"""Times longer may writing a picture of ours take than reading a stranger's."""


@dataclass(frozen=True)
class Seen:
    """What an upload is."""

    kind: str
    width: int
    height: int
    recipe: str | None
    """The text of the recipe that made it, if impasto did."""


class Aside:
    """Works aside, on one piece after another.

    Args:
        limits: of memory, time and pixels.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def look(self, path: Path, name: str) -> Seen:
        """Decode a picture to the end, and say what it is.

        Args:
            path: where it lies.
            name: what the user calls it, for errors.

        Raises:
            PictureError: it is no picture, or is damaged.
            TooLarge: it has too many pixels, or takes too much memory or time to decode.
        """
        answer = self._ask({"work": "look", "path": str(path)})
        if "failed" in answer:
            self._refuse(answer, path, name)
        return Seen(answer["kind"], answer["width"], answer["height"], answer["recipe"])

    def shrink(self, path: Path, target: Path, side: int, name: str) -> None:
        """Write a picture as PNG with a long side of at most so many pixels.

        Args:
            path: where it lies.
            target: ends in .png.
            side: in pixels.
            name: what the user calls it, for errors.

        Raises:
            PictureError: it is no picture, or is damaged.
            TooLarge: it has too many pixels, or takes too much memory or time to decode.
        """
        request = {"work": "shrink", "path": str(path), "target": str(target), "side": side}
        answer = self._ask(request)
        if "failed" in answer:
            self._refuse(answer, path, name)

    def export(self, source: Path, target: Path, depth: int) -> None:
        """Write a picture of ours in another format; raises InternalError if that fails."""
        request = {"work": "export", "path": str(source), "target": str(target), "depth": depth}
        answer = self._ask(request)
        if "failed" in answer:
            raise InternalError(f"the picture could not be written: {answer}")

    def animate(self, frames: Sequence[Path], result: Path, target: Path) -> None:
        """Write an animation of frames of ours and a result; raises InternalError if that fails."""
        request = {"work": "animate", "frames": [str(path) for path in frames]}
        answer = self._ask(request | {"path": str(result), "target": str(target)})
        if "failed" in answer:
            raise InternalError(f"the animation could not be written: {answer}")

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        limits = self._limits
        ours = request["work"] in ("export", "animate")
        request |= {
            "pixels": limits.pixels,
            "bytes": limits.decode_bytes,
            "seconds": limits.decode_seconds * (OURS if ours else 1),
        }
        with self._lock:
            for _ in range(2):  # the process may have been killed since the last piece of work
                process = self._running()
                try:
                    print(json.dumps(request), file=cast(IO[str], process.stdin), flush=True)
                    if line := cast(IO[str], process.stdout).readline():
                        return cast(dict[str, Any], json.loads(line))
                except OSError:
                    pass
                self._end()
        raise InternalError("the process that decodes pictures died twice")

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "impasto.jobs.aside_main"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,  # Ctrl-C is for whoever serves
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                cast(IO[str], pipe).close()

    def _refuse(self, answer: dict[str, Any], path: Path, name: str) -> NoReturn:
        failed, limits = answer["failed"], self._limits
        if failed == "picture":
            raise PictureError(answer["message"].replace(str(path), name))
        if failed == "pixels":
            raise TooLarge(
                f"{name} has more than {limits.pixels:,} pixels, which are allowed here; "
                "make it smaller"
            )
        if failed == "memory":
            raise TooLarge(f"{name} takes too much memory to decode; make it smaller")
        if failed == "time":
            raise TooLarge(f"{name} takes more than {limits.decode_seconds} s to decode")
        raise PictureError(f"{name} is damaged in a way that no decoder survives; save it anew")
