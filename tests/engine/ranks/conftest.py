"""Ranks as threads of one process: what is tested here needs no network."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from torch import Tensor

from impasto.engine.ranks.ranks import Ranks

PATIENCE = 60.0


@dataclass
class Wires:
    """A queue for each pair of ranks."""

    world: int
    queues: dict[tuple[int, int], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for pair in ((a, b) for a in range(self.world) for b in range(self.world)):
            self.queues[pair] = queue.Queue()


@dataclass
class ThreadTransport:
    """Carries tensors from thread to thread; receiving for too long fails."""

    wires: Wires
    rank: int

    @property
    def world(self) -> int:
        return self.wires.world

    def post(self, numbers: Tensor, to: int) -> Callable[[], None]:
        self.wires.queues[self.rank, to].put(numbers.clone())
        return lambda: None

    def take(self, numbers: Tensor, source: int) -> None:
        got = self.wires.queues[source, self.rank].get(timeout=PATIENCE)
        assert (got.shape, got.dtype) == (numbers.shape, numbers.dtype)
        numbers.copy_(got)


def _together(world: int, work: Callable[[Ranks], Any]) -> list[Any]:
    """Let as many ranks do something at once; return what each returned."""
    wires, found, failed = Wires(world), {}, []

    def one(rank: int) -> None:
        try:
            found[rank] = work(Ranks(ThreadTransport(wires, rank)))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(rank,)) for rank in range(world)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [found[rank] for rank in range(world)]


@pytest.fixture
def together() -> Callable[[int, Callable[[Ranks], Any]], list[Any]]:
    return _together
