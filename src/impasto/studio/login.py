"""The page that asks for a token, and the first page of a service without the studio's page."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from impasto.studio.guard import PENALTY, local_path, logged_in
from impasto.studio.service import TheService

router = APIRouter(include_in_schema=False)

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>impasto</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:24rem;margin:20vh auto;padding:0 1rem}}
input,button{{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;margin-top:.5rem}}
p.wrong{{color:#c33}}</style></head>
<body><h1>impasto</h1>{body}</body></html>"""
_FORM = """{wrong}<form method="post"><label for="token">Token of this service</label>
<input id="token" name="token" type="password" autocomplete="current-password" autofocus required>
<button>Log in</button></form>"""
_WRONG = '<p class="wrong" role="alert">That is not the token. It was given to the service as \
it was started.</p>'
_FIRST = '<p>The service runs. What it can do: <a href="/api/v1/openapi.json">OpenAPI</a>.</p>'


@router.get("/login")
def ask() -> HTMLResponse:
    """Ask for the token."""
    return HTMLResponse(_PAGE.format(body=_FORM.format(wrong="")))


@router.post("/login")
async def log_in(
    request: Request, service: TheService, next: Annotated[str, Query(max_length=2000)] = "/"
) -> Response:
    """Give the browser a cookie for the token."""
    async with request.form(max_files=0, max_fields=2, max_part_size=1000) as form:
        given = form.get("token")
    access = service.access
    if isinstance(given, str) and access.token and access.knows_token(given.strip()):
        return logged_in(local_path(next), access, secure=request.url.scheme == "https")
    await asyncio.sleep(PENALTY)
    return HTMLResponse(_PAGE.format(body=_FORM.format(wrong=_WRONG)), 401)


def first_page() -> HTMLResponse:
    """Say that the service runs, where there is no other page."""
    return HTMLResponse(_PAGE.format(body=_FIRST))
