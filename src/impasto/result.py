"""The result: what a run made, and how."""

from dataclasses import dataclass, replace
from os import PathLike

from torch import Tensor

from impasto import recipe_files
from impasto.events import Finished, Status
from impasto.files import Encoding
from impasto.guides.blend import Blend
from impasto.images import coloring
from impasto.images.codec import encode
from impasto.images.picture import Picture
from impasto.recipe import Recipe
from impasto.timeline import Timeline
from impasto.trace import Trace


@dataclass(frozen=True)
class Result:
    """What a run made, and how."""

    picture: Picture
    recipe: Recipe
    """As run: with the weights' hash and the precision filled in."""
    trace: Trace
    status: Status
    reason: str
    """Why the run stopped or diverged; empty when it completed."""
    timeline: Timeline
    """What was done to the run from outside or by its guards."""

    @property
    def image(self) -> Tensor:
        """The pixels: (3, H, W), float32, sRGB in [0, 1]."""
        return self.picture.pixels

    def save(
        self,
        path: str | PathLike[str],
        *,
        quality: int = Encoding.quality,
        depth: int = Encoding.depth,
        dpi: float | None = None,
        pyramid: bool = False,
    ) -> None:
        """Write the picture by its name's ending, with the recipe inside.

        Args:
            path: ends in .png, .jpg, .jpeg, .webp, .tif, .tiff or .avif.
            quality: 1 to 100, for JPEG, WebP and AVIF.
            depth: bits per channel: 8, or for PNG and TIFF 16.
            dpi: dots per inch for printing; None keeps the content picture's.
            pyramid: with smaller copies of the picture, for viewers; TIFF only.

        Raises:
            PictureError: the ending is another, or the file cannot be written there.
            InputError: quality, depth or dpi is out of range.
        """
        encode(self.picture, path, quality=quality, depth=depth, dpi=dpi, pyramid=pyramid)

    def _repr_html_(self) -> str:
        """Show picture, status and losses in a notebook."""
        from impasto.explain.page.notebook import result_html

        return result_html(self.picture, str(self.status), self.recipe.name, self.trace)


def result_of(event: Finished, recipe: Recipe, content: Picture, blend: Blend) -> Result:
    """Make the result of a run that has ended: its own colors first, then what is protected."""
    image = blend(coloring.after(recipe.color, event.image, content, blend.storage))
    picture = Picture.from_batch(image, like=content)
    text = recipe_files.to_toml(recipe)
    return Result(
        picture=replace(picture, recipe=text),
        recipe=recipe,
        trace=event.trace,
        status=event.status,
        reason=event.reason,
        timeline=event.timeline,
    )
