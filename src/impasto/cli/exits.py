"""Exit codes, and the one line that an error becomes.

    0    fine, also when a time limit ended the run early
    1    our failure, or a run that diverged or could not be finished
    2    usage or bad input: the caller can fix it
    130  interrupted (Ctrl-C)
    143  terminated (SIGTERM)

With IMPASTO_DEBUG=1 in the environment, every error shows its traceback as well.
"""

import os
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer

from impasto.errors import InputError, MemoryShortage, RankError, is_out_of_memory
from impasto.recipe import Recipe

FINE, FAILED, BAD_INPUT, SIGNALED = 0, 1, 2, 128
DEBUG = "IMPASTO_DEBUG"

P = ParamSpec("P")


class Failure(Exception):
    """A run that could not be finished, worded for the user: exit code 1."""


class Interrupted(KeyboardInterrupt):
    """The user or the system asks to end now."""

    def __init__(self, signum: int, what_is_left: str) -> None:
        super().__init__(what_is_left)
        self.code = SIGNALED + signum


def reporting_errors(command: Callable[P, int | None]) -> Callable[P, None]:
    """Make a command end with its exit code, and its errors with one line on stderr."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs) or FINE
        except typer.Exit:
            raise
        except (Exception, KeyboardInterrupt) as error:
            code = report(error)
        if code:
            raise typer.Exit(code)

    return wrapped


def report(error: BaseException) -> int:
    """Say what went wrong on stderr; return the exit code."""
    if isinstance(error, BrokenPipeError):
        _drop_stdout()  # whoever read our output has gone: nobody to tell
        return FAILED
    code, message = verdict(error)
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    say(message)
    return code


def say(message: str) -> None:
    """Print a message of the program to stderr, on one line."""
    print("impasto:", " ".join(message.split()), file=sys.stderr, flush=True)


def verdict(error: BaseException) -> tuple[int, str]:
    """Return an error's exit code, and its line."""
    if isinstance(error, Interrupted):
        return error.code, str(error)
    if isinstance(error, KeyboardInterrupt):
        return SIGNALED + 2, "interrupted: nothing to save"
    if isinstance(error, InputError):
        return BAD_INPUT, f"error: {error}"
    if isinstance(error, Failure):
        return FAILED, f"error: {error}"
    if isinstance(error, RankError):
        return BAD_INPUT if error.bad_input else FAILED, f"error: {error}"
    if isinstance(error, MemoryShortage):
        return FAILED, f"error: {error}"
    if is_out_of_memory(error):
        return (
            FAILED,
            "error: not enough memory for this size: try a smaller --size, or --memory 2GB",
        )
    if isinstance(error, OSError):
        where = f" {error.filename}:" if error.filename else ""
        return FAILED, f"error:{where} {error.strerror or error}"
    hint = f"set {DEBUG}=1 and run again for the traceback; `impasto info` helps a bug report"
    return FAILED, f"internal error: {type(error).__name__}: {error}; {hint}"


def divergence(reason: str, output: str, recipe: Recipe) -> str:
    """Word the error for a run that diverged."""
    rate = recipe.optimizer.chosen.learning_rate
    return (
        f"error: the run diverged: {reason}; the last good image is in {output}; "
        f"try --set optimizer.{recipe.optimizer.name}.learning_rate={rate / 4:g}"
    )


def _drop_stdout() -> None:
    """Let the interpreter flush what is left to nowhere instead of complaining at its end."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
