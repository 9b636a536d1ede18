"""The C library's allocator, told to keep large blocks that were freed for the next step.

By default glibc gives large blocks back to the system at once, and every step pays for getting the
same pages again: about 7% of the time at 512 px. Other C libraries are left as they are.
"""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
_LARGE = 2**30


def keep_freed_memory() -> None:
    """Keep freed memory in this process, where the C library is glibc."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
        mallopt(_TRIM_THRESHOLD, _LARGE)
