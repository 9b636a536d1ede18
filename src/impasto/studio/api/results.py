"""Results: preview, picture, other formats, trace."""

from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, Response

from impasto.studio.models import Id
from impasto.studio.problems import documented, problem
from impasto.studio.service import TheService

router = APIRouter(tags=["results"])

Format = Literal[
    "png",
    "jpeg",
    "webp",
    "avif",
    "png8",
    "png16",
    "tiff8",
    "tiff16",
    "gif",
    "animated-webp",
    "mp4",
    "report",
]

_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".tif": "image/tiff",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
    ".html": "text/html",
}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_PICTURES = {"content": dict.fromkeys(_TYPES.values(), _BINARY)}


@router.get(
    "/jobs/{id}/result",
    response_class=FileResponse,
    responses={200: _PICTURES, **documented(404, 409)},
)
async def result(
    id: Id,
    service: TheService,
    format: Annotated[Format, Query(description="Made when it is first asked for.")] = "png",
) -> FileResponse:
    """Return the picture, an animation of its run, or the report; the PNG carries its recipe.

    The report explains a small run of the recipe; making it takes up to a minute, once.
    """
    if format == "png":
        path = await to_thread.run_sync(service.jobs.result, id)
    else:
        path = await to_thread.run_sync(service.jobs.export, id, format, limiter=service.exporting)
    return FileResponse(path, media_type=_TYPES[path.suffix], filename=f"{id}{path.suffix}")


@router.get(
    "/jobs/{id}/preview",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": _BINARY}}, **documented(404)},
)
def preview(id: Id, service: TheService) -> Response:
    """Return a small picture of the newest state, also while the job runs."""
    path = service.jobs.preview(id)
    if path is None:
        return problem(404, "the job has not begun; there is no preview yet")
    # Read at once: a newer one may take its place while it is sent, which has another length.
    return Response(path.read_bytes(), media_type="image/jpeg")


@router.get(
    "/jobs/{id}/trace",
    response_class=FileResponse,
    responses={200: {"content": {"application/json": {}}}, **documented(404, 409)},
)
def trace(id: Id, service: TheService) -> FileResponse:
    """Return every loss at every step, and what was done to the run."""
    return FileResponse(service.jobs.trace(id), media_type="application/json")
