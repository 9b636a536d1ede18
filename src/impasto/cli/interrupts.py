"""Ctrl-C and SIGTERM: the first ends the run with the image so far, the second ends it at once."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Protocol, Self

from impasto.cli.exits import SIGNALED, Interrupted

_REASONS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


class Stoppable(Protocol):
    """What can be asked to end gently: a run here, or a job elsewhere."""

    def stop(self, reason: str) -> None:
        """Ask it to; returns at once."""


class Interrupts:
    """Listens to signals while it is entered, and puts the old handlers back at the end.

    A signal that is ignored, as in a job that a shell started in the background, stays ignored.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._control: Stoppable | None = None
        self._before: dict[signal.Signals, Any] = {}

    @property
    def exit_code(self) -> int:
        """The exit code of a run that a signal ended; 0 when none did."""
        return 0 if self.received is None else SIGNALED + self.received

    def stops(self, control: Stoppable) -> None:
        """From now on there is an image worth saving: let the first signal stop the run gently."""
        self._control = control

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for signum in _REASONS:
                if signal.getsignal(signum) is not signal.SIG_IGN:
                    self._before[signum] = signal.signal(signum, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for signum, handler in self._before.items():
            signal.signal(signum, handler)

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        first, self.received = self.received is None, self.received or signum
        reason = _REASONS[signal.Signals(signum)]
        if self._control is None:
            raise Interrupted(signum, f"{reason}: nothing to save")
        if not first:
            raise Interrupted(signum, f"{reason} twice: nothing was saved")
        self._control.stop(reason)
