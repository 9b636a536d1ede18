"""The last word on protected pixels: they are the content's."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from impasto.events import Event, StageFinished, Step
from impasto.guides.guides import Guides
from impasto.images.picture import Picture
from impasto.images.resize import resize
from impasto.numerics.storage import MEMORY, Storage


@dataclass
class Blend:
    """Puts the content back where it is protected, in an image of any size."""

    guides: Guides
    content: Picture
    storage: Storage = MEMORY
    """Where images lie that are as large as the result."""
    _kept: dict[tuple[int, int], tuple[Tensor, Tensor]] = field(default_factory=dict, init=False)

    def __call__(self, image: Tensor) -> Tensor:
        """Mix (1, 3, H, W) with the content by the feathered mask; white is the content itself."""
        size = (image.shape[-2], image.shape[-1])
        if 0 in size:  # of a step that is not shown
            return image
        if size not in self._kept:
            mask = self.guides.protection_at(*size)
            if mask is None:
                return image
            self._kept = {size: (self._sized(*size), mask)}  # a stage at a time
        content, mask = (tensor.to(image) for tensor in self._kept[size])
        return torch.lerp(image, content, mask, out=self.storage.like(image))

    def _sized(self, height: int, width: int) -> Tensor:
        return resize(self.content.batch, height, width, storage=self.storage)

    def events(self, events: Iterator[Event]) -> Iterator[Event]:
        """Pass events on with the content put back; the run itself goes on with its own image.

        `Finished` is left to whoever makes the result, since colors are put back first.
        """
        for event in events:
            if isinstance(event, Step | StageFinished):
                event = replace(event, image=self(event.image))
            yield event
