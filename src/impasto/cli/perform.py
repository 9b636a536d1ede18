"""Perform a job: check it, do it with somebody listening, and tell how it ended."""

import os
import time
from typing import TYPE_CHECKING

from impasto.cli import exits
from impasto.cli.interrupts import Interrupts
from impasto.cli.job import Job
from impasto.cli.listeners import Listener, Silent
from impasto.events import Status

if TYPE_CHECKING:
    from impasto.sharing import Sharing


RANKS = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""What the environment tells a process that torchrun has started among others."""


def perform(job: Job) -> int:
    """Make the picture and save it; return the exit code.

    A process that is one of several of torchrun's shares the job with them.

    Raises:
        InputError: something given cannot be used.
        Failure: the picture could not be saved where it was asked for.
        Interrupted: by the user or the system, before there was anything to save.
    """
    if all(os.environ.get(name) for name in RANKS):
        from impasto.cli.ranked import performed  # loads torch

        return performed(job, _perform)
    return _perform(job)


def _perform(job: Job, sharing: "Sharing | None" = None) -> int:
    began = time.monotonic()
    job.check()
    if sharing is not None:
        sharing.ranks.barrier()  # all have checked before anything is written
    with Interrupts() as interrupts, listener_for(job, interrupts) as listener:
        from impasto.cli.work import work  # loads torch

        outcome = work(job, listener, interrupts, began, sharing)
    listener.finished(outcome)
    if outcome.status is Status.DIVERGED:
        exits.say(exits.divergence(outcome.reason, str(outcome.output), job.recipe))
        return exits.FAILED
    return interrupts.exit_code if outcome.status is Status.STOPPED else exits.FINE


def listener_for(job: Job, interrupts: Interrupts) -> Listener:
    """Choose who listens; Rich is loaded only if it is needed."""
    if job.voice == "quiet":
        return Silent()
    if job.voice == "json":
        from impasto.cli.json_lines import JsonLines

        return JsonLines()
    from impasto.cli import display

    title = " + ".join(path.name for path in (job.content, *job.styles))
    return display.listener(title, job.recipe.name, lambda: interrupts.received is not None)
