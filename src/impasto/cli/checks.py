"""What can be found wrong at once: before torch is loaded, and long before the picture is done."""

from collections.abc import Iterable, Sequence
from itertools import count
from math import isfinite
from pathlib import Path

from impasto.errors import InputError, PictureError, WeightsError
from impasto.features.architectures import PIXELS, architecture
from impasto.files import animation_format, check_target, picture_format
from impasto.recipe import Recipe
from impasto.trace import check_suffix
from impasto.weights import cache
from impasto.weights.catalog import network
from impasto.weights.download import by_hand, is_offline

_NAMES_IN_DEFAULT = 3


def default_output(content: Path, styles: Sequence[Path]) -> Path:
    """Name the result after its pictures, in the current folder; never a file that is there."""
    stems = [content.stem, *(style.stem for style in styles[:_NAMES_IN_DEFAULT])]
    stem = "-".join(stems)[:120]
    names = (Path(f"{stem}.png" if n == 1 else f"{stem}-{n}.png") for n in count(1))
    return next(name for name in names if not name.exists())


def check_inputs(pictures: Iterable[Path], weights: Path | None) -> None:
    """Raise InputError for a file that is not there."""
    for path in pictures:
        if not _is_there(path):
            raise PictureError(f"there is no file {path}; check the name and the folder")
    if weights is not None and not weights.expanduser().is_file():
        raise WeightsError(f"there is no weights file {weights}; check the name and the folder")


def check_outputs(
    output: Path, trace: Path | None, frames: Iterable[Path], inputs: Sequence[Path]
) -> None:
    """Raise InputError for a name that cannot be written, or is one of the inputs."""
    picture_format(output)
    check_target(output)
    if trace is not None:
        check_suffix(trace)
        check_target(trace)
    named = [output] if trace is None else [output, trace]
    for path in (*named, *frames):
        check_not_input(path, inputs)


def check_animation(path: Path, outputs: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Raise InputError for an animation that cannot be written, or is another file of the run."""
    animation_format(path)
    check_target(path)
    check_not_input(path, inputs)
    full = path.expanduser().absolute()
    if any(full == other.expanduser().absolute() for other in outputs):
        raise InputError(f"{path} is written by this run already: give another --animate")


def check_not_input(path: Path, inputs: Iterable[Path]) -> None:
    """Raise InputError if writing a file would write over one of the inputs."""
    if any(_same(path, source) for source in inputs):
        raise InputError(
            f"{path} is an input and would be overwritten; choose another name with -o"
        )


def check_recipe(recipe: Recipe, styles: int, time_limit: float | None) -> None:
    """Raise InputError for layers that the network does not have, and counts that do not fit."""
    table = architecture(network(recipe.network.name).architecture)
    for layer in recipe.layers:
        if layer != PIXELS:
            table.node(layer)
    recipe.style.check_styles(styles)
    if time_limit is not None and not (isfinite(time_limit) and time_limit > 0):
        raise InputError(f"--time-limit must be more than 0 seconds, got {time_limit:g}")


def check_network(name: str, weights: Path | None, *, offline: bool) -> None:
    """Raise WeightsError for a network that is not here and that nobody may or can fetch."""
    item = network(name)
    if weights is not None or item.embedded is not None or cache.find(name) is not None:
        return
    if item.source is None:
        raise WeightsError(
            f"{name} is published at no fixed address: give its file with --weights FILE, or once "
            f"and for all with `impasto weights import {name} FILE`"
        )
    if offline or is_offline():
        raise WeightsError(f"{name} is not here, and fetching is off; {by_hand(item)}")


def _is_there(path: Path) -> bool:
    try:
        return path.expanduser().exists()
    except OSError:  # an impossible name: opening it will say why
        return True


def _same(path: Path, other: Path) -> bool:
    try:
        return path.expanduser().samefile(other.expanduser())
    except OSError:
        return False
