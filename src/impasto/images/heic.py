"""HEIC pictures, by pillow-heif where it is installed; it is never registered with Pillow."""

import numpy as np
from PIL import Image

from impasto.errors import PictureError
from impasto.images import metadata
from impasto.images.samples import Levels, Samples, rescaled
from impasto.images.source import Source

_ALPHA = {2: 1, 4: 3}  # channels in all -> channels of color


def read(source: Source) -> Samples:
    """Read the primary picture; 10 and 12 bits per channel become 16.

    Raises:
        PictureError: pillow-heif is not installed, or the picture is too large.
    """
    try:
        import pillow_heif
    except ImportError:
        raise PictureError(
            f"{source.path} is a HEIC file; expected pillow-heif to read it with: install it with "
            "pip install 'impasto[heic]', or convert the picture to JPEG"
        ) from None
    heif = pillow_heif.open_heif(source.file, convert_hdr_to_8bit=False)
    source.check_size(*heif.size)
    levels = np.array(heif)  # a copy: theirs may not be written to
    if levels.ndim == 2:
        levels = levels[..., None]
    if levels.dtype != np.uint8:
        bits = int(heif.info["bit_depth"])
        levels = rescaled(levels, ((1 << bits) - 1) << (16 - bits))
    return _samples(levels, heif.info.get("exif"), heif.info.get("icc_profile"))


def _samples(levels: Levels, exif: object, profile: object) -> Samples:
    channels = _ALPHA.get(levels.shape[2], levels.shape[2])
    found = _metadata(exif)
    return Samples(
        "L" if channels == 1 else "RGB",
        levels[..., :channels],
        levels[..., channels] if levels.shape[2] > channels else None,
        metadata.Metadata(profile if isinstance(profile, bytes) else None, dpi=found.dpi),
    )


def _metadata(data: object) -> metadata.Metadata:
    """Read EXIF, without its orientation: libheif has turned the picture already."""
    exif = Image.Exif()
    try:
        if isinstance(data, bytes):
            exif.load(data)
        return metadata.of_exif(exif)
    except Exception:  # parsers fail in any way; this must not cost the picture
        return metadata.Metadata()
