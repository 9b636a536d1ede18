"""The C library's allocator, told what to do with large blocks that were freed. glibc alone.

By default glibc gives large blocks back to the system at once, and every step pays for getting the
same pages again. Kept, they are there for the next step, but the gaps between them add up: the
process takes two to three times what it holds. Compact, every large block is the system's own: the
process takes hardly more than it holds, and a step of a small network almost twice the time.
"""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
_LARGE = 2**30
_SMALL = 2**20
_NEVER = -1
"""As a threshold of trimming: the end of the heap is kept however much of it is free."""


def keep_freed_memory() -> None:
    """Keep freed memory in this process, where the C library is glibc."""
    _set(_LARGE, _NEVER)


def give_freed_memory_back() -> bool:
    """Give freed blocks of a megabyte and more to the system; tell whether that can be done."""
    return _set(_SMALL, _SMALL)


def _set(mmap: int, trim: int) -> bool:
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(_MMAP_THRESHOLD, mmap)) and bool(mallopt(_TRIM_THRESHOLD, trim))
