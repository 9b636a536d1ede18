"""A part of a picture as a job of its own: what it shows, where it starts, what it is held to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self, cast

import torch
from torch import Tensor

from impasto.assemble import build_framing, build_objective
from impasto.engine.objective import Objective
from impasto.engine.place import Place, views
from impasto.engine.region import Region
from impasto.engine.schedule import Stage
from impasto.engine.targets import Target, seen
from impasto.errors import ShapeError
from impasto.events import Finished
from impasto.features.extractor import Extractor
from impasto.images import coloring
from impasto.images.picture import Picture
from impasto.images.resize import resize
from impasto.losses.additive import AdditiveLoss
from impasto.losses.anchored import Anchor, AnchoredLoss
from impasto.losses.term import StyleLoss
from impasto.numerics.moments import RawMoments
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
        pictures = StagePictures(recipe, painted, looks, None, image.device, smallest)
        row = finished.trace.rows[-1] if finished.trace.rows else None
        return cls(recipe, extractor, content, pictures, wide, image, row, tuple(whole))

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
        return self.seen.of(resize(self.small, whole.height, whole.width)).contiguous()

    def objective(self, stage: Stage) -> Objective:
        """Make the objective of the region: held to the style together with the rest."""
        whole = self.whole[stage.index - 1]
        content = self.seen.of(self.pictures.content_at(whole)).contiguous()
        styles = self.pictures.styles_at(whole)
        found = build_objective(self.recipe, self.extractor, content, styles)
        found = found.reweighted(self._weights(found, whole))
        return replace(found, targets=[self._anchored(target) for target in found.targets])

    def inner(self, image: Tensor, region: Region) -> Tensor:
        """Cut the context off an image (1, 3, H, W) of the last stage."""
        height, width = self.whole[-1].height, self.whole[-1].width
        top = region.rows(height).start - self.seen.rows(height).start
        left = region.columns(width).start - self.seen.columns(width).start
        rows, columns = region.size_in(height, width)
        return image[..., top : top + rows, left : left + columns]

    def original(self, region: Region) -> Picture:
        """Return what the content shows of a region at full size, in its own colors."""
        last = self.whole[-1]
        sized = region.of(resize(self.content.batch, last.height, last.width))
        return Picture.from_batch(sized)

    def _weights(self, objective: Objective, whole: Stage) -> dict[str, float]:
        """Weigh content as the small picture did in the end, and all terms by their area.

        In the whole picture, a mean over positions pulls at the pixels of a part by its share of
        the area; a sum pulls at them as it does here. So do statistics that are anchored.
        """
        weights = objective.weights() | self._content_weight(objective, whole)
        for target in objective.targets:
            loss = target.term.loss
            if not (isinstance(loss, AdditiveLoss) or getattr(loss, "sums", False)):
                weights[target.term.name] *= self.seen.area
        return weights

    def _content_weight(self, objective: Objective, whole: Stage) -> dict[str, float]:
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
        """Hold what the region and the rest make together to a target of the whole picture."""
        loss, share = target.term.loss, self.seen.area
        if not isinstance(loss, AdditiveLoss) or share > 1 - 1e-6:
            return target
        rest = self._rest(target)
        (wanted,) = target.phases
        anchors = {
            layer: Anchor(wanted[layer], rest[layer].per_position(), share) for layer in wanted
        }
        term = replace(target.term, loss=AnchoredLoss(cast(StyleLoss, loss)))
        return replace(target, term=term, phases=[anchors])

    @torch.no_grad()
    def _rest(self, target: Target) -> dict[str, RawMoments]:
        """Measure what is not seen, in the small picture."""
        mask = torch.ones_like(self.small[:, :1])
        self.seen.of(mask).zero_()
        framing, term = build_framing(self.recipe), target.term
        features = seen(self.extractor, framing, self.small, list(term.layers), 0)
        (look,) = views([Place(mask)], [term.layers], features, framing, 0)
        return {layer: cast(AdditiveLoss, term.loss).summarize(*look[layer]) for layer in look}
