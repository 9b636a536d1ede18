"""Supervision: workers as child processes, restarted when they die, ended with their parent."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from impasto.jobs.home import host_name

DATABASE = "IMPASTO_DB"
"""The variable that tells workers the database: a password in it is no business of `ps`."""
LONG = 30.0
"""Seconds after which a worker that dies has not died of its start."""
LONGEST_PAUSE = 30.0
LOOK = 0.2


class Workers:
    """Workers while it is entered.

    Each holds the read end of a pipe as its standard input. The write end is here, so the pipe
    ends with this process however that ends, and the workers after it, with a checkpoint.

    Args:
        home: the folder of the jobs.
        database: its URL; empty for SQLite in the home folder.
        device: auto, cpu, cuda or mps; several with commas, such as cuda:0,cuda:1.
        count: workers for each device; more than one only makes all of them slower.
        name: what their names begin with; no other machine's may be the same. None for HOST-studio.
    """

    def __init__(
        self,
        home: str | Path,
        database: str = "",
        *,
        device: str = "auto",
        count: int = 1,
        name: str | None = None,
    ) -> None:
        options = ["--home", str(home), "--until-end-of-input"]
        self._environment = os.environ | ({DATABASE: database} if database else {})
        name = name or f"{host_name()}-studio"
        start = [sys.executable, "-m", "impasto", "worker"]
        self._commands = [
            [*start, *options, "--device", each, "--name", f"{name}-{number}"]
            for number, each in enumerate(device.split(",") * count, start=1)
        ]
        self._ends = threading.Event()
        self._threads: list[threading.Thread] = []
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def pids(self) -> list[int]:
        """The processes that run at present."""
        return [process.pid for process in self._processes.values() if process.poll() is None]

    def __enter__(self) -> Self:
        for index in range(len(self._commands)):
            thread = threading.Thread(target=self._keep, args=(index,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _keep(self, index: int) -> None:
        """Keep a worker running, with longer and longer pauses if it dies at once."""
        pause = LOOK
        while not self._ends.is_set():
            began = time.monotonic()
            process = subprocess.Popen(
                self._commands[index], stdin=subprocess.PIPE, env=self._environment
            )
            self._processes[index] = process
            while process.poll() is None and not self._ends.wait(LOOK):
                pass
            cast(IO[bytes], process.stdin).close()
            process.wait()
            pause = LOOK if time.monotonic() - began > LONG else min(LONGEST_PAUSE, 2 * pause)
            self._ends.wait(pause)
