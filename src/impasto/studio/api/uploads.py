"""Uploads: pictures handed in."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from impasto.jobs.errors import LimitError
from impasto.studio.models import Id, Text, Upload, Uploads
from impasto.studio.problems import documented
from impasto.studio.receiving import receive
from impasto.studio.service import UPLOADING, Client, Service, TheService

router = APIRouter(tags=["uploads"])

_BINARY = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": _BINARY},
                    "required": ["file"],
                }
            },
            "application/octet-stream": {"schema": _BINARY},
        },
    }
}
_TYPES = {"jpeg": "image/jpeg", "tiff": "image/tiff", "heic": "image/heic", "bmp": "image/bmp"}


@router.post(
    "/uploads",
    status_code=201,
    response_model=Upload,
    openapi_extra=_BODY,
    responses=documented(415, 429, 507),
)
async def upload(
    request: Request,
    response: Response,
    service: TheService,
    client: Client,
    name: Annotated[Text, Query(max_length=200, description="For a body without a form.")] = "",
) -> Any:
    """Hand a picture in: a form with a field `file`, or the picture itself as the body.

    What it is is found in its content. The same file again is the same upload.
    """
    async with _counted(service):
        with tempfile.TemporaryFile(dir=service.jobs.home.incoming) as file:
            named = await receive(request, file)
            take = partial(service.jobs.upload, file, _shown(name or named), client)
            taken = await to_thread.run_sync(take, limiter=service.decoding)
    response.headers["Location"] = f"/api/v1/uploads/{taken.id}"
    return taken


@router.get("/uploads", response_model=Uploads, responses=documented())
def list_uploads(service: TheService) -> Any:
    """List the pictures that were handed in, the newest first."""
    return {"items": service.jobs.uploads()}


@router.get("/uploads/{id}", response_model=Upload, responses=documented(404))
def show_upload(id: Id, service: TheService) -> Any:
    """Tell what an upload is."""
    return service.jobs.uploaded(id)


@router.get(
    "/uploads/{id}/picture",
    response_class=FileResponse,
    responses={200: {"content": {"image/*": {"schema": _BINARY}}}, **documented(404)},
)
def show_picture(id: Id, service: TheService) -> FileResponse:
    """Return the picture as it was handed in."""
    kind = service.jobs.uploaded(id).kind
    media = _TYPES.get(kind, f"image/{kind}")
    return FileResponse(service.jobs.picture(id), media_type=media)


@asynccontextmanager
async def _counted(service: Service) -> AsyncIterator[None]:
    """Count uploads under way, whose files no quota knows yet."""
    if service.uploading >= UPLOADING:
        raise LimitError(f"{UPLOADING} uploads are under way, which is the limit; try again", 5)
    service.uploading += 1
    try:
        yield
    finally:
        service.uploading -= 1


def _shown(name: str) -> str:
    return name.replace("\0", "") or "picture"
