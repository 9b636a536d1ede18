"""`impasto stylize --server URL`: the same picture, made on another machine."""

import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from impasto.cli import checks, exits
from impasto.cli.exits import Failure, Interrupted
from impasto.cli.extras import needing
from impasto.cli.interrupts import Interrupts
from impasto.cli.job import Job
from impasto.cli.listeners import Listener, Outcome, Plan
from impasto.cli.perform import listener_for
from impasto.cli.remote_events import event_of
from impasto.errors import ImpastoError, InputError
from impasto.events import Prepared, Status
from impasto.jobs import values as jobs
from impasto.timeline import Timeline, TimelineEntry

with needing("client", "httpx"):
    from impasto.client import Client, Refused, Unreachable


def perform_at(server: str, token: str, job: Job) -> int:
    """Make the picture at a server and save it here; return the exit code.

    Raises:
        InputError: something given cannot be used, or not at a server.
        Failure: the server cannot be reached, or could not make the picture.
        Interrupted: by the user or the system, before there was anything to save.
    """
    began = time.monotonic()
    check(job)
    try:
        with Interrupts() as interrupts, Client(server, token, notice=exits.say) as client:
            errand = Errand(client, job, began)
            errand.hand_in()
            with listener_for(job, interrupts) as listener:
                ended = errand.follow(listener, interrupts)
            return _told(errand, ended, listener, interrupts)
    except (Unreachable, Refused) as error:
        raise Failure(str(error)) from error


def check(job: Job) -> None:
    """Raise InputError for what can be found wrong here, and for what no server does."""
    refused = {
        "--weights": job.weights,
        "--device": job.device != "auto",
        "--threads": job.threads,
        "--offline": job.offline,
        "--time-limit": job.time_limit,
        "--pixel-limit": job.pixel_limit,
        "--memory": job.memory,
        "--detail": job.detail,
        "--pyramid": job.encoding.pyramid,
        "--save-every": job.save_every,
        "--animate": job.animation,
        "--checkpoint": job.checkpoint,
        "--replay": job.replay,
        "--save-guides": job.guides.sheet,
    }
    if names := [name for name, given in refused.items() if given]:
        raise InputError(
            f"{' and '.join(names)} cannot be had with --server, which decides that itself: leave "
            "it out, or work here without --server"
        )
    if job.trace is not None and job.trace.suffix != ".json":
        raise InputError(f"a trace from a server is JSON: name it .json, not '{job.trace.name}'")
    inputs = _inputs(job)
    checks.check_inputs(inputs, None)
    checks.check_recipe(job.recipe, len(job.styles), None)
    job.encoding.check(job.output)
    checks.check_outputs(job.output, job.trace, (), [*inputs, *job.sources])


@dataclass
class Errand:
    """One job at a server, as seen from here."""

    client: Client
    job: Job
    began: float
    id: str = ""
    reason: str = ""
    """Why the run ended early."""
    timeline: Timeline = ()

    def hand_in(self) -> None:
        """Upload the pictures and hand the job in."""
        job, files = self.job, dict.fromkeys(_inputs(self.job), "")
        for path in files:
            files[path] = self.client.upload(path).id
        more: dict[str, Any] = {
            "regions": [files[path] for path in job.guides.regions],
            "style_masks": [files[path] for path in job.guides.style_masks],
            "output": {"depth": job.encoding.depth, "dpi": job.encoding.dpi},
        }
        single = {"start": job.start, "protect": job.guides.protect}
        more |= {name: files[path] for name, path in single.items() if path is not None}
        styles = [files[path] for path in job.styles]
        recipe = job.recipe.to_dict()
        self.id = self.client.submit(files[job.content], styles, recipe=recipe, **more).id
        if job.voice == "display":
            exits.say(f"handed in as job {self.id} at {self.client.server}")

    def follow(self, listener: Listener, interrupts: Interrupts) -> jobs.Job:
        """Tell the listener what happens at the server, to the end."""
        interrupts.stops(self)
        place = urlsplit(self.client.server).hostname or ""
        try:
            for item in self.client.events(self.id):
                if isinstance(item, jobs.Job):
                    if item.status.ended:
                        return item
                    continue
                event = event_of(item, place)
                if isinstance(event, Prepared):
                    listener.planned(Plan(event, None, 1))
                if item.event == "finished":
                    self._finished(item.values)
                if event is not None:
                    listener.event(event)
        except (Unreachable, Refused) as error:
            raise Failure(f"{error}; job {self.id} is there and goes on when it can") from error
        raise Failure(f"the server lost sight of job {self.id}")

    def stop(self, reason: str) -> None:
        """Ask the server to stop and keep, or to cancel what has not begun; called by a signal."""
        threading.Thread(target=self._stop, daemon=True).start()

    def save(self) -> None:
        """Save the picture here, in the format that its name asks for."""
        job = self.job
        try:
            if job.output.suffix.lower() == ".png":
                self.client.save_result(self.id, job.output)
            else:
                self._save_encoded()
            if job.trace is not None:
                self.client.save_trace(self.id, job.trace)
        except (ImpastoError, OSError) as error:
            raise Failure(f"{error}; the picture is safe at the server, job {self.id}") from error

    def outcome(self, ended: jobs.Job, status: Status) -> Outcome:
        """Word what came of it."""
        width, height = ended.result or (0, 0)
        return Outcome(
            status=status,
            reason=self.reason,
            output=self.job.output,
            width=width,
            height=height,
            steps=ended.step,
            planned=self.job.recipe.schedule.steps,
            seconds=round(time.monotonic() - self.began, 3),
            recipe=self.job.recipe.name,
            trace=self.job.trace,
            timeline=self.timeline,
        )

    def _stop(self) -> None:
        from impasto.jobs.errors import Conflict

        with suppress(ImpastoError):
            try:
                self.client.control(self.id, "stop")
            except Conflict:
                self.client.cancel(self.id)

    def _finished(self, values: Any) -> None:
        self.reason = values["reason"]
        self.timeline = tuple(TimelineEntry.from_dict(entry) for entry in values["timeline"])

    def _save_encoded(self) -> None:
        from impasto.images.codec import decode, encode

        with tempfile.TemporaryDirectory(prefix="impasto-") as folder:
            whole = Path(folder) / "result.png"
            self.client.save_result(self.id, whole)
            encode(decode(whole), self.job.output, **asdict(self.job.encoding))


def _inputs(job: Job) -> list[Path]:
    start = [] if job.start is None else [job.start]
    return [job.content, *job.styles, *start, *job.guides.inputs]


def _told(errand: Errand, ended: jobs.Job, listener: Listener, interrupts: Interrupts) -> int:
    """Save what there is, and tell how it ended."""
    if ended.result is None:
        if interrupts.received is not None:
            reason = "interrupted: nothing to save; the job was cancelled"
            raise Interrupted(interrupts.received, reason)
        raise Failure(ended.error or f"job {errand.id} was {ended.status} at the server")
    errand.save()
    endings = {
        jobs.JobStatus.COMPLETED: Status.COMPLETED,
        jobs.JobStatus.STOPPED: Status.STOPPED,
    }
    status = endings.get(ended.status, Status.DIVERGED)
    listener.finished(errand.outcome(ended, status))
    if status is Status.DIVERGED:
        exits.say(f"error: {ended.error}; the last good image is in {errand.job.output}")
        return exits.FAILED
    return interrupts.exit_code if status is Status.STOPPED else exits.FINE
