"""`impasto features`, `gram` and `reconstruct`: pictures of what a network sees in one picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from impasto import recipe_files
from impasto.cli import checks, native_stderr, options
from impasto.cli.exits import reporting_errors
from impasto.features.architectures import Architecture, architecture
from impasto.files import check_target, picture_format
from impasto.weights.catalog import network as catalog_network

if TYPE_CHECKING:
    from torch import Tensor

    from impasto.features.extractor import Extractor

Picture = Annotated[Path, typer.Argument(metavar="PICTURE", help="What to look at.")]
Layer = Annotated[str, typer.Option("--layer", metavar="NAME", help="Such as relu3_1.")]
Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="OUT", help="A .png or other picture file.")
]
Side = Annotated[
    int, typer.Option("--size", metavar="PIXELS", min=16, help="Long side the network sees.")
]


@reporting_errors
def features(
    picture: Picture,
    layer: Layer = "relu3_1",
    channels: Annotated[
        int, typer.Option("--channels", min=1, help="How many, the most active first.")
    ] = 16,
    output: Output = Path("features.png"),
    size: Side = 256,
    network: options.Network = None,
    weights: options.Weights = None,
    offline: options.Offline = False,
) -> None:
    """Write the feature maps of a layer as one picture, the most active channels first."""
    name = _checked(picture, network, weights, layer, output, offline=offline)
    from impasto.explain.feature_maps import FeatureMaps
    from impasto.explain.heat import enlarged, heat_map, sheet
    from impasto.images.codec import encode

    extractor, image = _loaded(picture, name, weights, size, offline=offline)
    maps = FeatureMaps.of(layer, extractor(image, [layer])[layer])
    chosen = maps.most_active(channels)
    tiles = [enlarged(heat_map(maps.channel(number)), 160) for number in chosen]
    encode(sheet(tiles, columns=4), output)
    print(f"{layer}: {maps.channels} maps of {maps.values.shape[1]} x {maps.values.shape[2]}")
    print("channels, row by row: " + ", ".join(map(str, chosen)))
    print(f"saved {output}")


@reporting_errors
def gram(
    picture: Picture,
    layer: Layer = "relu3_1",
    output: Output = Path("gram.png"),
    size: Side = 256,
    network: options.Network = None,
    weights: options.Weights = None,
    offline: options.Offline = False,
) -> None:
    """Write the Gram matrix of a layer as a picture, and say what a shuffle does to it."""
    name = _checked(picture, network, weights, layer, output, offline=offline)
    from impasto.explain.gram_matrices import GramMatrix, shuffle
    from impasto.explain.heat import enlarged, log_heat_map
    from impasto.images.codec import encode

    extractor, image = _loaded(picture, name, weights, size, offline=offline)
    found = extractor(image, [layer])[layer]
    matrix, (shuffled, _) = GramMatrix.of(layer, found), shuffle(layer, found)
    encode(enlarged(log_heat_map(matrix.values), 512), output)
    print(f"{layer}: {matrix.channels} x {matrix.channels}, over {matrix.positions} positions")
    print(
        f"positions shuffled: Gram matrix changed by {shuffled.gram:.1e}, "
        f"features by {shuffled.content:.3f}"
    )
    print(f"saved {output}")


@reporting_errors
def reconstruct(
    picture: Picture,
    layer: Layer = "relu4_2",
    texture: Annotated[
        bool,
        typer.Option(
            "--style", help="From the Gram matrices of relu1_1 up to the layer: a texture."
        ),
    ] = False,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Of Adam.")] = 150,
    output: Output = Path("reconstruction.png"),
    size: Side = 256,
    network: options.Network = None,
    weights: options.Weights = None,
    offline: options.Offline = False,
) -> None:
    """Rebuild a picture from noise by what one layer knows of it, or its texture."""
    name = _checked(picture, network, weights, layer, output, offline=offline)
    from impasto.explain import reconstruction
    from impasto.explain.layers import first_of_blocks, in_order
    from impasto.images.codec import encode
    from impasto.images.picture import Picture

    extractor, image = _loaded(picture, name, weights, size, offline=offline)
    if texture:
        table = extractor.architecture
        above = [one for one in first_of_blocks(table) if _is_above(table, one, layer)]
        layers = in_order(table, [*above, layer])
        made = reconstruction.rebuild_style(extractor, image, layers, steps)
    else:
        made = reconstruction.rebuild_content(extractor, image, layer, steps)
    encode(Picture.from_batch(made.image), output)
    print(f"{', '.join(made.layers)}: from {made.first:.4g} to {made.last:.4g} in {steps} steps")
    print(f"saved {output}")


def _is_above(table: Architecture, layer: str, other: str) -> bool:
    return table.positions[layer] < table.positions[other]


def _checked(
    picture: Path,
    network: str | None,
    weights: Path | None,
    layer: str,
    output: Path,
    *,
    offline: bool,
) -> str:
    """Check what can be checked before torch is loaded; return the network's name."""
    name = network or recipe_files.named(recipe_files.BASE).network.name
    checks.check_inputs([picture], weights)
    checks.check_network(name, weights, offline=offline)
    architecture(catalog_network(name).architecture).node(layer)
    picture_format(output)
    check_target(output)
    checks.check_not_input(output, [picture, *([weights] if weights else [])])
    return name


def _loaded(
    picture: Path, name: str, weights: Path | None, size: int, *, offline: bool
) -> "tuple[Extractor, Tensor]":
    """Load the network and the picture (1, 3, H, W), shrunk to `size` if it is larger."""
    from impasto.cli.fetching import show
    from impasto.explain.subject import at_most
    from impasto.features import networks, provision
    from impasto.images.codec import decode

    if weights is None and (item := provision.missing(name)) is not None:
        show(provision.fetch(item, offline=offline))
    with native_stderr.silenced():
        image = decode(picture).batch
    file = weights and weights.expanduser()
    return networks.load(name, file).extractor(), at_most(image, size)
