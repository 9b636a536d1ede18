"""A run that several processes share: what they must agree on before it, and who follows."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from impasto import recipe_files
from impasto.assemble import settled
from impasto.engine.control import Control
from impasto.engine.job import Job
from impasto.engine.ranks.ranks import Ranks
from impasto.engine.run import run
from impasto.engine.state import Boundary, RunState
from impasto.errors import InputError
from impasto.events import Event
from impasto.images.picture import Picture
from impasto.recipe import Recipe

TILE = 768
"""Side in pixels of the tiles of a shared run, unless told otherwise."""


@dataclass(frozen=True)
class Sharing:
    """Who shares a run, and what is shown of it."""

    ranks: Ranks
    shows: Callable[[int], bool] | None = None
    """Tells of which steps the image is wanted; all others have an empty one."""
    device: Callable[[str], str] = lambda name: name
    """Makes the name of a device that of this process's own."""

    @property
    def leads(self) -> bool:
        """Whether this is rank 0, which shows and writes."""
        return self.ranks.leads

    def agreed(self, recipe: Recipe, weights: Any, device: str) -> Recipe:
        """Return the recipe with the precision that rank 0 has probed; it is no matter of taste."""
        if recipe.network.precision != "auto" or recipe.color.only_recolors:
            return recipe
        own = settled(recipe, weights, device).network.precision if self.leads else None
        precision = self.ranks.values(own)[0]
        return replace(recipe, network=replace(recipe.network, precision=precision))

    def check_alike(self, recipe: Recipe, pictures: Sequence[Picture]) -> None:
        """Raise InputError unless all ranks have the same recipe, pictures and numbers of threads.

        Each machine reads its own files, and they may differ without anybody having noticed.
        """
        own = {
            "another recipe": recipe_files.to_toml(recipe),
            "other pictures": [_digest(picture) for picture in pictures],
            "another version of torch": torch.__version__,
            "another number of threads": torch.get_num_threads(),
        }
        everybody = self.ranks.values(own)
        for rank, other in enumerate(everybody):
            for what, value in other.items():
                if value != everybody[0][what]:
                    raise InputError(
                        f"rank {rank} of {self.ranks.world} has {what} than rank 0: give all "
                        "processes the same command, files and versions"
                    )

    def check_state(self, state: RunState | None) -> None:
        """Raise InputError unless all ranks have read the same state; nobody writes before that."""
        steps = self.ranks.values(None if state is None else state.step)
        if len(set(steps)) > 1:
            raise InputError(
                f"the ranks have read checkpoints of different steps ({steps}): the folder must be "
                "one that all machines share"
            )


def followed(
    job: Job, control: Control, every: int | None, state: RunState | None = None
) -> Iterator[Event]:
    """Run a rank that does not lead: it gives its part to every checkpoint, and writes none."""

    def keep(boundary: Boundary) -> Iterator[Event]:
        if every is not None and boundary.due(every):
            boundary.state()
        return iter(())

    return run(job, control, state=state, keep=keep)


def _digest(picture: Picture) -> str:
    pixels = picture.pixels.contiguous().cpu().view(torch.uint8)
    return hashlib.sha256(pixels.numpy().data).hexdigest()
