"""The connection: one request after another, tried again where that is safe."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import httpx

from impasto.errors import ImpastoError, InputError
from impasto.jobs.errors import Conflict, DiskFull, LimitError, NotFound, QueueFull, TooLarge

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds between two tries: doubled each time, up to the longest."""
LONGEST_WAIT = 60
"""Seconds that a server may ask to wait for another try."""

_KINDS: dict[int, type[InputError]] = {404: NotFound, 409: Conflict}
_LIMITS: dict[int, type[LimitError]] = {413: TooLarge, 429: QueueFull, 507: DiskFull}
_NOT_OURS = "it does not speak like impasto; check the address"
_AGAIN = (429, 502, 503, 504)


class Unreachable(ImpastoError):
    """The server does not answer."""


class Unauthorized(InputError):
    """The server wants a token, or another one."""


class Refused(ImpastoError):
    """The server failed at a request."""


class Connection:
    """Speaks with one server.

    Args:
        server: its address, such as http://workstation:7860.
        token: what it wants to know; empty for nothing.
        patience: seconds for which a server that does not answer is tried.
        notice: is told, in a sentence, of what goes wrong and is tried again.
        sleep: waits some seconds.

    Raises:
        InputError: the address is none, or the token cannot be sent.
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
        self.server, self.patience = _checked(server), patience
        self._notice, self._sleep = notice, sleep
        if not token.isascii() or not token.isprintable():
            raise InputError("the token has characters that cannot be sent; copy it again")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(
            base_url=f"{self.server}/api/v1/",
            headers=headers,
            timeout=httpx.Timeout(30.0, read=60.0),
            trust_env=False,  # what stands on the own network is not behind a proxy
        )

    def close(self) -> None:
        """Close it."""
        self._http.close()

    def ask(
        self, method: str, path: str, prepare: Callable[[], dict[str, Any]] | None = None
    ) -> httpx.Response:
        """Send a request, again and again while the server does not answer or is too busy.

        Args:
            method: of HTTP; sending it twice must do no harm.
            path: below /api/v1/.
            prepare: gives what `httpx.Client.request` takes, anew for each try.

        Raises:
            Unreachable: nothing answers for too long.
            InputError: the server refuses; the leaf tells why.
            Refused: the server failed.
        """
        told = False
        for last_try in self._tries():
            try:
                answer = self._http.request(method, path, **(prepare() if prepare else {}))
            except httpx.TransportError as error:
                if last_try:
                    raise Unreachable(unreachable(self.server, error)) from error
                if not told:
                    self._notice(f"{self.server} does not answer; trying again")
                told = True
                continue
            if answer.status_code in _AGAIN and not last_try:
                self._busy(answer)
                continue
            return checked(answer)
        raise AssertionError("the last try returns or raises")

    @contextmanager
    def stream(self, path: str, **options: Any) -> Iterator[httpx.Response]:
        """Read an answer piece by piece; tried once.

        Raises:
            httpx.TransportError: the connection is lost.
            InputError, Refused: the server refuses, or failed.
        """
        with self._http.stream("GET", path, **options) as answer:
            if answer.is_error:
                answer.read()
            yield checked(answer)

    def pauses(self) -> Iterator[float]:
        """Give the seconds to wait before each further try, with some chance in them."""
        pause = FIRST_PAUSE
        while True:
            yield pause * random.uniform(0.5, 1.0)
            pause = min(LONGEST_PAUSE, 2 * pause)

    def _tries(self) -> Iterator[bool]:
        """Pause between tries; True for the last."""
        deadline, pauses = time.monotonic() + self.patience, self.pauses()
        while time.monotonic() < deadline:
            yield False
            self._sleep(next(pauses))
        yield True

    def _busy(self, answer: httpx.Response) -> None:
        wait = answer.headers.get("retry-after", "1")
        seconds = min(LONGEST_WAIT, int(wait)) if wait.isdecimal() else 1
        self._notice(f"{self.server} is busy; trying again in {seconds} s")
        self._sleep(seconds * random.uniform(1.0, 1.2))


def checked(answer: httpx.Response) -> httpx.Response:
    """Return an answer that is none of an error.

    Raises:
        InputError: the server refuses; the leaf tells why.
        Refused: the server failed, or is no impasto.
    """
    if answer.is_success:
        return answer
    detail, status = _detail(answer), answer.status_code
    if status == 401:
        raise Unauthorized(f"{answer.url.host}: {detail}; give it with --token or IMPASTO_TOKEN")
    if status in _LIMITS:
        wait = answer.headers.get("retry-after", "")
        raise _LIMITS[status](detail, int(wait) if wait.isdecimal() else None)
    if 400 <= status < 500:
        raise _KINDS.get(status, InputError)(detail)
    raise Refused(f"{answer.url.host} answered {status}: {detail}")


def content(answer: httpx.Response) -> Any:
    """Return what an answer's JSON holds; raises Refused if it is none."""
    try:
        return answer.json()
    except ValueError as error:
        raise Refused(f"{answer.url.host}: {_NOT_OURS}") from error


def unreachable(server: str, error: Exception) -> str:
    """Word that a server does not answer."""
    return (
        f"{server} does not answer ({error or type(error).__name__}); check the address, and that "
        "`impasto studio` runs there"
    )


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return _NOT_OURS


def _checked(server: str) -> str:
    try:
        url = httpx.URL(server)
    except httpx.InvalidURL as error:
        raise _no_address(server) from error
    if url.scheme not in ("http", "https") or not url.host or url.query or url.userinfo:
        raise _no_address(server)
    return server.rstrip("/")


def _no_address(server: str) -> NoReturn:
    raise InputError(f"expected an address such as http://workstation:7860, got '{server}'")
