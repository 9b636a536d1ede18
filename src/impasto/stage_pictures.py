"""The pictures of a job at the size of each stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import torch
from torch import Tensor

from impasto.engine.initial import initial_image
from impasto.engine.schedule import Stage
from impasto.images.picture import Picture
from impasto.images.resize import resize
from impasto.numerics.storage import MEMORY, Storage
from impasto.recipe import Recipe


@dataclass(frozen=True)
class StagePictures:
    """The job's pictures, brought to the size of a stage when asked."""

    recipe: Recipe
    content: Picture
    styles: Sequence[Picture]
    start: Picture | None
    device: torch.device
    smallest: int
    storage: Storage = MEMORY
    """Where pictures of a stage's size lie."""

    def content_at(self, stage: Stage) -> Tensor:
        """Return the content, (1, 3, H, W)."""
        content = self.content.batch
        sized = resize(content, stage.height, stage.width, storage=self.storage)
        return sized.to(self.device)

    def styles_at(self, stage: Stage) -> list[Tensor]:
        """Bring each style to the stage's area, times the style scale, in its own proportions."""
        side, scale = sqrt(stage.height * stage.width), self.recipe.style.scale_of
        return [
            self._scaled(style, side * scale(index)).to(self.device)
            for index, style in enumerate(self.styles)
        ]

    def _scaled(self, style: Picture, side: float) -> Tensor:
        ratio = side / sqrt(style.height * style.width)
        ratio = max(ratio, self.smallest / min(style.height, style.width))
        size = round(style.height * ratio), round(style.width * ratio)
        return resize(style.batch, *size, storage=self.storage)

    def start_at(self, stage: Stage) -> Tensor:
        """Return the image that a run begins with at a stage, (1, 3, H, W)."""
        picture = None if self.start is None else self.start.batch
        content, seed = self.content_at(stage), self.recipe.seed
        return initial_image(self.recipe.start, content, seed, picture, self.storage)
