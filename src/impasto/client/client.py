"""The client: what the service can be asked, with the values that its jobs have."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from impasto.client.connection import Connection, Refused, Unreachable, content, unreachable
from impasto.client.stream import Message, messages
from impasto.errors import PictureError
from impasto.files import replacing
from impasto.jobs.errors import LimitError
from impasto.jobs.values import (
    Action,
    Job,
    JobRequest,
    JobStatus,
    Output,
    Page,
    StoredEvent,
    Upload,
)

HEARD_OF = 45.0
"""Seconds of silence after which a stream counts as lost; it has a heartbeat."""


class Client:
    """Asks one service; whatever the network loses is asked again.

    Args:
        server: its address, such as http://workstation:7860.
        token: what it wants to know; empty for nothing.
        patience: seconds for which a server that does not answer is tried.
        notice: is told, in a sentence, of what goes wrong and is tried again.
        sleep: waits some seconds.

    Raises:
        InputError: the address is none, or the token cannot be sent.

    Every method raises Unreachable where nothing answers for too long, Unauthorized where the token
    is not right, Refused where the server failed, and otherwise the errors of `impasto.jobs`.
    """

    def __init__(
        self,
        server: str,
        token: str = "",
        *,
        patience: float = 60.0,
        notice: Callable[[str], None] = lambda sentence: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = Connection(server, token, patience=patience, notice=notice, sleep=sleep)
        self._notice, self._sleep = notice, sleep

    @property
    def server(self) -> str:
        """The address."""
        return self._connection.server

    def close(self) -> None:
        """Close the connection; jobs go on."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- pictures ----------------------------------------------------------------------------

    def upload(self, picture: str | PathLike[str]) -> Upload:
        """Hand a picture file in; the same file again is the same upload.

        Raises:
            PictureError: the file cannot be read.
        """
        path = Path(picture).expanduser()
        try:
            path.open("rb").close()
        except OSError as error:
            raise PictureError(f"cannot read {picture}: {error.strerror or error}") from error

        def prepare() -> dict[str, Any]:
            headers = {"Content-Length": str(path.stat().st_size)}
            headers["Content-Type"] = "application/octet-stream"
            return {"content": _pieces(path), "params": {"name": path.name}, "headers": headers}

        answer = self._connection.ask("POST", "uploads", prepare)
        return Upload(**_known(Upload, content(answer)))

    # --- jobs --------------------------------------------------------------------------------

    def submit(
        self,
        content: str,
        styles: Sequence[str],
        *,
        recipe: str | Mapping[str, Any] = "default",
        changes: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Job:
        """Hand a job in; it will be done whatever happens to the server.

        Args:
            content: the upload that is painted.
            styles: the uploads whose look it shall have.
            recipe: a name that the server knows, or settings.
            changes: settings by their paths.
            more: start, protect, regions, style_masks, title, parent, output; see the API.
        """
        body = {"content": content, "styles": list(styles), "recipe": recipe}
        body |= {"changes": dict(changes or {}), **more}
        key = secrets.token_hex(16)  # sent twice, it makes one job
        options = {"json": body, "headers": {"Idempotency-Key": key}}
        return _job(self._connection.ask("POST", "jobs", lambda: options))

    def job(self, id: str) -> Job:
        """Return a job as it stands."""
        return _job(self._connection.ask("GET", f"jobs/{id}"))

    def jobs(
        self,
        *,
        search: str = "",
        status: Sequence[JobStatus] = (),
        favorite: bool | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> Page[Job]:
        """List jobs, the newest first; see `Jobs.jobs`."""
        params: dict[str, Any] = {"search": search, "limit": limit, "status": list(status)}
        params |= {"favorite": favorite} if favorite is not None else {}
        params |= {"before": before} if before is not None else {}
        page = content(self._connection.ask("GET", "jobs", lambda: {"params": params}))
        return Page(tuple(map(_job_of, page["items"])), page["before"], page["total"])

    def control(self, id: str, action: Action, **values: Any) -> Job:
        """Pause, resume or stop a job, or change a weight or the strength."""
        body = {"json": {"action": action, **values}}
        return _job(self._connection.ask("POST", f"jobs/{id}/control", lambda: body))

    def cancel(self, id: str) -> Job:
        """End a job without a picture."""
        return _job(self._connection.ask("POST", f"jobs/{id}/cancel"))

    def change(self, id: str, **changes: Any) -> Job:
        """Give a job another title, or make it a favorite."""
        return _job(self._connection.ask("PATCH", f"jobs/{id}", lambda: {"json": changes}))

    def delete(self, id: str) -> None:
        """Remove a job that has ended, with everything it made."""
        self._connection.ask("DELETE", f"jobs/{id}")

    def events(self, id: str, after: int = 0) -> Iterator[StoredEvent | Job]:
        """Follow a job to its end: what the engine says, and how the job stands as that changes.

        A stream that is lost is taken up again where it was; the last value is the job, ended.
        """
        pauses, lost_at = self._connection.pauses(), None
        while True:
            try:
                for item in self._stream(id, after):
                    pauses, lost_at = self._connection.pauses(), None
                    after = item.number if isinstance(item, StoredEvent) else after
                    yield item
                    if isinstance(item, Job) and item.status.ended:
                        return
            except (httpx.TransportError, Refused, LimitError) as error:
                if lost_at is None:
                    self._notice(f"the connection to {self.server} is lost; trying again")
                    lost_at = time.monotonic()
                if time.monotonic() - lost_at > self._connection.patience:
                    raise Unreachable(unreachable(self.server, error)) from error
            self._sleep(next(pauses))

    def wait(self, id: str) -> Job:
        """Wait until a job has ended."""
        for item in self.events(id):
            if isinstance(item, Job) and item.status.ended:
                return item
        raise AssertionError("the last event is a job that has ended")

    # --- what a job makes --------------------------------------------------------------------

    def save_result(self, id: str, path: str | PathLike[str], format: str = "png") -> None:
        """Save the picture, or its run as an animation, whole or not at all.

        Args:
            id: the job.
            path: where to.
            format: png, jpeg, webp, avif, tiff8 or tiff16; gif, animated-webp or mp4; report.
        """
        self._save(f"jobs/{id}/result", path, {"params": {"format": format}})

    def save_trace(self, id: str, path: str | PathLike[str]) -> None:
        """Save every loss at every step as JSON."""
        self._save(f"jobs/{id}/trace", path, {})

    def preview(self, id: str) -> bytes:
        """Return a small JPEG of the newest state."""
        return self._connection.ask("GET", f"jobs/{id}/preview").content

    def recipe(self, name: str) -> Mapping[str, Any]:
        """Return every setting of a recipe that the server knows."""
        answer = self._connection.ask("GET", f"recipes/{quote(name, safe='')}")
        found: Mapping[str, Any] = content(answer)["recipe"]
        return found

    def _save(self, address: str, path: str | PathLike[str], options: dict[str, Any]) -> None:
        with replacing(path) as part:
            part.write_bytes(self._connection.ask("GET", address, lambda: options).content)

    def _stream(self, id: str, after: int) -> Iterator[StoredEvent | Job]:
        headers = {"Accept": "text/event-stream"}
        if after:
            headers["Last-Event-ID"] = str(after)
        options = {"headers": headers, "timeout": httpx.Timeout(30.0, read=HEARD_OF)}
        with self._connection.stream(f"jobs/{id}/events", **options) as answer:
            if answer.status_code == 204:  # it has ended, and every event was seen
                yield self.job(id)
            yield from map(_item, messages(answer.iter_lines()))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(2**16):
            yield piece


def _item(message: Message) -> StoredEvent | Job:
    if message.number is None:
        return _job_of(message.data)
    values = dict(message.data)
    when = values.pop("time")
    return StoredEvent(message.number, message.kind, values, when)


def _job(answer: httpx.Response) -> Job:
    return _job_of(content(answer))


def _job_of(values: Mapping[str, Any]) -> Job:
    known = _known(Job, values)
    request = _known(JobRequest, values["request"])
    request |= {name: tuple(request[name]) for name in ("styles", "regions", "style_masks")}
    request["output"] = Output(**_known(Output, request["output"]))
    result = values["result"]
    known |= {"request": JobRequest(**request), "status": JobStatus(values["status"])}
    known |= {"warnings": tuple(values["warnings"]), "result": result and tuple(result)}
    return Job(**known)


def _known(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a newer server says beyond."""
    names = {item.name for item in fields(kind)}
    return {name: value for name, value in values.items() if name in names}
