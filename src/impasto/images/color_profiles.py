"""From a file's own colors to sRGB, and the profile that says so in the files we write.

Profiles of curves and a matrix are applied in float. The others go through LittleCMS, which knows
8 bits here: RGB of 16 bits by a table of its answers, in between which is interpolated; gray and
CMYK of 16 bits are rounded to 8 bits first. Relative colorimetric, with black point compensation.
"""

from functools import cache
from io import BytesIO

import numpy as np
import torch
from PIL import Image, ImageCms
from torch import Tensor
from torch.nn import functional

from impasto.images import matrix_profiles
from impasto.images.samples import Levels, Samples, highest

_SPACES = {b"GRAY": "L", b"RGB ": "RGB", b"CMYK": "CMYK"}  # of profiles, as models
_CREATED = bytes([0x07, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])  # the start of 2000
_NODES = 52  # per axis of a table: every fifth level of 8 bits, so that nodes are exact


def srgb(samples: Samples) -> Tensor:
    """Convert a picture to sRGB; without a profile that fits it, it is taken as sRGB.

    Returns:
        float32, shape (3, height, width), in [0, 1].
    """
    profile = samples.metadata.profile
    if profile is not None and profile[36:40] == b"acsp":
        model = _SPACES.get(profile[16:20])
        if model == samples.model:
            return _rgb(_converted(samples, profile))
        if (model, samples.model) == ("RGB", "L"):
            return _converted(Samples("RGB", samples.color.repeat(3, axis=2)), profile)
    return _rgb(_unprofiled(samples))


@cache
def srgb_profile() -> bytes:
    """Return an sRGB profile for files that we write, always the same bytes."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + _CREATED + made[36:]


def planes(levels: Levels) -> Tensor:
    """Scale levels of shape (height, width, channels) to float32 planes in [0, 1]."""
    signed = levels.astype(np.int32) if levels.dtype == np.uint16 else levels
    return torch.from_numpy(signed).permute(2, 0, 1).to(torch.float32).div_(highest(levels))


def _rgb(channels: Tensor) -> Tensor:
    return channels.expand(3, -1, -1)


def _converted(samples: Samples, profile: bytes) -> Tensor:
    if samples.model != "CMYK" and (matrix := matrix_profiles.parse(profile)):
        return planes(samples.color) if matrix.is_srgb else matrix.convert(samples.color)
    try:
        transform = _transform(ImageCms.ImageCmsProfile(BytesIO(profile)), samples.model)
    except (ImageCms.PyCMSError, OSError, ValueError):  # a damaged profile
        return _unprofiled(samples)
    if samples.model == "RGB" and samples.color.dtype == np.uint16:
        return _interpolated(transform, samples.color)
    return _by_littlecms(transform, samples)


def _unprofiled(samples: Samples) -> Tensor:
    if samples.model == "CMYK":
        ink = planes(samples.color)
        return (1 - ink[:3]) * (1 - ink[3:])
    if samples.model == "LAB":
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        return _by_littlecms(_transform(lab, "LAB"), samples)
    return planes(samples.color)


def _transform(profile: ImageCms.ImageCmsProfile, model: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        profile,
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        model,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _by_littlecms(transform: ImageCms.ImageCmsTransform, samples: Samples) -> Tensor:
    color = samples.color
    if color.dtype == np.uint16:
        color = ((color.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return planes(_applied(transform, color, samples.model))


def _applied(transform: ImageCms.ImageCmsTransform, color: Levels, model: str) -> Levels:
    height, width = color.shape[:2]
    image = Image.frombytes(model, (width, height), color.tobytes())
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None  # it is not done in place
    return np.array(converted)


def _interpolated(transform: ImageCms.ImageCmsTransform, color: Levels) -> Tensor:
    """Convert 16-bit RGB by a table of LittleCMS's answers, with trilinear interpolation."""
    axis = np.linspace(0, 255, _NODES).round().astype(np.uint8)
    nodes = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    answers = _applied(transform, nodes.reshape(-1, _NODES, 3), "RGB")
    table = planes(answers).reshape(1, 3, _NODES, _NODES, _NODES)
    places = planes(color).mul_(2).sub_(1).flip(0).permute(1, 2, 0)  # blue varies fastest
    found = functional.grid_sample(table, places[None, None], align_corners=True)
    return found[0, :, 0].clamp_(0, 1)
