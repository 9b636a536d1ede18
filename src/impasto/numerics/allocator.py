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


def hand_back() -> None:
    """Give the system what lies free in the heap, once: where sizes change, it will not be used."""
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)


def _set(mmap: int, trim: int) -> bool:
    libc = _libc()
    if libc is None:
        return False
    mallopt = libc.mallopt
    return bool(mallopt(_MMAP_THRESHOLD, mmap)) and bool(mallopt(_TRIM_THRESHOLD, trim))


def _libc() -> ctypes.CDLL | None:
    """Return the C library if it is glibc, the only one to have both functions."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
