"""The worker: a process that takes jobs from the queue and does them, one at a time."""

import signal
import threading
from pathlib import Path
from types import FrameType

from impasto.checkpoints.lock import Lock
from impasto.errors import InputError
from impasto.jobs.home import Home
from impasto.jobs.performing import Performance
from impasto.jobs.queue import Queue, Runner
from impasto.jobs.rounds import Round
from impasto.jobs.tables import Database, database_url, driver_url

LEAVING = 600
"""Seconds for which a worker that is asked to end waits for a checkpoint."""


def run_worker(
    home: str | Path, database: str = "", *, device: str = "auto", executor_id: str = "worker-1"
) -> None:
    """Do jobs until SIGTERM or SIGINT; what is under way then is kept and put back.

    Args:
        home: the folder of the jobs.
        database: its URL; empty for SQLite in the home folder.
        device: auto, cpu, cuda or mps.
        executor_id: this worker's name, the same after each restart, and no other's.

    Raises:
        InputError: the folder or database cannot be used, or a worker of this name is at work.
    """
    place = Home(Path(home).expanduser().absolute())
    place.create()
    try:
        lock = Lock(place.workers / f"{executor_id}.lock")
    except BlockingIOError as error:
        raise InputError(
            f"a worker named {executor_id} is at work already: give this one another name"
        ) from error
    try:
        _work(place, database_url(place.path, database), device, executor_id)
    finally:
        lock.release()


def _work(home: Home, url: str, device: str, executor_id: str) -> None:
    leaving = threading.Event()
    records = Database(url)
    records.create()
    queue = Queue(driver_url(url))

    def perform(job: str, number: int) -> None:
        Performance(home, Round(records, queue, job, number), device, leaving).perform()

    def leave(signum: int, frame: FrameType | None) -> None:
        leaving.set()

    runner = Runner(driver_url(url), executor_id, perform)
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, leave)
    runner.start()
    while not leaving.wait(0.5):
        pass
    runner.stop(LEAVING)
    queue.close()
    records.close()
