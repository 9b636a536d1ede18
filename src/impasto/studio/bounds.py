"""Bounds: how large a request's body may be, and how long it may keep silent."""

import asyncio
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from impasto.studio.problems import problem

JSON_BYTES = 2**20
SILENCE = 30.0
"""Seconds between two pieces of a body at most."""


class Bounds:
    """ASGI middleware that reads no more of a body than is allowed.

    Args:
        app: what it stands before.
        bytes_for: how many bytes a body may have, by its path.
        silence: seconds between two pieces at most.
    """

    def __init__(
        self, app: ASGIApp, bytes_for: Callable[[str], int], silence: float = SILENCE
    ) -> None:
        self.app, self.bytes_for, self.silence = app, bytes_for, silence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a body that says it is too large; count one that does not say."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        most = self.bytes_for(connection.url.path)
        length = connection.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > most:
            await problem(413, _too_large(most))(scope, receive, send)
        else:
            await self.app(scope, self._counting(receive, most), send)

    def _counting(self, receive: Receive, most: int) -> Receive:
        received, whole = 0, False

        async def counting() -> Message:
            nonlocal received, whole
            if whole:  # what may still come is that the other side is gone
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self.silence)
            except TimeoutError:
                raise HTTPException(
                    408, f"nothing came for {self.silence:g} s; send the request again"
                ) from None
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, _too_large(most))
            whole = not message.get("more_body", False)
            return message

        return counting


def _too_large(most: int) -> str:
    return f"the request has more than {most:,} bytes, which are allowed here; make it smaller"
