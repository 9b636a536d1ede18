"""A job that several processes share, started by torchrun: rank 0 shows and writes, others follow.

This module loads torch; import it where the environment tells of ranks.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import typer

from impasto.checkpoints import folder as folders
from impasto.cli import exits
from impasto.cli.interrupts import Interrupts
from impasto.cli.job import Job
from impasto.engine.control import Control
from impasto.engine.ranks.group import Group, own_device
from impasto.errors import RankError
from impasto.events import Finished, StageStarted, Status
from impasto.sharing import Sharing


def performed(job: Job, lead: Callable[[Job, Sharing], int]) -> int:
    """Share a job with the other processes; return the exit code.

    Args:
        job: the same in all processes.
        lead: performs it as rank 0, which gets the result.

    Raises:
        RankError: another process has gone, or failed.
        Exit: with an error that another process has told the user of.
    """
    device = own_device(job.device, os.environ)
    group = Group.of(os.environ, device)
    sharing = Sharing(group.ranks, _shows(job), lambda name: own_device(name, os.environ))
    job = replace(job, device=device)
    try:
        code = lead(job, sharing) if sharing.leads else _follow(job, sharing)
        group.ranks.barrier()
    except (Exception, KeyboardInterrupt) as error:
        raise _worded(error, job, group) from error
    group.close()
    return code


def _follow(job: Job, sharing: Sharing) -> int:
    """Do the work of a rank that shows and writes nothing."""
    from impasto.cli.work import events, prepare_process

    job.check()
    sharing.ranks.barrier()  # rank 0 writes from now on
    prepare_process(job)
    control = Control()
    with Interrupts() as interrupts:
        for item in events(job, control, sharing):
            if isinstance(item, StageStarted):
                interrupts.stops(control)
            if isinstance(item, Finished):
                return _code(item.status, interrupts)
    return exits.FAILED


def _code(status: Status, interrupts: Interrupts) -> int:
    if status is Status.DIVERGED:
        return exits.FAILED
    return interrupts.exit_code if status is Status.STOPPED else exits.FINE


def _shows(job: Job) -> Callable[[int], bool]:
    """Tell of which steps there are to be pictures."""
    if job.animation is not None:
        return lambda step: True
    return job.is_frame


def _worded(error: BaseException, job: Job, group: Group) -> BaseException:
    """Return the error to raise: one process alone tells the user."""
    if isinstance(error, RankError) and not error.bad_input:
        error = RankError(f"{error}; {_what_is_left(job.checkpoint)}")
    code, message = exits.verdict(error)
    group.note_failure(error, message.removeprefix("error: "))
    if os.environ.get(exits.DEBUG) or group.may_speak():
        return error
    return typer.Exit(code)


def _what_is_left(checkpoint: Path | None) -> str:
    if checkpoint is None:
        return "without --checkpoint there is nothing to resume"
    step = folders.last_step(checkpoint.expanduser())
    if step is None:
        return f"there was no checkpoint in {checkpoint} yet"
    return (
        f"the checkpoint of step {step} is in {checkpoint}: go on with `impasto resume "
        f"{checkpoint}`, with any number of processes"
    )
