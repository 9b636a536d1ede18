"""The control that all ranks obey alike: between two steps they tell each other what is wanted."""

import time
from collections.abc import Iterable

from impasto.engine.control import Control
from impasto.engine.ranks.ranks import Ranks
from impasto.timeline import Timeline, TimelineEntry


class SharedControl(Control):
    """Any rank may stop the run; weights and pauses are for rank 0 to change.

    Args:
        own: what this process is asked for.
        ranks: all of which agree.
        time_limit: seconds from now on, by the clock of rank 0.
    """

    def __init__(self, own: Control, ranks: Ranks, time_limit: float | None) -> None:
        super().__init__()
        self._own, self._ranks = own, ranks
        self._limit, self._began = time_limit, time.monotonic()
        self._agreed_pause = False

    def follow(self, timeline: Iterable[TimelineEntry]) -> None:
        """Also do again what a timeline tells of; the same on all ranks."""
        self._own.follow(timeline)

    @property
    def pending(self) -> Timeline:
        """What is still to be done of the timelines followed."""
        return self._own.pending

    def arrive(self, step: int, retries: int) -> None:
        """The run is between two steps: agree on what is done here."""
        self._own.arrive(step, retries)
        weights = self._own.take_weights()
        wishes = self._ranks.values([self._reason(), self._own.paused, weights])
        reasons = [reason for reason, _, _ in wishes if reason is not None]
        if reasons:
            self.stop(reasons[0])
        _, self._agreed_pause, changes = wishes[0]
        for term, weight in changes.items():
            self.change_weight(term, weight)

    @property
    def paused(self) -> bool:
        """Whether the run should hold."""
        return self._agreed_pause

    def wait(self) -> None:
        """Wait while rank 0 is paused."""
        if self._ranks.leads:
            self._own.wait()
        self._ranks.barrier()
        self._agreed_pause = False

    def _reason(self) -> str | None:
        limit = self._limit
        if self._ranks.leads and limit is not None and time.monotonic() - self._began >= limit:
            return f"the time limit of {limit:g} s was reached"
        return self._own.stopped
