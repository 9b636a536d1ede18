"""Decoders in C print what they make of a damaged file; our one line says it better."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from impasto.cli.exits import DEBUG

_STDERR = 2


@contextmanager
def silenced() -> Iterator[None]:
    """Drop what native code prints to stderr, unless the environment asks to debug.

    All of the process is silent meanwhile, so it is for the command alone, and for short work.
    """
    if os.environ.get(DEBUG):
        yield
        return
    try:
        kept = os.dup(_STDERR)
    except OSError:  # there is no stderr
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _STDERR)
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)
        os.close(nowhere)
