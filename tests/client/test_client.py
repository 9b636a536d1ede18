"""The client against a server that loses connections, is busy, or is none of ours."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from impasto.client import Client, Refused, Unauthorized, Unreachable
from impasto.errors import InputError, PictureError
from impasto.jobs.errors import Conflict, NotFound, QueueFull, TooLarge
from impasto.jobs.values import Job, JobStatus

REQUEST = {
    "recipe": {},
    "content": "c",
    "styles": ["s"],
    "start": None,
    "protect": None,
    "regions": [],
    "style_masks": [],
    "title": "",
    "parent": None,
    "output": {"depth": 8, "dpi": None},
}


def job(status: str, **fields) -> dict:
    plain = {"started": 1.0, "finished": None, "step": 0, "steps": 4, "losses": {}, "error": ""}
    more = {"seconds_left": None, "warnings": ["w"], "favorite": False, "result": None}
    head = {"id": "j", "status": status, "title": "t", "created": 1.0, "from_the_future": 1}
    return head | plain | more | {"request": REQUEST} | fields


@contextmanager
def answering(*answers):
    """A server that gives its answers one after another, and tells what it was asked."""
    left, asked = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.command, self.path, dict(self.headers), body))
            given = left.pop(0)
            if given is None:
                self.connection.close()
                return
            status, headers, text = given
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_DELETE = do_PATCH = answer

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def plain(status: int, body, **headers):
    return status, {"Content-Type": "application/json", **headers}, json.dumps(body)


def stream(*parts):
    text = "".join(
        f"id: {n}\nevent: step\ndata: {json.dumps({'time': 1.0, 'step': n})}\n\n"
        if isinstance(n, int)
        else f"event: job\ndata: {json.dumps(job(n))}\n\n"
        for n in parts
    )
    return 200, {"Content-Type": "text/event-stream"}, text


@pytest.fixture
def told():
    return []


@pytest.fixture
def client(told):
    """Make a client that sleeps in no time, and remembers for how long it would have."""
    every = []

    def make(url, token="", patience=30.0):
        made = Client(url, token, patience=patience, notice=told.append, sleep=lambda s: None)
        every.append(made)
        return made

    yield make
    for made in every:
        made.close()


def test_a_lost_stream_goes_on_where_it_was(client, told):
    parts = [stream("running", 1, 2), None, stream(3), stream(4, "completed")]
    with answering(*parts) as (url, asked):
        found = list(client(url).events("j"))
    numbers = [item.number for item in found if not isinstance(item, Job)]
    assert numbers == [1, 2, 3, 4]
    assert [item.status for item in found if isinstance(item, Job)] == ["running", "completed"]
    assert [head.get("Last-Event-ID") for _, _, head, _ in asked] == [None, "2", "2", "3"]
    assert len([sentence for sentence in told if "lost" in sentence]) == 1


def test_a_stream_with_nothing_left_ends_with_the_job(client):
    with answering(stream("running", 1), (204, {}, ""), plain(200, job("stopped"))) as (url, _):
        assert client(url).wait("j").status is JobStatus.STOPPED


def test_a_job_is_handed_in_once_though_its_answer_is_lost(client, told):
    with answering(None, plain(503, {"detail": "no"}), plain(201, job("queued"))) as (url, asked):
        made = client(url, "a-token-of-sixteen-letters").submit("c", ["s"], recipe="draft")
    assert made.status is JobStatus.QUEUED
    assert made.warnings == ("w",)
    assert made.request.styles == ("s",)
    keys = {head["Idempotency-Key"] for _, _, head, _ in asked}
    assert len(asked) == 3
    assert len(keys) == 1
    assert all(h["Authorization"] == "Bearer a-token-of-sixteen-letters" for _, _, h, _ in asked)
    assert len(told) == 2


def test_an_upload_is_sent_anew_from_its_start(client, tmp_path):
    path = tmp_path / "a ü.png"
    path.write_bytes(b"x" * 200_000)
    upload = {"id": "u", "name": "a", "kind": "png", "bytes": 1, "width": 1, "height": 1}
    with answering(plain(502, {}), plain(201, upload | {"created": 1.0, "more": 1})) as (
        url,
        asked,
    ):
        assert client(url).upload(path).id == "u"
    assert [body for _, _, _, body in asked] == [path.read_bytes()] * 2
    assert parse_qs(urlsplit(asked[0][1]).query) == {"name": ["a ü.png"]}


def test_a_busy_server_is_asked_again_as_late_as_it_wants(told):
    slept = []
    answers = [plain(429, {"detail": "full"}, **{"Retry-After": "7"}), plain(200, job("queued"))]
    with (
        answering(*answers) as (url, _),
        Client(url, notice=told.append, sleep=slept.append) as client,
    ):
        client.job("j")
    assert any(7 <= seconds <= 8.4 for seconds in slept)
    assert "busy" in told[0]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Unauthorized), (404, NotFound), (409, Conflict), (413, TooLarge), (422, InputError)],
)
def test_refusals_are_the_errors_of_the_jobs(client, status, kind):
    with (
        answering(plain(status, {"detail": "so it is"})) as (url, asked),
        pytest.raises(kind, match="so it is"),
    ):
        client(url).job("j")
    assert len(asked) == 1


def test_it_gives_up_in_the_end(client):
    broken = plain(500, {"detail": "broken"})
    with answering(broken) as (url, _), pytest.raises(Refused, match="500: broken"):
        client(url).job("j")
    with answering((200, {}, "<html>")) as (url, _), pytest.raises(Refused, match="impasto"):
        client(url).job("j")
    with pytest.raises(Unreachable, match="check the address"):
        client(url, patience=0.0).job("j")
    with pytest.raises(Unreachable, match="check the address"):
        list(client(url, patience=0.0).events("j"))
    full = plain(429, {"detail": "full"}, **{"Retry-After": "7"})
    with answering(full) as (url, _), pytest.raises(QueueFull, match="full") as caught:
        client(url, patience=0.0).job("j")
    assert caught.value.retry_after == 7


def test_a_redirect_is_not_followed_with_the_token(client):
    elsewhere = (302, {"Location": "http://192.0.2.1/"}, "")
    with answering(elsewhere) as (url, asked), pytest.raises(Refused, match="302"):
        client(url, "a-token-of-sixteen-letters").job("j")
    assert len(asked) == 1


@pytest.mark.parametrize("server", ["workstation", "ftp://a", "http://", "http://u:p@a"])
def test_an_address_that_is_none_is_refused(server):
    with pytest.raises(InputError, match="expected an address such as"):
        Client(server)


def test_what_cannot_be_read_is_not_sent(client, tmp_path):
    with pytest.raises(PictureError, match="cannot read"):
        client("http://192.0.2.1").upload(tmp_path / "none.png")
    with pytest.raises(InputError, match="copy it again"):
        client("http://192.0.2.1", "tökén")
