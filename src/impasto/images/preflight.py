"""A look at the pictures before a run: what will look bad, and what helps.

Each warning is one sentence. All checks but those of sizes look at a picture of at most 1,024
pixels on its long side, so that they take a few hundredths of a second whatever the file.
"""

from collections.abc import Iterator, Sequence
from math import ceil, sqrt

from torch import Tensor
from torch.nn import functional

from impasto.images.picture import Picture
from impasto.images.preflight_margins import Box, inner_box
from impasto.images.preflight_text import is_text_page
from impasto.recipe import Recipe

Named = tuple[str, Picture]
"""A picture, and what to call it in a message."""

LOOK = 1024  # long side in pixels: lines of a page of 60 lines are still 17 px apart
ENLARGED = 2.0  # times; beyond, more than three of four pixels are made up
FITTING = 1.5  # times; what is proposed instead: hardly blurred, and clearly another size
ASPECT = 4.0  # long side to short side
SHORT_SIDE = 128  # px, what an aspect of 4 has at 512; with as many, any aspect is fine
SAMPLES = 256  # on the long side, for colors
FLAT = 0.02  # standard deviation of colors; the flattest of 2,475 pictures tried has 0.036
SMOOTH = 0.0015  # mean step between neighbors at 512 px; the smoothest one has 0.0031
PALE = 0.07  # standard deviation of brightness; faces in the manner of paler styles get hard to see
MORE_CONTENT = 3.0  # content weight for each unit of style weight: proposed for these
SMALLEST_SIZE = 64  # px; no --size below is worth proposing
SMALLEST_SCALE = 0.25  # no style.scale below is worth proposing: strokes get too fine to be seen

_LUMA = (0.299, 0.587, 0.114)


def warnings(
    recipe: Recipe, height: int, width: int, content: Named, styles: Sequence[Named]
) -> list[str]:
    """Say what will look bad in a result of a size; pictures that do not count are not looked at.

    Args:
        recipe: as it will run.
        height: rows of the result.
        width: columns of the result.
        content: name and picture.
        styles: name and picture of each style.
    """
    if recipe.color.only_recolors:  # no strokes that could go wrong
        return []
    found: list[str] = []
    if recipe.content.weight > 0 or recipe.start == "content":
        found += content_warnings(content[1], content[0], max(height, width))
    if recipe.style.weight > 0:
        for index, (name, style) in enumerate(styles):
            scale = recipe.style.scale_of(index)
            found += style_warnings(style, name, height, width, scale=scale)
        found += pale_warnings(recipe, styles)
    return found


def pale_warnings(recipe: Recipe, styles: Sequence[Named]) -> list[str]:
    """Say which styles may hide the content, unless the recipe holds to the content already."""
    enough = MORE_CONTENT * recipe.style.weight
    free = recipe.objective.balance != "none" or recipe.content.hold != "weight"
    if free or not 0 < recipe.content.weight < enough:
        return []
    return [
        f"{name} has little contrast: what the content shows may be hard to make out; "
        f"try --content-weight {enough:g}"
        for name, style in styles
        if _is_pale(style)
    ]


def content_warnings(content: Picture, name: str, size: int) -> list[str]:
    """Say what will look bad for a content picture and a long side of the result in pixels."""
    flat = _flat_content(_sampled(content.pixels), name)
    found = [flat, _tiny(content, name, size), _narrow(content, name, size)]
    return [message for message in found if message]


def style_warnings(
    style: Picture, name: str, height: int, width: int, *, scale: float = 1.0
) -> list[str]:
    """Say what will look bad for a style picture.

    Args:
        style: the picture.
        name: what to call it.
        height: rows of the result.
        width: columns of the result.
        scale: the recipe's style.scale.
    """
    small, factor = _shrunk(style.pixels)
    flat = _flat_style(small, name)
    if flat:  # nothing else matters then
        return [flat]
    enlarged = _enlarged(style, name, height, width, scale)
    page = _text(small, name)  # of which a border is no news
    found = [enlarged, page or _bordered(style, small, factor, name)]
    return [message for message in found if message]


# --- content ---------------------------------------------------------------------------------


def _tiny(content: Picture, name: str, size: int) -> str:
    long_side = max(content.height, content.width)
    ratio = size / long_side
    if ratio <= ENLARGED:
        return ""
    cures = ["a larger picture", *_size_cure(int(long_side * FITTING))]
    return (
        f"{name} ({content.width} x {content.height} px) is small for this size: enlarged "
        f"{ratio:.1f} times, it has no details to keep; use {_either(cures)}"
    )


def _narrow(content: Picture, name: str, size: int) -> str:
    short, long = sorted((content.height, content.width))
    aspect = long / short
    if aspect <= ASPECT or size / aspect >= SHORT_SIDE:
        return ""
    shape = "wide as tall" if content.width == long else "tall as wide"
    return (
        f"{name} is {aspect:.1f} times as {shape}: the result's short side has only "
        f"{max(1, round(size / aspect))} px, too few for strokes; crop the picture, or try a "
        f"--size of {ceil(SHORT_SIDE * aspect)} or more"
    )


def _flat_content(small: Tensor, name: str) -> str:
    if _spread(small) >= FLAT:
        return ""
    return f"{name} is nearly one color: it shows nothing to keep; use a picture with more contrast"


