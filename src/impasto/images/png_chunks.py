"""The chunks of a PNG: whether all of them are there, before a decoder makes room for any.

Source: PNG, 3rd edition (W3C), section 5.
"""

import struct
from collections.abc import Iterator
from typing import IO

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def walk(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Give the name and length of every chunk to the last; the file stands at the data of each.

    Raises:
        ValueError: this is no PNG, or it ends before its last chunk does.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise ValueError("no PNG signature")
    at, name = len(SIGNATURE), b""
    while name != b"IEND":
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        at += 12 + length
        if at > size:
            raise ValueError("a chunk that is cut off")
        yield name, length


def check(file: IO[bytes]) -> None:
    """Walk to the end and go back to the start.

    Raises:
        ValueError, struct.error: see `walk`.
    """
    for _ in walk(file):
        pass
    file.seek(0)
