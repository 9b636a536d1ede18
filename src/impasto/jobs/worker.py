"""The worker: a process that takes jobs from the queue and does them, one at a time."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from impasto.checkpoints.folder import EVERY
from impasto.checkpoints.lock import Lock
from impasto.engine.devices import choose_device
from impasto.errors import InputError
from impasto.jobs.disk import Disk
from impasto.jobs.home import Home, host_name
from impasto.jobs.limits import Limits
from impasto.jobs.performing import Performance
from impasto.jobs.presence import Presence
from impasto.jobs.queue import Queue, Runner
from impasto.jobs.rounds import Round
from impasto.jobs.tables import Database, database_url, driver_url
from impasto.shared import Shared

LEAVING = 600
"""Seconds for which a worker that is asked to end waits for a checkpoint."""
WAIT = 60.0
"""Seconds to wait for the worker before, of the same name, to end."""

_log = logging.getLogger(__name__)


@dataclass
class Leaving:
    """Whether the worker is to end: asked to by a signal, or since whoever started it is gone."""

    event: threading.Event = field(default_factory=threading.Event)

    def on_signals(self) -> None:
        """Listen to SIGTERM and SIGINT; only in the main thread."""

        def leave(signum: int, frame: FrameType | None) -> None:
            self.event.set()

        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, leave)

    def on_end_of_input(self) -> None:
        """Listen for the end of standard input, a pipe that ends with the process at its start."""

        def watch() -> None:
            while os.read(sys.stdin.fileno(), 1):
                pass
            self.event.set()

        threading.Thread(target=watch, daemon=True).start()


def run_worker(
    home: str | Path,
    database: str = "",
    *,
    device: str = "auto",
    executor_id: str | None = None,
    until_end_of_input: bool = False,
    ready: Callable[[str], None] | None = None,
    checkpoint_every: int = EVERY,
    dead_after: float = 60.0,
) -> None:
    """Do jobs until SIGTERM or SIGINT; what is under way then is kept and put back.

    Args:
        home: the folder of the jobs.
        database: its URL; empty for SQLite in the home folder.
        device: auto, cpu, cuda or mps.
        executor_id: this worker's name, the same after each restart, and no other's; None for the
            first of HOST-1, HOST-2, ... that is not at work.
        until_end_of_input: also end as standard input does.
        ready: is called with the name, once jobs are taken.
        checkpoint_every: steps between two checkpoints of a job.
        dead_after: seconds of silence after which the jobs of another worker are taken over.

    Raises:
        InputError: folder, database or device cannot be used, or a worker of this name is at work.
    """
    leaving = Leaving()
    leaving.on_signals()
    if until_end_of_input:
        leaving.on_end_of_input()
    choose_device(device)
    place = Home(Path(home).expanduser().absolute())
    place.create()
    name, lock = _named(place, executor_id)
    try:
        url = database_url(place.path, database)
        worker = Worker(place, url, name, device, leaving.event, checkpoint_every, dead_after)
        worker.work(ready)
    finally:
        lock.release()


def _named(home: Home, wanted: str | None) -> tuple[str, Lock]:
    """Find a name, and hold it."""
    if wanted is not None:
        return wanted, _waited(home, wanted)
    host = host_name()
    for number in range(1, 1000):
        try:
            return f"{host}-{number}", Lock(home.workers / f"{host}-{number}.lock")
        except BlockingIOError:
            continue
    raise InputError("a thousand workers are at work here already")


def _waited(home: Home, name: str) -> Lock:
    deadline = time.monotonic() + WAIT
    while True:
        try:
            return Lock(home.workers / f"{name}.lock")
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise InputError(
                    f"a worker named {name} is at work already: give this one another name"
                ) from None
            time.sleep(0.2)


@dataclass
class Worker:
    """Takes jobs and does them, until it is to leave."""

    home: Home
    url: str
    name: str
    device: str
    leaving: threading.Event
    checkpoint_every: int
    dead_after: float

    def work(self, ready: Callable[[str], None] | None) -> None:
        """Do jobs; `ready` is called once they are taken."""
        self._records = Database(self.url)
        self._records.create()
        Disk(self.home, self._records, Limits()).sweep()
        self._networks = Shared()
        self._queue = Queue(driver_url(self.url))
        self._presence = Presence(self._records, self.name, self.device, self.dead_after)
        runner = Runner(driver_url(self.url), self.name, self._perform)
        runner.start()
        if ready is not None:
            ready(self.name)
        while not self.leaving.wait(self._presence.EVERY):
            self._presence.show(runner.recover)
        runner.stop(LEAVING)
        self._presence.end()
        self._queue.close()
        self._records.close()

    def _perform(self, job: str, number: int) -> None:
        self._presence.works_on(job)
        try:
            Performance(
                self.home,
                Round(self._records, self._queue, job, number),
                self.device,
                self.leaving.is_set,
                self.checkpoint_every,
                self._networks,
            ).perform()
        except BaseException:
            # Not even the failure could be recorded. What a dead worker had begun is begun again.
            _log.exception("the worker ends, to begin job %s again", job)
            os._exit(1)
        finally:
            self._presence.works_on(None)
