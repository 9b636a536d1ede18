"""A part of a picture as a job of its own: what it shows, where it starts, what it is held to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self, cast

import torch
from torch import Tensor

from impasto.building import build_framing, build_objective
from impasto.engine.objective import Objective
from impasto.engine.optimizers.optimizer import Optimizer
from impasto.engine.pixel_objective import PixelObjective
from impasto.engine.place import Place
from impasto.engine.region import Region
from impasto.engine.schedule import Stage
from impasto.engine.state import State
from impasto.engine.targets import Target, measure_whole
from impasto.engine.tiled.objective import TiledObjective
from impasto.errors import ShapeError
from impasto.events import Finished
from impasto.features.extractor import Extractor
from impasto.guided import StyleTargets
from impasto.guides.guides import Guides
from impasto.images import coloring
from impasto.images.picture import Picture
from impasto.images.resize import resize
from impasto.losses.additive import AdditiveLoss
from impasto.losses.anchored import Anchor, AnchoredLoss
from impasto.losses.term import StyleLoss, Term
from impasto.numerics.bands import mean_square
from impasto.numerics.moments import RawMoments
from impasto.numerics.storage import MEMORY, Storage
from impasto.recipe import Recipe
from impasto.stage_pictures import StagePictures
from impasto.trace import TraceRow


@dataclass(frozen=True, eq=False)
class Closeup:
    """A region and some context around it, seen at any size of the whole picture."""

    recipe: Recipe
    extractor: Extractor
    content: Picture
    """In its own colors."""
    pictures: StagePictures
    """In the colors they are painted in."""
    seen: Region
    """The region with its context."""
    small: Tensor
    """The whole picture, finished at a small size: (1, 3, h, w)."""
    row: TraceRow | None
    """The last step of that."""
    whole: tuple[Stage, ...]
    """The stages of the whole picture that the region still has before it."""
    tile: int | None = None
    """Side in pixels of the tiles that pictures are computed in; None computes them whole."""

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        extractor: Extractor,
        content: Picture,
        styles: Sequence[Picture],
        region: Region,
        finished: Finished,
        whole: Sequence[Stage],
        context: int,
        storage: Storage = MEMORY,
        tile: int | None = None,
    ) -> Self:
        """Make the closeup of a region.

        Args:
            recipe: of the whole picture.
            extractor: of its network.
            content: the content picture.
            styles: the style pictures.
            region: what is looked at.
            finished: the end of the run that finished the whole picture at a small size.
            whole: the stages that are left, of the whole picture.
            context: pixels around the region at full size.
            storage: where pictures of the full size lie.
            tile: side of tiles; also the styles are measured in these, at the size of the whole.

        Raises:
            ShapeError: the region is too small for the layers of the recipe.
        """
        smallest, last = max(map(extractor.smallest_side, recipe.layers)), whole[-1]
        wide = region.widened(last.height, last.width, context)
        size = wide.size_in(whole[0].height, whole[0].width)
        if min(size) < smallest:
            expected = f"a region of at least {smallest} px at {whole[0].width} px in all"
            raise ShapeError(expected, size, "choose a larger part of the picture")
        painted, looks = coloring.before(recipe.color, content, styles)
        image = finished.image
        pictures = StagePictures(recipe, painted, looks, None, image.device, smallest, storage)
        row = finished.trace.rows[-1] if finished.trace.rows else None
        return cls(recipe, extractor, content, pictures, wide, image, row, tuple(whole), tile)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the region."""
        return tuple(
            Stage(n, *self.seen.size_in(stage.height, stage.width), stage.steps)
            for n, stage in enumerate(self.whole, start=1)
        )

    def start(self, stage: Stage) -> Tensor:
        """Return what the small picture shows of the region, at the size of a stage."""
        whole = self.whole[stage.index - 1]
        return self.seen.of(self._sized(self.small, whole)).contiguous()

    def objective(self, stage: Stage, side: int | None = None) -> PixelObjective:
        """Make the objective of the region: held to the style together with the rest."""
        whole = self.whole[stage.index - 1]
        content = self.seen.of(self.pictures.content_at(whole)).contiguous()
        styles = self.pictures.styles_at(whole)
        found = build_objective(
            self.recipe,
            self.extractor,
            content,
            styles,
            tile=side or self.tile,
            storage=self.pictures.storage,
        )
        assert isinstance(found, Objective | TiledObjective)  # both have targets
        weights = found.weights() | self._content_weight(found, whole)
        targets = [self._held(target) for target in found.reweighted(weights).targets]
        return replace(found, targets=targets)

    def optimizer(self, fresh: Optimizer, kept: Sequence[State]) -> Optimizer:
        """Go on with what an optimizer has learned of the small picture, as a next stage does."""
        if not kept:
            return fresh
        whole = self.whole[0]
        carried = fresh.restored(kept[-1]).resized(whole.height, whole.width)
        state = {
            name: self.seen.of(value).contiguous() if value.ndim == 4 else value
            for name, value in carried.state().items()
        }
        return carried.restored(state)

    def inner(self, image: Tensor, region: Region) -> Tensor:
        """Cut the context off an image (1, 3, H, W) of the last stage."""
        height, width = self.whole[-1].height, self.whole[-1].width
        top = region.rows(height).start - self.seen.rows(height).start
        left = region.columns(width).start - self.seen.columns(width).start
        rows, columns = region.size_in(height, width)
        return image[..., top : top + rows, left : left + columns]

    def original(self, region: Region) -> Picture:
        """Return what the content shows of a region at full size, in its own colors."""
        return Picture.from_batch(region.of(self._sized(self.content.batch, self.whole[-1])))

    def _sized(self, image: Tensor, stage: Stage) -> Tensor:
        return resize(image, stage.height, stage.width, storage=self.pictures.storage)

    def _held(self, target: Target) -> Target:
        """Let a target pull at the region as it would pull at it in the whole picture.

        There, a mean over positions pulls at the pixels of a part by its share of the area, and a
        mean relative to the whole by its share of that; a sum pulls at them as it does here.
        """
        term = target.term
        if isinstance(term.loss, AdditiveLoss):
            return self._anchored(target)
        if getattr(term.loss, "sums", False):
            return target
        if term.loss.contract == "local" and getattr(term.loss, "form", "") == "relative":
            parts = self._contrast(term)
            layers = {layer: weight * parts[layer] for layer, weight in term.layers.items()}
            return replace(target, term=replace(term, layers=layers))
        return replace(target, term=replace(term, weight=term.weight * self.seen.area))

    def _content_weight(
        self, objective: Objective | TiledObjective, whole: Stage
    ) -> dict[str, float]:
        """Read off the last losses which weight a strength or a balance has arrived at."""
        for target in objective.targets:
            row, term = self.row, target.term
            if row is None or term.name != "content":
                continue
            names = {layer: f"content.{layer}" for layer in term.layers}
            if not all(name in row.losses for name in names.values()):
                continue
            values = {layer: torch.tensor(row.losses[name]) for layer, name in names.items()}
            alone = float(term.combined(values))
            if alone > 0 and row.losses["content"] > 0:
                ratio = self.small.shape[-2] * self.small.shape[-1] / (whole.height * whole.width)
                grows = (
                    getattr(term.loss, "sums", False) and self.recipe.objective.balance != "none"
                )
                return {"content": row.losses["content"] / alone * (ratio if grows else 1.0)}
        return {}

    def _anchored(self, target: Target) -> Target:
        """Hold what the region and the rest make together to a target of the whole picture.

        The rest is known at its small size, so its share of the target is of that size too: a rest
        that has the style there leaves the region nothing to make up for.
        """
        loss, share = target.term.loss, self.seen.area
        if not isinstance(loss, AdditiveLoss) or share > 1 - 1e-6:
            return target
        rest, small = self._rest(target.term), self._small_style(target.term)
        anchors = {
            layer: Anchor(_mixed(full, small[layer], share), rest[layer], share)
            for layer, full in target.at(0).items()
        }
        term = replace(target.term, loss=AnchoredLoss(cast(StyleLoss, loss)))
        return replace(target, term=term, phases=[anchors])

    def _small_style(self, term: Term) -> Mapping[str, RawMoments]:
        """Measure the style as it was measured for the small picture."""
        size = (self.small.shape[-2], self.small.shape[-1])
        styles = self.pictures.styles_at(Stage(1, *size, 0))
        made = StyleTargets(self.extractor, styles, self.recipe.style, Guides(), size)
        (target,) = made.of(term)
        return target.at(0)

    @torch.no_grad()
    def _rest(self, term: Term) -> dict[str, RawMoments]:
        """Measure what is not seen, in the small picture, per position."""
        mask = torch.ones_like(self.small[:, :1])
        self.seen.of(mask).zero_()
        framing = build_framing(self.recipe)
        there = measure_whole(self.extractor, term, self.small, Place(mask), framing, 0)
        return {layer: sums.per_position() for layer, sums in there.items()}

    @torch.no_grad()
    def _contrast(self, term: Term) -> dict[str, float]:
        """Measure which share of the squares of the content's features the region has.

        A loss relative to the whole target counts differences in it by that share, not by area.
        """
        height, width = self.small.shape[-2:]
        content = self.pictures.content_at(Stage(1, height, width, 0))
        mask = torch.zeros_like(self.small[:, :1])
        self.seen.of(mask).fill_(1)
        framing, sums = build_framing(self.recipe), []
        for place in (Place(mask), None):
            found = measure_whole(self.extractor, term, content, place, framing, 0)
            sums.append({layer: mean_square(maps) * maps.numel() for layer, maps in found.items()})
        part, whole = sums
        return {layer: part[layer] / max(whole[layer], 1e-12) for layer in whole}


def _mixed(full: RawMoments, small: RawMoments, share: float) -> RawMoments:
    return full.per_position().scaled(share) + small.per_position().scaled(1 - share)
