"""Bands: an image divided by rows among ranks, and what a run does with them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import sqrt

import torch
from torch import Tensor

from impasto.engine.control import Control
from impasto.engine.ranks.control import SharedControl
from impasto.engine.ranks.layout import CHUNK, Layout
from impasto.engine.ranks.ranks import Ranks
from impasto.engine.ranks.rows import moved
from impasto.engine.state import Boundary, Keep, RunState, StageState
from impasto.events import Event, Finished, StageFinished, Step
from impasto.features.geometry import Size
from impasto.images.resize import resize
from impasto.numerics.filters import blurred
from impasto.numerics.precision import widest
from impasto.numerics.storage import Storage
from impasto.numerics.strip import Strip
from impasto.numerics.windows import Span


class Bands:
    """Each rank holds the rows of its tiles.

    Args:
        ranks: who shares the run.
        layout: who has which rows.
        time_limit: seconds for this process.
        shows: tells of which steps the image is gathered on rank 0; of none, if it is None.
    """

    def __init__(
        self,
        ranks: Ranks,
        layout: Layout,
        time_limit: float | None = None,
        shows: Callable[[int], bool] | None = None,
    ) -> None:
        self.ranks, self.layout = ranks, layout
        self.time_limit, self.shows = time_limit, shows

    def spans(self, size: Size) -> list[Span]:
        """Return the rows that each rank has of a picture of a size."""
        return self.layout.bands(size)

    def fits(self, image: Tensor, height: int, width: int) -> bool:
        """Tell whether the bands together have a size."""
        return image.shape[-1] == width and sum(self._heights(image)) == height

    def resized(self, image: Tensor, height: int, width: int, storage: Storage) -> Tensor:
        """Resize the whole on every rank, and keep a band; at a stage's beginning alone."""
        return self.own(resize(self.everywhere(image), height, width, storage=storage))

    def own(self, whole: Tensor) -> Tensor:
        """Copy this rank's rows of a whole (1, C, H, W)."""
        first, last = self.spans((whole.shape[-2], whole.shape[-1]))[self.ranks.rank]
        return whole[..., first:last, :].clone(memory_format=torch.contiguous_format)

    def everywhere(self, band: Tensor) -> Tensor:
        """Return the whole on every rank."""
        return self.ranks.everywhere(band, dim=2)

    def all_agree(self, told: bool) -> bool:
        """Tell whether all ranks say yes."""
        return all(self.ranks.values(told))

    def norm(self, gradient: Tensor) -> float:
        """Return the Euclidean norm of the whole, by chunks of rows in their order."""
        tops = range(0, gradient.shape[2], CHUNK)
        sums = [widest(gradient[:, :, top : top + CHUNK]).square().sum() for top in tops]
        own = torch.stack(sums) if sums else widest(gradient.new_zeros(0))
        return sqrt(sum(self.ranks.everywhere(own).tolist()))

    def blurred(self, band: Tensor, sigma: float) -> Tensor:
        """Blur the whole, and return the band; by chunks of rows, which are always the same."""
        if not sigma:
            return band
        radius, heights = round(3 * sigma), self._heights(band)
        ends = [sum(heights[: rank + 1]) for rank in range(len(heights))]
        spans = [(end - height, end) for end, height in zip(ends, heights, strict=True)]
        height = ends[-1]
        wants = [[(max(0, a - radius), min(height, b + radius))] if a < b else [] for a, b in spans]
        first, last = spans[self.ranks.rank]
        whole = Strip((*band.shape[:2], height, band.shape[3]), [(first, band)])
        strip = moved(self.ranks, whole, [[span] for span in spans], wants)
        made = torch.empty_like(band)
        for top in range(first, last, CHUNK):
            bottom = min(top + CHUNK, last)
            above, below = max(0, top - radius), min(height, bottom + radius)
            chunk = blurred(strip[..., above:below, :].contiguous(), sigma)
            made[..., top - first : bottom - first, :] = chunk[..., top - above : bottom - above, :]
        return made

    def control(self, control: Control) -> Control:
        """Make the control that all ranks obey alike."""
        return SharedControl(control, self.ranks, self.time_limit)

    def restored(self, state: RunState) -> RunState:
        """Take the bands out of a state of the whole."""
        return _with_images(state, self.own)

    def keep(self, keep: Keep) -> Keep:
        """Show the state of the whole on rank 0; other ranks ask for it at the same boundaries."""

        def shared(boundary: Boundary) -> Iterator[Event]:
            def whole() -> RunState:
                return _with_images(boundary.state(), self._collected)

            yield from keep(replace(boundary, state=whole))

        return shared

    def shown(self, event: Event) -> Event:
        """Gather the image of an event on rank 0; elsewhere, and of steps not shown, it is empty.

        An empty image is (1, 3, 0, 0).
        """
        if isinstance(event, Step) and (self.shows is None or not self.shows(event.step)):
            return replace(event, image=_nothing(event.image))
        if isinstance(event, Step | StageFinished | Finished):
            return replace(event, image=self._collected(event.image))
        return event

    def _collected(self, band: Tensor) -> Tensor:
        whole = self.ranks.collected(band, dim=2)
        return _nothing(band) if whole is None else whole

    def _heights(self, band: Tensor) -> list[int]:
        return [int(height) for height in self.ranks.values(band.shape[-2])]


def _nothing(image: Tensor) -> Tensor:
    return image.new_empty((*image.shape[:2], 0, 0))


def _with_images(state: RunState, change: Callable[[Tensor], Tensor]) -> RunState:
    """Change every image of a state; what is one object before is one after."""
    made: dict[int, Tensor] = {}

    def once(image: Tensor) -> Tensor:
        if id(image) not in made:
            made[id(image)] = change(image)
        return made[id(image)]

    return replace(state, stage=_stage(state.stage, once))


def _stage(stage: StageState, change: Callable[[Tensor], Tensor]) -> StageState:
    total = stage.average.total
    return replace(
        stage,
        image=change(stage.image),
        good=change(stage.good),
        average=replace(stage.average, total=None if total is None else change(total)),
        optimizer={k: change(t) if t.ndim == 4 else t for k, t in stage.optimizer.items()},
    )