# --- style -----------------------------------------------------------------------------------


def _enlarged(style: Picture, name: str, height: int, width: int, scale: float) -> str:
    ratio = scale * sqrt(height * width / (style.height * style.width))
    if ratio <= ENLARGED:
        return ""
    cures = ["a larger scan", *_size_cure(int(max(height, width) * FITTING / ratio))]
    finer = int(100 * scale * FITTING / ratio) / 100
    if finer >= SMALLEST_SCALE:
        cures.append(f"a --style-scale of {finer:g} for finer strokes")
    return (
        f"{name} ({style.width} x {style.height} px) is small for this size: enlarged "
        f"{ratio:.1f} times, its strokes blur; use {_either(cures)}"
    )


def _flat_style(small: Tensor, name: str) -> str:
    cure = "use a style with visible strokes or texture"
    if _spread(small) < FLAT:
        return f"{name} is nearly one color: the result will be flat; {cure}"
    if _step(small) < SMOOTH:
        return f"{name} is smooth, without any texture: the result will be flat; {cure}"
    return ""


def _is_pale(style: Picture) -> bool:
    """Tell whether a style has little contrast; of a flat one there are worse things to say."""
    small = _sampled(style.pixels)
    return _spread(small) >= FLAT and float(_luma(small).std(correction=0)) < PALE


def _bordered(style: Picture, small: Tensor, factor: int, name: str) -> str:
    found = inner_box(small)
    if found is None:
        return ""
    box = _at_full_size(found, factor, style.width, style.height)
    if box.left >= box.right or box.top >= box.bottom:  # of a sliver nothing would be left
        return ""
    widths = (box.left, box.top, style.width - box.right, style.height - box.bottom)
    sides = zip(("left", "top", "right", "bottom"), widths, strict=True)
    told = ", ".join(f"{side} {pixels}" for side, pixels in sides if pixels)
    corners = f"({box.left}, {box.top}) to ({box.right}, {box.bottom})"
    return (
        f"{name} has a blank border (px: {told}) that counts as style and washes the result out; "
        f"crop it to the box from {corners}"
    )


def _text(small: Tensor, name: str) -> str:
    if not is_text_page(_luma(small).numpy()):
        return ""
    return (
        f"{name} looks like a page of text: its letters will be scattered over the result; "
        "use another style, or crop it to a part without text"
    )


# --- how a picture looks ---------------------------------------------------------------------


def _shrunk(pixels: Tensor, long_side: int = LOOK) -> tuple[Tensor, int]:
    """Average squares of pixels; return the small picture, and the squares' side."""
    factor = ceil(max(pixels.shape[1:]) / long_side)
    batch = pixels.detach()[None]
    if factor > 1:
        kernel = [min(factor, side) for side in pixels.shape[1:]]
        batch = functional.avg_pool2d(batch, kernel, ceil_mode=True, count_include_pad=False)
    return _sound(batch[0]), factor


def _sampled(pixels: Tensor) -> Tensor:
    """Take single pixels, evenly apart: enough to see whether the colors differ."""
    apart = ceil(max(pixels.shape[1:]) / SAMPLES)
    return _sound(pixels.detach()[:, ::apart, ::apart])


def _sound(pixels: Tensor) -> Tensor:
    """Bring what callers may have in a picture to the processor and to [0, 1]."""
    return pixels.cpu().nan_to_num(0.0, 1.0, 0.0).clamp_(0, 1)


def _spread(small: Tensor) -> float:
    """Root mean square distance of the pixels from the mean color, per channel."""
    colors = _sampled(small).flatten(1).double()
    return float((colors - colors.mean(1, keepdim=True)).square().mean().sqrt())


def _step(small: Tensor) -> float:
    """Mean difference in brightness between neighbors at 512 px or less."""
    luma = _luma(_shrunk(small, LOOK // 2)[0])
    steps = [luma.diff(dim=axis).abs().mean() for axis in (0, 1) if luma.shape[axis] > 1]
    return sum(map(float, steps)) / max(1, len(steps))


def _luma(small: Tensor) -> Tensor:
    """Brightness (height, width) of pixels (3, height, width)."""
    return small[0] * _LUMA[0] + small[1] * _LUMA[1] + small[2] * _LUMA[2]


def _at_full_size(box: Box, factor: int, width: int, height: int) -> Box:
    """Bring a box back to full size; a square that border and picture may share is cut off too."""
    spare = 1 if factor > 1 else 0

    def first(at: int) -> int:
        return (at + spare) * factor if at else 0

    def last(at: int, small_side: int, side: int) -> int:
        return side if at == small_side else (at - spare) * factor

    small_width, small_height = ceil(width / factor), ceil(height / factor)
    return Box(
        first(box.left),
        first(box.top),
        last(box.right, small_width, width),
        last(box.bottom, small_height, height),
    )


# --- words -----------------------------------------------------------------------------------


def _size_cure(size: int) -> Iterator[str]:
    if size >= SMALLEST_SIZE:
        yield f"a --size of {size} or less"


def _either(cures: Sequence[str]) -> str:
    *first, last = cures
    return f"{', '.join(first)}{',' if len(first) > 1 else ''} or {last}" if first else last
