"""Where large tensors lie: in memory, or in files that are mapped into it.

A mapped tensor is used like any other. Its pages belong to a file, so that the system writes them
out and drops them when memory is short, without swap: they count as file pages (`RssFile`), never
as anonymous memory (`RssAnon`).

The files have no name: they vanish with the tensor, or with the process, however it ends.
"""

import math
import mmap
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from impasto.errors import InputError

SCRATCH = "IMPASTO_SCRATCH"
"""The environment's variable that names the folder for mapped tensors."""

_IN_MEMORY = ("tmpfs", "ramfs")  # file systems whose files take memory themselves


class Storage:
    """Makes tensors, all in memory or all in files.

    Args:
        folder: where the files lie; None keeps tensors in memory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    @property
    def mapped(self) -> bool:
        """Whether tensors lie in files."""
        return self.folder is not None

    def empty(
        self,
        shape: Sequence[int],
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> Tensor:
        """Make a contiguous tensor with any values in memory, and zeros in files.

        In files it is on the CPU, whatever the device.

        Raises:
            InputError: the folder cannot hold the file.
        """
        if self.folder is None:
            return torch.empty(tuple(shape), dtype=dtype, device=device)
        count = math.prod(shape)
        pages = _pages(self.folder, max(1, count) * dtype.itemsize)
        return torch.frombuffer(pages, dtype=dtype, count=max(1, count))[:count].view(tuple(shape))

    def zeros(
        self,
        shape: Sequence[int],
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> Tensor:
        """Make a contiguous tensor of zeros; in files, it is on the CPU whatever the device.

        Raises:
            InputError: the folder cannot hold the file.
        """
        if self.mapped:
            return self.empty(shape, dtype)
        return torch.zeros(tuple(shape), dtype=dtype, device=device)

    def like(self, tensor: Tensor) -> Tensor:
        """Make room for a tensor of the same shape and type.

        In memory it has the same layout and device too; in files it is contiguous, on the CPU.

        Raises:
            InputError: the folder cannot hold the file.
        """
        return self.empty(tensor.shape, tensor.dtype) if self.mapped else torch.empty_like(tensor)

    def copy(self, tensor: Tensor) -> Tensor:
        """Make a copy, as `like` lays it out.

        Raises:
            InputError: the folder cannot hold the file.
        """
        return self.like(tensor).copy_(tensor)


MEMORY = Storage()
"""Tensors in memory."""


def mapped_storage(scratch: str | os.PathLike[str] | None = None) -> Storage:
    """Make a storage in files.

    Args:
        scratch: the folder; None takes the environment's `IMPASTO_SCRATCH`, or else the system's
            folder for temporary files (`/var/tmp`, if that one's files lie in memory).

    Raises:
        InputError: there is no such folder, or its files would lie in memory.
    """
    given = scratch if scratch is not None else os.environ.get(SCRATCH) or None
    folder = Path(given).expanduser() if given is not None else _temporary()
    if not folder.is_dir():
        raise InputError(f"no folder {folder} for temporary data; give another with --scratch DIR")
    if _file_system(folder) in _IN_MEMORY:
        raise InputError(
            f"files in {folder} lie in memory ({_file_system(folder)}), where mapping saves none; "
            "give a folder on a disk with --scratch DIR"
        )
    return Storage(folder)


def _temporary() -> Path:
    usual, durable = Path(tempfile.gettempdir()), Path("/var/tmp")
    return durable if _file_system(usual) in _IN_MEMORY and durable.is_dir() else usual


def _file_system(folder: Path) -> str:
    """Return the kind of file system that a folder lies on; empty where the system does not say."""
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    place, found = folder.resolve(), {}
    for fields in map(str.split, lines):
        mount = Path(fields[1].replace("\\040", " "))
        if mount == place or mount in place.parents:
            found[len(mount.parts)] = fields[2]  # the deepest counts, of equal ones the last
    return found[max(found)] if found else ""


def _pages(folder: Path, size: int) -> mmap.mmap:
    """Map a new file of zeros that has no name."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise _full(folder, size, free)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            _reserve(file.fileno(), size)
            return mmap.mmap(file.fileno(), size)  # shared with the file; keeps it open
    except OSError as error:
        raise _full(folder, size, free, error.strerror) from error


def _reserve(descriptor: int, size: int) -> None:
    """Take the space now: a disk that fills up later would kill the process at some write."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.truncate(descriptor, size)


def _full(folder: Path, size: int, free: int, why: str | None = None) -> InputError:
    reason = f" ({why})" if why else ""
    return InputError(
        f"temporary data needs {size / 1e9:.2f} GB in {folder}, where {free / 1e9:.2f} GB are "
        f"free{reason}; make room, or give another folder with --scratch DIR"
    )
