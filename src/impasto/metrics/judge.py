"""Judge finished pictures: every number about each, as one plain record."""

import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from impasto.images.picture import Picture
from impasto.metrics.border import border
from impasto.metrics.content import deep_distance, edge_agreement, ssim_luma
from impasto.metrics.distance import Distance
from impasto.metrics.grain import flat_grain, grain
from impasto.metrics.network import FeatureExtractor
from impasto.metrics.patches import sliced_wasserstein
from impasto.metrics.sizes import at_most
from impasto.metrics.style import moments_distance

NETWORK_SIDE = 1024
"""The network sees larger pictures at this long side, in pixels, so that memory stays bounded."""

_ENLARGED = 1.1  # in area
_STRETCH = 0.02  # proportions may differ so much by rounding to whole pixels


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the metrics say about one picture; see `docs/metrics.md`."""

    picture: str
    """Its name."""
    width: int
    height: int
    ssim: float
    edges: float
    deep: float
    sliced: Distance
    moments: Distance
    grain: float
    flat_grain: float
    border: float
    network: str
    """The network that judged."""
    notes: tuple[str, ...] = ()
    """What to keep in mind when reading the numbers."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self) | {"notes": list(self.notes)}


def compare(
    images: Iterable[tuple[str, Picture]],
    content: Picture,
    style: Picture,
    extractor: FeatureExtractor,
    *,
    network: str = "",
) -> list[Judgement]:
    """Judge pictures by the same content, style and network.

    Args:
        images: name and picture; read one after the other, so a generator saves memory.
        content: what the pictures should show; of any size.
        style: how they should look; of any size.
        extractor: the judging network.
        network: its name; a picture whose recipe names the same gets a note.

    Raises:
        ShapeError: a picture is too small to be judged.
        LayerError: the network lacks a layer that is measured.
    """
    return [judge(n, image, content, style, extractor, network=network) for n, image in images]


def judge(
    name: str,
    picture: Picture,
    content: Picture,
    style: Picture,
    extractor: FeatureExtractor,
    *,
    network: str = "",
) -> Judgement:
    """Judge one picture; see `compare`."""
    image, shown, look = picture.batch, content.batch, style.batch
    seen = at_most(image, NETWORK_SIDE)
    return Judgement(
        picture=name,
        width=picture.width,
        height=picture.height,
        ssim=ssim_luma(image, shown),
        edges=edge_agreement(image, shown),
        deep=deep_distance(seen, shown, extractor),
        sliced=sliced_wasserstein(image, look),
        moments=moments_distance(seen, look, extractor),
        grain=grain(image, look),
        flat_grain=flat_grain(image, look, shown),
        border=border(image),
        network=network,
        notes=tuple(_notes(picture, content, style, network)),
    )


def made_with(picture: Picture) -> str | None:
    """Name the network that a picture was optimized by, from the recipe inside it."""
    try:
        settings = tomllib.loads(picture.recipe or "").get("network", {})
    except tomllib.TOMLDecodeError:
        return None
    name = settings.get("name") if isinstance(settings, dict) else None
    return name if isinstance(name, str) else None


def _notes(picture: Picture, content: Picture, style: Picture, network: str) -> Iterable[str]:
    if network and made_with(picture) == network:
        yield f"optimized by {network}, which judges here: deep and moments flatter it"
    stretch = picture.width * content.height / (picture.height * content.width)
    if abs(stretch - 1) > _STRETCH:
        yield "has other proportions than the content and is stretched to them"
    if picture.width * picture.height > _ENLARGED * style.width * style.height:
        yield "is larger than the style, which is enlarged and loses grain: grain reads high"
