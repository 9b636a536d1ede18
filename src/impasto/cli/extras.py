"""Parts that are installed only if asked for."""

from collections.abc import Iterator
from contextlib import contextmanager

from impasto.errors import InputError


@contextmanager
def needing(extra: str, *modules: str) -> Iterator[None]:
    """Word the error where one of an extra's modules is not installed.

    Args:
        extra: its name, as in impasto[NAME].
        modules: what it brings along.

    Raises:
        InputError: one of them is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in modules:
            raise
        raise InputError(
            f"this needs {error.name}, which is not installed: pip install 'impasto[{extra}]'"
        ) from error
