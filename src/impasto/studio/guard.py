"""The guard before every request: host, origin, token; and headers on every answer."""

import asyncio
from urllib.parse import quote, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from impasto.studio.access import Access, is_same_origin
from impasto.studio.problems import problem

COOKIE = "impasto_session"
OPEN = ("/login", "/api/v1/health", "/api/v1/ready")
"""What needs no token."""
MONTH = 30 * 24 * 3600
PENALTY = 0.5
"""Seconds that a wrong token costs."""

_SAFE = ("GET", "HEAD", "OPTIONS")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"
_PAGE_POLICY = (  # Gradio writes scripts and styles into its page; nothing may leave the machine
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "font-src 'self' data:; worker-src 'self' blob:; connect-src 'self' data: blob:; "
    "form-action 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'"
)


class Guard:
    """ASGI middleware that refuses what it must, and lets the rest through.

    Args:
        app: what it guards.
        access: who may ask.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] == "websocket":  # nobody needs one
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http":
            await self.app(scope, receive, send)
        else:
            connection = HTTPConnection(scope)
            refusal = await self._refusal(connection)
            answer: ASGIApp = self.app if refusal is None else refusal
            await answer(scope, receive, _with_headers(send, connection.url.path))

    async def _refusal(self, request: HTTPConnection) -> Response | None:
        if not self.access.knows_host(request.headers.get("host", "")):
            return problem(
                400,
                "the Host header does not name this service; use its address, or start it with "
                "--name NAME",
            )
        if _is_foreign(request):
            return problem(403, "another site's page may not do this; use the service's own page")
        if not self.access.token or request.url.path in OPEN:
            return None
        return await self._token_refusal(request)

    async def _token_refusal(self, request: HTTPConnection) -> Response | None:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and given:
            if self.access.knows_token(given.strip()):
                return None
            await asyncio.sleep(PENALTY)
            return _unauthorized("the token is not the right one")
        if self.access.knows_session(request.cookies.get(COOKIE, "")):
            return None
        if request.url.path.startswith("/api/") or request.scope["method"] not in ("GET", "HEAD"):
            return _unauthorized("a token is needed; send it as: Authorization: Bearer TOKEN")
        return await self._log_in(request)

    async def _log_in(self, request: HTTPConnection) -> Response:
        """Take `?token=` for a cookie, and out of the address; else ask for it."""
        rest = [(k, v) for k, v in request.query_params.multi_items() if k != "token"]
        here = local_path(request.url.path) + (f"?{urlencode(rest)}" if rest else "")
        if given := request.query_params.get("token", ""):
            if self.access.knows_token(given):
                return logged_in(here, self.access, secure=request.url.scheme == "https")
            await asyncio.sleep(PENALTY)
        return RedirectResponse(f"/login?next={quote(here, safe='')}", 303)


def logged_in(where: str, access: Access, *, secure: bool) -> Response:
    """Give the browser its cookie, and send it to a page of ours."""
    answer = RedirectResponse(where, 303)
    answer.set_cookie(
        COOKIE, access.session, MONTH, httponly=True, samesite="strict", secure=secure
    )
    return answer


def local_path(path: str) -> str:
    """Return a path that leads to no other site."""
    return "/" + path.replace("\\", "/").lstrip("/")


def _is_foreign(request: HTTPConnection) -> bool:
    """Tell whether a page of another site asks for a change; programs send no Origin."""
    if request.scope["method"] in _SAFE:
        return False
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if origin is not None and not is_same_origin(origin, request.headers.get("host", "")):
        return True
    return site not in (None, "same-origin", "none")


def _unauthorized(detail: str) -> Response:
    return problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="impasto"'})


def _with_headers(send: Send, path: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            of_api = path.startswith("/api/")
            headers.setdefault("Content-Security-Policy", _API_POLICY if of_api else _PAGE_POLICY)
            if of_api:
                headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
