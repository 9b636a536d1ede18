"""The size of a WebP from its header: Pillow makes room for the whole canvas before it tells.

Source: RFC 9649, section 2; RFC 6386, section 9.1.
"""

from typing import IO


def size(file: IO[bytes]) -> tuple[int, int]:
    """Read (width, height); the file is at its start again afterwards.

    Raises:
        ValueError: this is not the header of a WebP.
    """
    head = file.read(30)
    file.seek(0)
    if len(head) < 30:
        raise ValueError("too short for a WebP")
    kind = head[12:16]
    if kind == b"VP8X":
        return _number(head[24:27]) + 1, _number(head[27:30]) + 1
    if kind == b"VP8L" and head[20] == 0x2F:
        packed = _number(head[21:25])
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        return _number(head[26:28]) & 0x3FFF, _number(head[28:30]) & 0x3FFF
    raise ValueError("not a WebP that is known")


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
