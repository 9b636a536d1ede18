"""Large picture files, resized while they are read, by libvips where it is installed.

Only a band of the file's rows is in memory at a time. Colors and sizes come about as in `codec` and
`resize`, so that the pixels agree with those of a picture that is decoded first and resized then.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from impasto.images import codec, reading
from impasto.images.color_profiles import planes, srgb
from impasto.images.metadata import Metadata
from impasto.images.picture import Picture
from impasto.images.resample import resample
from impasto.images.resize import resize, scaled_size
from impasto.images.samples import Levels, Model, Samples
from impasto.images.source import Source, limit_of, opened
from impasto.numerics.storage import MEMORY, Storage

_LOADERS = {"JPEG": "jpegload", "PNG": "pngload", "TIFF": "tiffload", "WEBP": "webpload"}
_MODELS: dict[str, Model] = {"srgb": "RGB", "rgb16": "RGB", "b-w": "L", "grey16": "L"}
_TYPES: dict[str, type[np.generic]] = {"uchar": np.uint8, "ushort": np.uint16}


def decode_sized(
    path: str | os.PathLike[str],
    long_side: int,
    *,
    storage: Storage = MEMORY,
    pixel_limit: int | None = None,
) -> Picture:
    """Read a picture file, made smaller to a long side; a smaller picture keeps its size.

    JPEG, PNG, WebP and TIFF in gray or RGB are resized while they are read, if pyvips is installed
    (`pip install 'impasto[prints]'`); others are decoded first.

    Args:
        path: as for `codec.decode`.
        long_side: pixels of the result's long side at most.
        storage: where the pixels lie.
        pixel_limit: as for `codec.decode`.

    Raises:
        PictureError, InputError: as from `codec.decode`.
    """
    file = Path(path).expanduser()
    with opened(file, limit_of(pixel_limit)) as source:
        image = _image(source)
        if image is not None and (found := _streamed(source, image, long_side, storage)):
            return found
    return _shrunk(codec.decode(path, pixel_limit=pixel_limit), long_side, storage)


def can_stream(path: str | os.PathLike[str], pixel_limit: int | None = None) -> bool:
    """Tell whether `decode_sized` makes a picture smaller while it is read, or decodes it first.

    Raises:
        PictureError, InputError: as from `codec.decode`, as far as its beginning tells.
    """
    with opened(Path(path).expanduser(), limit_of(pixel_limit)) as source:
        return _image(source) is not None


def _image(source: Source) -> Any:
    """Open a picture with libvips; None if it is not there, or the picture is of another kind."""
    try:
        import pyvips
    except (ImportError, OSError):  # OSError: the module is there, the library is not
        return None
    if source.kind not in _LOADERS:
        return None
    load = getattr(pyvips.Image, _LOADERS[source.kind])
    try:
        # Missing tiles are a warning to the reader of TIFFs; and files may change under their name.
        strict = "warning" if source.kind == "TIFF" else "error"
        image = load(str(source.path), access="sequential", fail_on=strict, revalidate=True)
    except pyvips.Error:
        return None  # whoever decodes it then says what is wrong
    model = _MODELS.get(image.interpretation)
    if model is None or image.format not in _TYPES or _extra(image, model) not in (0, 1):
        return None
    premultiplied = source.kind == "TIFF" and _extra(image, model)
    return None if premultiplied else image


def _extra(image: Any, model: Model) -> int:
    return int(image.bands) - (3 if model == "RGB" else 1)


def _streamed(source: Source, image: Any, long_side: int, storage: Storage) -> Picture | None:
    """Resize a picture while it is read; None if libvips gives up on it."""
    import pyvips

    source.check_size(image.width, image.height)
    beside = reading.beside(source)
    size = image.height, image.width
    if max(size) > long_side:
        size = scaled_size(*size, long_side)
    rows = _Rows(image, beside)
    made = storage.empty((1, rows.channels, *size))
    try:
        resample(rows.read, image.height, image.width, made, "bicubic")
    except pyvips.Error:
        return None
    upright = codec.oriented(made.clamp_(0, 1)[0], beside.orientation)
    if not upright.is_contiguous():
        upright = storage.empty(upright.shape).copy_(upright)
    alpha = upright[3:] if rows.channels == 4 else None
    return Picture(upright[:3], alpha, dpi=beside.dpi, recipe=beside.recipe)


class _Rows:
    """Rows of a file as pixels in sRGB; those asked for twice are kept, as there is no way back."""

    def __init__(self, image: Any, beside: Metadata) -> None:
        import pyvips

        self.image, self.region = image, pyvips.Region.new(image)
        self.model, self.profile = _MODELS[image.interpretation], Metadata(beside.profile)
        self.channels = 3 + _extra(image, self.model)
        self.top, self.kept = 0, torch.empty(1, self.channels, 0, image.width)

    def read(self, top: int, bottom: int) -> Tensor:
        """Return rows (1, channels, bottom - top, width)."""
        ends = self.top + self.kept.shape[2]
        known = self.kept[:, :, max(0, top - self.top) :]
        parts = [known, self._fetched(max(ends, top), bottom)] if bottom > ends else [known]
        self.kept, self.top = torch.cat(parts, dim=2), top
        return self.kept[:, :, : bottom - top]

    def _fetched(self, top: int, bottom: int) -> Tensor:
        data = self.region.fetch(0, top, self.image.width, bottom - top)
        levels: Levels = np.frombuffer(data, _TYPES[self.image.format])
        levels = levels.reshape(bottom - top, self.image.width, -1)
        color = 3 if self.model == "RGB" else 1
        pixels = srgb(Samples(self.model, levels[..., :color].copy(), metadata=self.profile))
        parts = [pixels, planes(levels[..., color:].copy())] if self.channels == 4 else [pixels]
        return torch.cat(parts)[None]


def _shrunk(picture: Picture, long_side: int, storage: Storage) -> Picture:
    size = picture.height, picture.width
    if max(size) > long_side:
        size = scaled_size(*size, long_side)
    alpha = None if picture.alpha is None else resize(picture.alpha[None], *size)[0]
    pixels = resize(picture.batch, *size, storage=storage)
    if storage.mapped and size == (picture.height, picture.width):
        pixels = storage.copy(pixels)
    return Picture(pixels[0], alpha, dpi=picture.dpi, recipe=picture.recipe)
