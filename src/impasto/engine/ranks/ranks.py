"""Ranks: what processes that share a run say to each other; a process alone is one rank."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from impasto.engine.ranks.messages import packed, size_of, unpacked
from impasto.errors import InternalError


class Transport(Protocol):
    """Carries bytes between ranks, in the order in which they are sent."""

    rank: int
    world: int

    def post(self, numbers: Tensor, to: int) -> Callable[[], None]:
        """Send a tensor (n,) of uint8 or int64; call what is returned to wait until it has gone."""

    def take(self, numbers: Tensor, source: int) -> None:
        """Receive into a tensor (n,) of uint8 or int64."""


class Alone:
    """The transport of a single rank, to which nobody speaks."""

    rank, world = 0, 1

    def post(self, numbers: Tensor, to: int) -> Callable[[], None]:
        """Nobody is there."""
        raise InternalError("a run of one process has nobody to speak to")

    def take(self, numbers: Tensor, source: int) -> None:
        """Nobody is there."""
        raise InternalError("a run of one process has nobody to speak to")


class Ranks:
    """The ranks of a run, seen from one of them; all must make the same calls in the same order.

    Args:
        transport: carries bytes.
        device: where tensors arrive.
    """

    def __init__(
        self, transport: Transport | None = None, device: torch.device | str = "cpu"
    ) -> None:
        self._transport = transport or Alone()
        self.rank, self.world = self._transport.rank, self._transport.world
        self.device = torch.device(device)
        self.sent = 0
        """Bytes that this rank has sent."""

    @property
    def leads(self) -> bool:
        """Whether this is rank 0, which decides, shows and writes."""
        return self.rank == 0

    @property
    def last(self) -> int:
        """The last rank."""
        return self.world - 1

    def send(self, tensors: Sequence[Tensor], to: int, values: Any = None) -> None:
        """Send tensors and plain values to a rank that waits for them."""
        for done in self._posted(tensors, to, values):
            done()

    def receive(self, source: int) -> tuple[list[Tensor], Any]:
        """Wait for what a rank sends."""
        length = torch.empty(1, dtype=torch.int64)
        self._transport.take(length, source)
        header = torch.empty(int(length), dtype=torch.uint8)
        self._transport.take(header, source)
        described = bytes(header.tolist())
        payload = torch.empty(size_of(described), dtype=torch.uint8, device=self.device)
        if len(payload):
            self._transport.take(payload, source)
        return unpacked(described, payload)

    def exchange(self, outgoing: Mapping[int, Tensor], sources: Sequence[int]) -> dict[int, Tensor]:
        """Send a tensor to each of some ranks, and receive one from each of some."""
        posted = [
            done for to, tensor in outgoing.items() for done in self._posted([tensor], to, None)
        ]
        found = {source: self.receive(source)[0][0] for source in sources}
        for done in posted:
            done()
        return found

    def broadcast(
        self, tensors: Sequence[Tensor], source: int, values: Any = None
    ) -> tuple[list[Tensor], Any]:
        """Return on all ranks what one of them gives; it travels along a binary tree."""
        place = (self.rank - source) % self.world
        given, told = list(tensors), values
        if place:
            given, told = self.receive(((place & (place - 1)) + source) % self.world)
        span = (place & -place) if place else 1 << (self.world - 1).bit_length()
        posted: list[Callable[[], None]] = []
        while span > 1:
            span //= 2
            if place + span < self.world:
                posted += self._posted(given, (place + span + source) % self.world, told)
        for done in posted:
            done()
        return given, told

    def values(self, own: Any) -> list[Any]:
        """Return on all ranks the plain values that each of them gives, in the order of ranks."""
        if not self.leads:
            self.send((), 0, own)
            return list(self.broadcast((), 0)[1])
        found = [own, *(self.receive(source)[1] for source in range(1, self.world))]
        return list(self.broadcast((), 0, found)[1])

    def everywhere(self, tensor: Tensor, dim: int = 0) -> Tensor:
        """Return on all ranks the tensors of all, joined in the order of ranks."""
        if self.world == 1:
            return tensor
        whole = self.collected(tensor, dim)
        return self.broadcast([] if whole is None else [whole], 0)[0][0]

    def collected(self, tensor: Tensor, dim: int = 0) -> Tensor | None:
        """Return on rank 0 the tensors of all, joined in the order of ranks; elsewhere None."""
        if not self.leads:
            self.send([tensor], 0)
            return None
        if self.world == 1:
            return tensor
        others = [self.receive(source)[0][0] for source in range(1, self.world)]
        return torch.cat([tensor, *others], dim)

    def barrier(self) -> None:
        """Wait until all ranks are here."""
        self.values(None)

    def _posted(self, tensors: Sequence[Tensor], to: int, values: Any) -> list[Callable[[], None]]:
        header, payload = packed(tensors, values)
        described = torch.frombuffer(bytearray(header), dtype=torch.uint8)
        length = torch.tensor([len(header)])
        parts = [length, described, *([payload] if len(payload) else [])]
        self.sent += sum(part.numel() * part.itemsize for part in parts)
        return [self._transport.post(part, to) for part in parts]
