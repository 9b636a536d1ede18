"""Processes of torch.distributed as ranks: they find each other, and notice who has gone.

Messages go by gloo, those of CUDA tensors by nccl. A closed connection tells at once that a process
has gone, but not why, nor whether it was the first: whoever ends because of an error leaves a note
in the store where the processes met, and whoever loses a neighbor looks for it there.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, Self

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous

from impasto.engine.devices import choose_device
from impasto.engine.ranks.ranks import Ranks
from impasto.errors import ImpastoError, InputError, RankError

TIMEOUT = "IMPASTO_RANKS_TIMEOUT"
"""The environment's variable for the seconds after which a silent rank counts as gone."""
PATIENCE = 600.0
_GRACE = 2.0
"""Seconds in which a process that has failed can leave its note."""


class Group:
    """A process among others of one run, as torchrun starts them.

    Args:
        store: where the processes meet.
        rank: of this process.
        world: how many there are.
        device: where this one computes.
        timeout: seconds after which a silent rank counts as gone.
    """

    def __init__(self, store: Store, rank: int, world: int, device: str, timeout: float) -> None:
        self.store, self.rank, self.world, self.timeout = store, rank, world, timeout
        backend = "cpu:gloo,cuda:nccl" if torch.device(device).type == "cuda" else "gloo"
        with self._meeting():
            dist.init_process_group(
                backend,
                store=PrefixStore("group", store),
                rank=rank,
                world_size=world,
                timeout=timedelta(seconds=timeout),
            )
        self.ranks = Ranks(self, device)

    @classmethod
    def of(cls, environment: Mapping[str, str], device: str = "cpu") -> Self:
        """Join the group that torchrun tells of in the environment.

        Raises:
            InputError: what it tells makes no sense.
            RankError: the others are not there.
        """
        try:
            rank, world = int(environment["RANK"]), int(environment["WORLD_SIZE"])
            timeout = float(environment.get(TIMEOUT, PATIENCE))
            found = rendezvous("env://", timeout=timedelta(seconds=timeout))
            store, _, _ = next(iter(found))
        except (KeyError, ValueError) as error:
            raise InputError(
                f"expected RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT as torchrun sets them: "
                f"{error}; start with `torchrun --nproc-per-node 2 -m impasto ...`"
            ) from error
        except RuntimeError as error:
            raise RankError(f"no meeting with the other processes: {_line(error)}") from error
        attempt = environment.get("TORCHELASTIC_RESTART_COUNT", "0")
        return cls(PrefixStore(f"impasto/{attempt}", store), rank, world, device, timeout)

    def post(self, numbers: Tensor, to: int) -> Callable[[], None]:
        """Send; call what is returned to wait until it has gone."""
        with self._talking(to):
            work = dist.isend(numbers, to)

        def wait() -> None:
            with self._talking(to):
                if work is not None:
                    work.wait()
            numbers.numel()  # it must live until here

        return wait

    def take(self, numbers: Tensor, source: int) -> None:
        """Receive."""
        with self._talking(source):
            dist.recv(numbers, source)

    def note_failure(self, error: BaseException, message: str) -> None:
        """Leave a note for the others that this process ends because of an error."""
        if not isinstance(error, RankError):
            bad_input = isinstance(error, InputError)
            self._note({"kind": "failed", "message": message, "bad_input": bad_input})

    def may_speak(self) -> bool:
        """Tell whether no other process has told the user of an error yet."""
        try:
            return int(self.store.compare_set("speaker", "", str(self.rank))) == self.rank
        except (RuntimeError, ValueError):
            return True

    def close(self) -> None:
        """Leave; when all has ended well."""
        dist.destroy_process_group()

    @contextmanager
    def _meeting(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            raise RankError(
                f"not all of the {self.world} processes have come: {_line(error)}"
            ) from error

    @contextmanager
    def _talking(self, peer: int) -> Iterator[None]:
        try:
            yield
        except ImpastoError:
            raise
        except RuntimeError as error:
            raise self._lost(peer, error) from error

    def _lost(self, peer: int, error: RuntimeError) -> RankError:
        """Find out whose end it was that broke a connection."""
        note = self._note_of_others()
        if note["kind"] == "failed":
            text = f"rank {note['rank']} of {self.world} has failed: {note['message']}"
            return RankError(text, bad_input=note["bad_input"])
        gone = note.get("gone", peer)
        self._note({"kind": "gone", "gone": gone})
        silent = "timed out" in str(error).lower() or "timeout" in str(error).lower()
        how = f"has not answered for {self.timeout:g} s" if silent else "has gone"
        return RankError(f"rank {gone} of {self.world} {how}")

    def _note(self, note: dict[str, Any]) -> None:
        with suppress(RuntimeError):  # the store may have gone with the process that kept it
            self.store.set(f"ended/{self.rank}", json.dumps(note | {"rank": self.rank}))

    def _note_of_others(self) -> dict[str, Any]:
        """Return the most telling note that others leave within the time of grace."""
        until, found = time.monotonic() + _GRACE, {"kind": "none"}
        while time.monotonic() < until:
            for note in self._notes():
                if note["kind"] == "failed":
                    return note
                found = note
            if found["kind"] == "gone":
                return found
            time.sleep(0.05)
        return found

    def _notes(self) -> Iterator[dict[str, Any]]:
        try:
            for rank in range(self.world):
                if rank != self.rank and self.store.check([f"ended/{rank}"]):
                    yield json.loads(self.store.get(f"ended/{rank}"))
        except RuntimeError:
            return


def own_device(name: str, environment: Mapping[str, str]) -> str:
    """Give each process of a machine a GPU of its own, where the device is one or is to be chosen.

    Args:
        name: auto, cpu, cuda, or cuda:0 as another process had it.
        environment: has LOCAL_RANK.
    """
    kind = name.split(":")[0]
    if kind not in ("auto", "cuda") or not torch.cuda.is_available():
        return str(choose_device(name))
    local = int(environment.get("LOCAL_RANK", "0"))
    if local >= torch.cuda.device_count():
        raise InputError(
            f"this machine has {torch.cuda.device_count()} GPUs for at least {local + 1} "
            "processes: start as many as there are GPUs, or with --device cpu"
        )
    torch.cuda.set_device(local)
    return f"cuda:{local}"


def _line(error: RuntimeError) -> str:
    return str(error).splitlines()[0]
