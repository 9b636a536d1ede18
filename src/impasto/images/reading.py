"""Picture files to levels: which decoder reads what, and how its failures are worded."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from impasto.errors import PictureError
from impasto.images import deep_png, heic, metadata, png_chunks, tiff, webp
from impasto.images.samples import Levels, Model, Samples, rescaled
from impasto.images.source import Source, damaged
from impasto.images.tiff_directory import directory

# Opened by their classes: Image.open has a limit of its own, one for the whole process.
_OPENERS: dict[str, Callable[..., ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.jpeg_factory,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "TIFF": tiff.TiffFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
}
_MODELS: dict[str, Model] = {"1": "L", "L": "L", "LA": "L", "CMYK": "CMYK", "LAB": "LAB"}
"""Pillow's modes that are not made RGB."""


def read(source: Source) -> Samples:
    """Read a picture; of an animation or a file of several pages, the first.

    Raises:
        PictureError: the picture is damaged, too large, or of a kind that is not read.
    """
    with _worded(source), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of size and of odd metadata; we check both
        if source.kind == "HEIC":
            return heic.read(source)
        if source.kind == "PNG" and deep_png.is_deep(_head(source)):
            return deep_png.read(source)
        if source.kind == "PNG":
            png_chunks.check(source.file)
        if source.kind == "TIFF" and (layout := directory(source)).is_deep:
            return tiff.read(source, layout)
        if source.kind == "WEBP":
            source.check_size(*webp.size(source.file))
        return _by_pillow(source)


def upright_size(source: Source) -> tuple[int, int]:
    """Read (height, width) of a picture, turned upright, from its header.

    Raises:
        PictureError: it is damaged, or too large.
    """
    with _worded(source), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if source.kind == "HEIC":
            height, width = heic.read(source).color.shape[:2]
            return height, width
        if source.kind == "TIFF" and (layout := directory(source)).is_deep:
            return tiff.upright_size(source, layout)
        with _OPENERS[source.kind](source.file) as image:
            source.check_size(*image.size)
            turned = metadata.of_image(image).orientation in (5, 6, 7, 8)
            turned = turned and source.kind != "TIFF"  # of which Pillow gives the size upright
            return image.size if turned else (image.height, image.width)


def beside(source: Source) -> metadata.Metadata:
    """Read what stands beside the pixels of a JPEG, PNG, WebP or TIFF, without decoding them.

    Raises:
        PictureError: it is damaged.
    """
    with _worded(source), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if source.kind == "TIFF" and (layout := directory(source)).is_deep:
            return tiff.beside(source.file, layout)
        with _OPENERS[source.kind](source.file) as image:
            return metadata.of_image(image)


@contextmanager
def _worded(source: Source) -> Iterator[None]:
    """Put every failure of a decoder into one clear sentence."""
    try:
        yield
    except (PictureError, MemoryError):
        raise
    except Exception as error:  # decoders fail in any way on damaged files
        raise damaged(source.path) from error


def _head(source: Source) -> bytes:
    head = source.file.read(26)
    source.file.seek(0)
    return head


def _by_pillow(source: Source) -> Samples:
    with _OPENERS[source.kind](source.file) as image:
        source.check_size(*image.size)
        image.load()
        source.check_size(*image.size)  # a frame of a GIF may be larger than its canvas
        beside = metadata.of_image(image)
        if image.mode.startswith("I;16"):
            return Samples("L", _twelve_bits(image), metadata=beside)
        model = _MODELS.get(image.mode, "RGB")
        if image.mode == "La":  # premultiplied gray has no direct way to RGBA
            return _with_alpha("L", image.convert("LA"), beside)
        if image.has_transparency_data:
            return _with_alpha(model, image.convert("LA" if model == "L" else "RGBA"), beside)
        levels = np.array(image if image.mode == model else image.convert(model))
        return Samples(model, levels[..., None] if model == "L" else levels, metadata=beside)


def _with_alpha(model: Model, image: Image.Image, beside: metadata.Metadata) -> Samples:
    levels = np.array(image)
    return Samples(model, levels[..., :-1], levels[..., -1], beside)


def _twelve_bits(image: Image.Image) -> Levels:
    """Gray TIFFs of 12 bits, as microscopes make them; those of 16 are read elsewhere."""
    return rescaled(np.array(image)[..., None], 4095)
