"""For every test of weights: an empty cache, and a server on this machine that can misbehave."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Server:
    """Serves files by path; what it shall do wrong can be changed between requests."""

    files: dict[str, bytes] = field(default_factory=dict)
    etag: str = '"one"'
    ranges: bool = True
    cut_after: int | None = None
    """Bytes of a body after which the connection is closed, once for each number in `cuts`."""
    cuts: int = 0
    status: int | None = None
    redirect: str | None = None
    pause: float = 0.0
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    port: int = 0

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def asked(self, header: str) -> list[str | None]:
        """The value of a header in each request."""
        return [headers.get(header) for _, headers in self.requests]


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self.close_connection = True
            server.requests.append((self.path, dict(self.headers)))
            answer(server, self)

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def answer(server: Server, request: BaseHTTPRequestHandler) -> None:
    content = server.files.get(request.path.rpartition("/")[2])
    if server.redirect and request.path != "/moved/" + server.redirect.rpartition("/")[2]:
        return head(server, request, 302, {"Location": server.redirect, "Content-Length": "0"})
    if server.status or content is None:
        return head(server, request, server.status or 404, {"Content-Length": "0"})
    start = wanted_start(server, request)
    if start >= len(content):
        return head(server, request, 416, {"Content-Length": "0"})
    facts = {"ETag": server.etag, "Content-Length": str(len(content) - start)}
    if start:
        facts["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
    head(server, request, 206 if start else 200, facts)
    return body(server, request, content[start:])


def wanted_start(server: Server, request: BaseHTTPRequestHandler) -> int:
    span, condition = request.headers.get("Range"), request.headers.get("If-Range")
    if not server.ranges or span is None or condition not in (None, server.etag):
        return 0
    return int(span.removeprefix("bytes=").rstrip("-"))


def head(server: Server, request: BaseHTTPRequestHandler, status: int, facts: dict) -> None:
    server.statuses.append(status)
    request.send_response(status)
    for name, value in facts.items():
        request.send_header(name, value)
    request.end_headers()


def body(server: Server, request: BaseHTTPRequestHandler, content: bytes) -> None:
    if server.cuts > 0 and server.cut_after is not None:
        server.cuts -= 1
        content = content[: server.cut_after]
    time.sleep(server.pause)
    try:
        request.wfile.write(content)
        request.wfile.flush()
    except OSError:
        pass  # whoever asked has gone


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    """The folder of an empty cache; no setting from outside."""
    for name in ("OFFLINE", "MIRRORS", "TIMEOUT"):
        monkeypatch.delenv(f"IMPASTO_{name}", raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "weights"


@pytest.fixture
def server():
    with serving() as found:
        yield found


@pytest.fixture
def mirror():
    """A second server."""
    with serving() as found:
        yield found
