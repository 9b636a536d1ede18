"""Limits: how much of everything a service takes in."""

from dataclasses import dataclass, fields

from impasto.errors import InputError

MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much of everything is taken in; each a whole number above zero."""

    upload_bytes: int = 64 * MIB
    pixels: int = 50_000_000
    """Of an upload; decoding takes about 30 bytes for each."""
    decode_bytes: int = 4096 * MIB
    """Memory of the process that decodes an upload."""
    decode_seconds: int = 60
    result_pixels: int = 50_000_000
    """Of the result."""
    steps: int = 5_000
    queue: int = 200
    """Jobs that have not ended."""
    jobs_per_client: int = 50
    disk_bytes: int = 20 * 1024 * MIB
    """Uploads and results together; the oldest finished ones make room for new ones."""

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if type(value) is not int or value < 1:
                raise InputError(f"{item.name} must be a whole number above zero, got {value!r}")
