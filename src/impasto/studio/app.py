"""The application: the service under /api/v1, the guard before it, and a place for the page."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, cast

from fastapi import FastAPI
from fastapi.responses import Response

from impasto.jobs.jobs import Jobs
from impasto.studio import login
from impasto.studio.access import Access
from impasto.studio.api import events, health, library, results, uploads
from impasto.studio.api import jobs as job_routes
from impasto.studio.bounds import JSON_BYTES, Bounds
from impasto.studio.guard import Guard
from impasto.studio.metrics import API, Stopwatch
from impasto.studio.problems import Problem, handle_problems
from impasto.studio.service import Service

FORM_BYTES = 2**16
"""Around a picture, in a form."""

_ABOUT = """Neural style transfer: hand pictures in, make jobs of them, follow them, fetch results.

Every refusal is a problem (RFC 9457), whose `detail` says what was expected, what came and what to
try. Where a limit was reached, `Retry-After` says when to try again."""

Page = Callable[[FastAPI, Jobs], object]
"""Mounts a page into the application, at `/`."""


def create_app(jobs: Jobs, access: Access | None = None, page: Page | None = None) -> FastAPI:
    """Make the application.

    Args:
        jobs: what it serves; whoever opened them closes them.
        access: who may use it; without a token if left out.
        page: mounts the studio's page; a line that the service runs if left out.
    """
    service = Service(jobs, access or Access())
    app = FastAPI(
        title="impasto",
        version=version("impasto"),
        description=_ABOUT,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # would load scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan(service),
    )
    app.state.service = service
    handle_problems(app)
    for part in (uploads, job_routes, events, results, library, health):
        app.include_router(part.router, prefix=API)
    app.include_router(login.router)
    _guard(app, service)
    _document(app)
    if page is None:
        app.add_api_route("/", login.first_page, include_in_schema=False, response_class=Response)
    else:
        page(app, jobs)
    return app


def find_page() -> Page | None:
    """Return what mounts the studio's page; None where it, or Gradio, is not installed."""
    if find_spec("gradio") is None or find_spec("impasto.studio.page") is None:
        return None
    return cast(Page, import_module("impasto.studio.page").mount_page)


def _guard(app: FastAPI, service: Service) -> None:
    """The last one added is asked first."""
    limits = service.jobs.limits

    def bytes_for(path: str) -> int:
        of_pictures = path == f"{API}/uploads" or not path.startswith("/api/")
        return limits.upload_bytes + FORM_BYTES if of_pictures else JSON_BYTES

    app.add_middleware(Bounds, bytes_for=bytes_for)
    app.add_middleware(Guard, access=service.access)
    app.add_middleware(Stopwatch, metrics=service.metrics)


def _lifespan(service: Service) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        service.closing.set()

    return lifespan


def _document(app: FastAPI) -> None:
    """Add to OpenAPI what the framework does not know: problems, and the token."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = plain()
            parts = schema.setdefault("components", {})
            shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            parts.setdefault("schemas", {}).update(shape.pop("$defs", {}))
            parts["schemas"]["Problem"] = shape
            parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            schema["security"] = [{}, {"token": []}]
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]
