"""Forks workers and servers that kill themselves, or can be killed, at once: all is loaded here.

Each line of the input is one process; its id is answered.
"""

import json
import os
import signal
import sys
from pathlib import Path

import torch

from impasto.checkpoints import states
from impasto.events import Step
from impasto.jobs import admission, incoming, keeping, performing, rounds, worker
from impasto.jobs.jobs import Jobs
from impasto.jobs.values import JobRequest


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_at_step(step):
    see = keeping.Keeping.see

    def dies(self, event, *rest):
        if isinstance(event, Step) and event.step == step:
            die()
        see(self, event, *rest)

    keeping.Keeping.see = dies


def dying_in_a_checkpoint(number):
    write, count = states.write, 0

    def dies(state, path):
        nonlocal count
        count += 1
        if count == number:
            path.with_suffix(".safetensors").write_bytes(b"half")
            die()
        write(state, path)

    states.write = dies


def dying(owner, name, when):
    """Die before or after a function is called."""
    function = getattr(owner, name)

    def dies(*args, **options):
        if when == "after":
            function(*args, **options)
        die()

    setattr(owner, name, dies)


POINTS = {
    "taken": lambda: dying(rounds.Round, "take", "after"),
    "step": lambda: dying_at_step(13),
    "checkpoint": lambda: dying_in_a_checkpoint(2),
    "encoding": lambda: dying(keeping, "encode", "before"),
    "saved": lambda: dying(rounds.Round, "end", "before"),
    "ended": lambda: dying(rounds.Round, "end", "after"),
    "begun": lambda: dying(performing, "stylize_events", "before"),
    "resumed": lambda: dying(performing, "resume_events", "before"),
    "recorded": lambda: dying(admission.records, "add", "after"),
    "received": lambda: dying(incoming.Incoming, "_receive", "after"),
    "": lambda: None,
}


def run_worker(home, database="", name="worker-1", point="", every=5, dead_after=60.0):
    POINTS[point]()
    torch.set_num_threads(1)
    worker.run_worker(
        home, database, executor_id=name, checkpoint_every=every, dead_after=dead_after
    )


def serve(home, request, database="", point="", count=1):
    """Accept jobs, tell each as it is accepted, and go on until killed."""
    POINTS[point]()
    jobs = Jobs(home, database)
    with Path(home, "accepted").open("a") as accepted:
        for _ in range(count):
            id = jobs.submit(JobRequest.from_dict(request)).id
            print(id, file=accepted, flush=True)
    signal.pause()


def upload(home, path, point):
    POINTS[point]()
    with Path(path).open("rb") as file:
        Jobs(home).upload(file, "photo.png")


WHAT = {"worker": run_worker, "serve": serve, "upload": upload}


def main():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        options = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 0)
            os.dup2(null, 1)
            try:
                WHAT[options.pop("what")](**options)
            finally:
                os._exit(0)
        print(child, flush=True)


main()
