"""The keeper: writes a run's state every so many steps, and reads the last good one."""

from collections.abc import Iterator
from functools import partial

import torch
from safetensors import SafetensorError

from impasto.checkpoints import states
from impasto.checkpoints.folder import Folder
from impasto.engine.state import Boundary, RunState
from impasto.errors import InputError
from impasto.events import Checkpointed, Event, Warned
from impasto.numerics.storage import MEMORY, Storage


class Keeper:
    """Keeps the state every so many steps, at the end of each stage, and as the run is stopped.

    A state that cannot be written, on a full disk, say, does not end the run.

    Args:
        folder: where to.
        every: how many steps.
        last: the step of the state that is there already.
    """

    def __init__(self, folder: Folder, every: int, last: int | None = None) -> None:
        self.folder, self.every, self.last = folder, every, last

    def __call__(self, boundary: Boundary) -> Iterator[Event]:
        """Keep the state of a boundary, if it is time."""
        if not boundary.due(self.every):
            return
        try:
            path = self.folder.add(partial(states.write, boundary.state()))
        except (OSError, InputError, SafetensorError) as error:
            yield Warned(self._failure(error))
            return
        self.last = boundary.step
        yield Checkpointed(boundary.step, str(path))

    def _failure(self, error: Exception) -> str:
        left = "there is none yet" if self.last is None else f"the last one is of step {self.last}"
        return f"no checkpoint was written: {error}; the run goes on, {left}"


def latest(
    folder: Folder, device: torch.device | str, storage: Storage = MEMORY
) -> tuple[RunState | None, list[str]]:
    """Read the last state that is whole; None if the run was ended before its first one.

    Its tensors go to a device, or into a mapped storage.

    Returns:
        The state, and a warning for each one that is damaged.

    Raises:
        InputError: there are states, and all are damaged.
    """
    warnings: list[str] = []
    found = folder.states()
    for path in reversed(found):
        try:
            return states.read(path, device, storage), warnings
        except InputError as error:
            warnings.append(f"{error}; going back to the one before it")
    if found:
        raise InputError(
            f"every checkpoint in {folder.path} is damaged: start anew in another folder"
        )
    return None, warnings
