"""Frames as a film: H.264 in MP4, by PyAV."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np

from impasto.errors import InputError
from impasto.images.samples import Levels

RATE = 30
"""Frames per second."""
QUALITY = 18
"""Constant rate factor of x264: 0 is lossless, 23 its default; strokes need a little more."""
_BT709 = 1
"""The number of ITU-R BT.709 in ITU-T H.273, which H.264 refers to; there, also limited range."""


def write_film(frames: Iterable[tuple[Levels, int]], path: Path, *, rate: int = RATE) -> None:
    """Write frames, each repeated for as long as it is shown.

    Odd sides get one more row or column, a copy of the last: 4:2:0 halves the colors.

    Args:
        frames: (height, width, 3), uint8 sRGB, all of one size, each with its milliseconds.
        path: of the file, written over.
        rate: frames per second.

    Raises:
        InputError: rate is below 1.
        OSError, ValueError: it cannot be written.
    """
    import av  # of the extra `video`: files.animation_format says so where it is missing

    if rate < 1:
        raise InputError(f"expected a rate of at least 1 frame per second, got {rate}")
    try:
        _encode(frames, path, rate)
    except av.FFmpegError as error:  # some are no OSError
        raise OSError(str(error)) from error


def _encode(frames: Iterable[tuple[Levels, int]], path: Path, rate: int) -> None:
    import av

    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": str(QUALITY)})
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _BT709
        time = 0
        for levels, milliseconds in frames:
            even = _even(levels)
            if time == 0:
                stream.height, stream.width = even.shape[:2]
            frame = av.VideoFrame.from_ndarray(even, format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
            for _ in range(max(1, round(milliseconds * rate / 1000))):
                frame.pts, frame.time_base = time, Fraction(1, rate)
                container.mux(stream.encode(frame))
                time += 1
        container.mux(stream.encode(None))


def _even(levels: Levels) -> Levels:
    height, width = levels.shape[:2]
    return np.pad(levels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
