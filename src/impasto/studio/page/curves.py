"""The losses of jobs as pages draw them: read as their logs grow, thinned where they are many."""

from collections import OrderedDict
from threading import Lock

from impasto.jobs.jobs import Jobs
from impasto.jobs.log import Tail
from impasto.jobs.values import StoredEvent

POINTS = 400
"""Steps of a job that are drawn, at most; a page is not wider."""
JOBS = 64
"""Jobs that are remembered; one beyond that is read anew."""


class Curve:
    """Every so many steps of one job, and always the last."""

    def __init__(self, tail: Tail) -> None:
        self._tail, self._every, self._seen = tail, 1, 0
        self._kept: list[StoredEvent] = []
        self._last: StoredEvent | None = None

    def steps(self) -> list[StoredEvent]:
        """Read what has come since the last call; return the steps to draw."""
        for event in self._tail.read():
            if event.event == "step":
                self._add(event)
        if self._last is None or (self._kept and self._kept[-1] is self._last):
            return list(self._kept)
        return [*self._kept, self._last]

    def _add(self, event: StoredEvent) -> None:
        if self._seen % self._every == 0:
            self._kept.append(event)
        self._last, self._seen = event, self._seen + 1
        if len(self._kept) > POINTS:
            self._kept, self._every = self._kept[::2], 2 * self._every


class Curves:
    """The curves of the jobs that pages look at; several threads may ask at once."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs, self._lock = jobs, Lock()
        self._curves: OrderedDict[str, Curve] = OrderedDict()

    def steps(self, id: str) -> list[StoredEvent]:
        """Return the steps of a job to draw.

        Raises:
            InputError: there is no such job.
        """
        with self._lock:
            if id not in self._curves:
                self._curves[id] = Curve(self._jobs.tail(id))
            self._curves.move_to_end(id)
            while len(self._curves) > JOBS:
                self._curves.popitem(last=False)
            return self._curves[id].steps()
