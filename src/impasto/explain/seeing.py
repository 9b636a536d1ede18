"""What the layers see, from edges to parts: maps, patches, and what a channel would like best."""

from dataclasses import dataclass

import torch

from impasto.explain.descent import Descent
from impasto.explain.feature_maps import FeatureMaps, Patch, exciting_patches
from impasto.explain.layers import first_of_blocks, receptive_field
from impasto.explain.maximization import maximize
from impasto.explain.subject import Subject


@dataclass(frozen=True, eq=False)
class ChannelView:
    """The channel of a layer that the content excites most."""

    channel: int
    patches: tuple[Patch, ...]
    """From both pictures, most exciting first."""
    favorite: Descent
    """The image that excites it as much as possible."""
    favorite_mean: float
    """Its mean activation there."""
    content_mean: float
    style_mean: float


@dataclass(frozen=True, eq=False)
class LayerView:
    """One layer and both pictures."""

    layer: str
    field: int
    """Side in pixels of what one position sees."""
    content: FeatureMaps
    style: FeatureMaps
    channels: tuple[int, ...]
    """The channels shown: the most active in the content."""
    silent: float
    """Share of the content's features that are zero."""
    closest: ChannelView


def look(
    subject: Subject, *, channels: int = 6, patches: int = 4, steps: int = 40, side: int = 96
) -> tuple[LayerView, ...]:
    """Look at relu1_1 to relu5_1.

    Args:
        subject: network and pictures.
        channels: to show of each layer.
        patches: to show of its most active channel.
        steps: of the ascent to that channel's favorite image.
        side: of that image, in pixels.
    """
    layers = first_of_blocks(subject.architecture)
    with torch.no_grad():
        content = subject.extractor(subject.content, layers)
        style = subject.extractor(subject.style, layers)
    return tuple(
        _view(
            subject,
            FeatureMaps.of(layer, content[layer]),
            FeatureMaps.of(layer, style[layer]),
            counts=(channels, patches),
            ascent=(side, steps),
        )
        for layer in layers
    )


def _view(
    subject: Subject,
    content: FeatureMaps,
    style: FeatureMaps,
    *,
    counts: tuple[int, int],
    ascent: tuple[int, int],
) -> LayerView:
    shown = content.most_active(counts[0])
    return LayerView(
        layer=content.layer,
        field=receptive_field(subject.architecture, content.layer),
        content=content,
        style=style,
        channels=shown,
        silent=float((content.values == 0).float().mean()),
        closest=_channel(subject, content, style, shown[0], patches=counts[1], ascent=ascent),
    )


def _channel(
    subject: Subject,
    content: FeatureMaps,
    style: FeatureMaps,
    channel: int,
    *,
    patches: int,
    ascent: tuple[int, int],
) -> ChannelView:
    layer, side = content.layer, receptive_field(subject.architecture, content.layer)
    found = [
        patch
        for name, maps, image in (
            ("content", content, subject.content),
            ("style", style, subject.style),
        )
        for patch in exciting_patches(
            maps.channel(channel), image.cpu(), picture=name, side=side, count=patches
        )
    ]
    mean = float(content.means[channel])
    best = maximize(
        subject.extractor,
        layer,
        channel,
        side=ascent[0],
        steps=ascent[1],
        reference=mean,
        device=subject.content.device,
    )
    with torch.no_grad():
        favorite = FeatureMaps.of(layer, subject.extractor(best.image, [layer])[layer])
    return ChannelView(
        channel=channel,
        patches=tuple(sorted(found, key=lambda patch: -patch.activation)[:patches]),
        favorite=best,
        favorite_mean=float(favorite.means[channel]),
        content_mean=mean,
        style_mean=float(style.means[channel]),
    )
