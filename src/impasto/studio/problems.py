"""Errors as answers: RFC 9457 problem details, each a sentence that says what to try."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from impasto.errors import InputError, InternalError
from impasto.jobs.errors import Conflict, DiskFull, LimitError, NotFound, TooLarge
from impasto.jobs.tables import Unanswered

MEDIA = "application/problem+json"
SOON = 5
"""Seconds after which a database that does not answer is asked again."""


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(examples=["body.styles"])
    message: str = Field(examples=["List should have at least 1 item"])


class Problem(BaseModel):
    """Why a request was not done (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:impasto:not-found",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "there is no job '0123456789abcdef0123'",
                }
            ]
        }
    )

    type: str
    """A name for the kind of problem, for programs."""
    title: str
    status: int
    detail: str
    """A sentence: what was expected, what came, what to try."""
    errors: list[Fault] = []


def problem(
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Fault] = (),
) -> JSONResponse:
    """Make the answer that tells of a problem."""
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": f"urn:impasto:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = [fault.model_dump() for fault in errors]
    return JSONResponse(body, status, dict(headers or {}), MEDIA)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document problems for OpenAPI; those that any request may meet are always there."""
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA: reference}}
        for status in sorted({400, 401, 403, 408, 413, 422, 503, *statuses})
    }


def handle_problems(app: FastAPI) -> None:
    """Make every error an answer."""
    app.add_exception_handler(InputError, _input_error)
    app.add_exception_handler(InternalError, _our_failure)
    app.add_exception_handler(RequestValidationError, _misfit)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Unanswered, _unanswered)
    app.add_exception_handler(Exception, _our_failure)


def status_of(error: InputError) -> int:
    """Return the HTTP status for an error of the caller."""
    kinds = {NotFound: 404, Conflict: 409, TooLarge: 413, DiskFull: 507, LimitError: 429}
    return next((status for kind, status in kinds.items() if isinstance(error, kind)), 422)


def _input_error(request: Request, error: Exception) -> JSONResponse:
    wait = error.retry_after if isinstance(error, LimitError) else None
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return problem(status_of(cast(InputError, error)), str(error), headers=headers)


def _misfit(request: Request, error: Exception) -> JSONResponse:
    found = cast(RequestValidationError, error).errors()
    faults = [Fault(where=".".join(map(str, e["loc"])), message=e["msg"]) for e in found[:20]]
    told = "; ".join(f"{fault.where}: {fault.message}" for fault in faults[:3])
    detail = f"the request is not as documented: {told}; see /api/v1/openapi.json"
    return problem(422, _encodable(detail), errors=[_clean(fault) for fault in faults])


def _http_error(request: Request, error: Exception) -> JSONResponse:
    raised = cast(HTTPException, error)
    sentences = {
        404: f"there is nothing at {request.url.path}; see /api/v1/openapi.json for what there is",
        405: f"{request.method} is not possible at {request.url.path}; see the Allow header",
        400: "the body is not valid JSON; check its quotes and commas",
    }
    default = HTTPStatus(raised.status_code).phrase
    ours = raised.detail not in (default, "There was an error parsing the body")
    detail = raised.detail if ours else sentences.get(raised.status_code, raised.detail)
    headers = raised.headers if raised.status_code != 405 else {"Allow": _allowed(request)}
    return problem(raised.status_code, _encodable(detail), headers=headers)


def _allowed(request: Request) -> str:
    """List all that an address can do; the framework knows only of its first route."""
    methods = set[str]()
    for template, operations in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), request.url.path):
            methods |= {name.upper() for name in operations}
    return ", ".join(sorted(methods) or ["GET"])


def _unanswered(request: Request, error: Exception) -> JSONResponse:
    sentence = "the database does not answer; try again in a few seconds"
    return problem(503, sentence, headers={"Retry-After": str(SOON)})


def _our_failure(request: Request, error: Exception) -> JSONResponse:
    sentence = "this failed, and it is not your fault; the log of the service says more"
    return problem(500, sentence)


def _clean(fault: Fault) -> Fault:
    return Fault(where=_encodable(fault.where), message=_encodable(fault.message))


def _encodable(text: str) -> str:
    """JSON may hold halves of surrogate pairs, which no answer can be encoded with."""
    return text.encode("utf-8", "replace").decode()
