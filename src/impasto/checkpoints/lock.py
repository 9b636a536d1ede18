"""A lock on a file that one process holds, and that the system takes back when it dies."""

from pathlib import Path

from filelock import FileLock, Timeout


class Lock:
    """Held from the making on until it is released.

    Raises:
        BlockingIOError: another holds it.
        OSError: there can be no lock here.
    """

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path, timeout=0)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise BlockingIOError(f"{path} is held by another process") from error

    def release(self) -> None:
        """Let others have it."""
        self._lock.release(force=True)
