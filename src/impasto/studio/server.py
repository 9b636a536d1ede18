"""The server process: its socket, its end, and the workers beside it."""

import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import uvicorn
from fastapi import FastAPI

from impasto.errors import InputError
from impasto.studio.access import is_loopback
from impasto.studio.service import Service

NEXT = 20
"""Ports that are tried after the usual one."""
PATIENCE = 5
"""Seconds that requests under way have as the server ends."""
_TAKEN = (errno.EADDRINUSE,)


@dataclass(frozen=True)
class Place:
    """Where to listen."""

    host: str = "127.0.0.1"
    port: int = 7860
    exactly: bool = False
    """Whether no other port will do."""

    def check(self, token: str, *, insecure: bool) -> None:
        """Check that nobody else gets in by accident.

        Raises:
            InputError: other machines could use the service, and no token is needed.
        """
        if not (is_loopback(self.host) or token or insecure):
            raise InputError(
                f"whoever can reach {self.host} could use the service: give a token of 16 or more "
                "letters in IMPASTO_TOKEN or with --token-file (make one with: openssl rand -hex "
                "24), or --insecure if the network is yours alone"
            )

    def listen(self) -> socket.socket:
        """Open the socket, on the next free port if another will do.

        Raises:
            InputError: the address is not this machine's, or no port is free.
        """
        last = self.port if self.exactly or not self.port else self.port + NEXT
        for port in range(self.port, last + 1):
            try:
                return _bound(self.host, port)
            except OSError as error:
                failure = error
                if error.errno not in _TAKEN:
                    break
        reason = (failure.strerror or str(failure)).lower()
        raise InputError(
            f"cannot listen at {self.host} port {self.port}: {reason}; choose another --port, "
            "or --port 0 for any that is free"
        ) from failure


def address(host: str, listening: socket.socket) -> str:
    """Return the address that a browser on this machine can open."""
    port = listening.getsockname()[1]
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    name = everywhere.get(host, host)
    return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"


def server_for(
    app: FastAPI, *, proxy: str = "", ready: Callable[[], None] | None = None
) -> "Server":
    """Make what serves an application until SIGINT or SIGTERM; call its `run` with the socket.

    Args:
        app: what is served.
        proxy: the address of a proxy whose word on clients' addresses is taken; empty for none.
        ready: is called once requests are answered.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxy),
        forwarded_allow_ips=proxy or None,
        timeout_graceful_shutdown=PATIENCE,
        timeout_keep_alive=30,
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="on",
    )
    return Server(config, app.state.service, ready)


class Server(uvicorn.Server):
    """uvicorn, but for its end: followers of events are let go, and no signal is raised again.

    Args:
        config: uvicorn's.
        service: whose followers to let go.
        ready: is called once requests are answered.
    """

    def __init__(
        self, config: uvicorn.Config, service: Service, ready: Callable[[], None] | None = None
    ) -> None:
        super().__init__(config)
        self._service, self._ready = service, ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Listen to signals while it runs; the second ends what is under way."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {s: signal.signal(s, self.handle_exit) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, by a signal."""
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then say so."""
        await super().startup(sockets)
        if self._ready is not None and self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let followers go, then wait for the others."""
        self._service.closing.set()
        await super().shutdown(sockets)


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, place = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    return listening
