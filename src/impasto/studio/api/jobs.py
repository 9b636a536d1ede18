"""Jobs: handing in, looking at, steering, ending."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Response

from impasto.jobs.promises import Promise
from impasto.jobs.values import JobStatus
from impasto.studio.models import Control, Id, JobChanges, JobPage, JobState, NewJob, Text
from impasto.studio.problems import documented
from impasto.studio.recipes import resolved
from impasto.studio.service import Client, TheService

router = APIRouter(tags=["jobs"])

_Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A text of your own; the same request with the same key makes one job, also "
        "after a restart; kept for a week.",
        min_length=1,
        max_length=200,
    ),
]


@router.post(
    "/jobs",
    status_code=201,
    response_model=JobState,
    responses=documented(404, 409, 429, 507),
)
def submit(
    new: NewJob, response: Response, service: TheService, client: Client, key: _Key = None
) -> JobState:
    """Hand a job in. Once this is answered it will be done, whatever happens to the server."""
    recipe = resolved(service.jobs, new.recipe, new.changes)
    request = new.request(recipe.to_dict(), client)
    body = json.dumps(new.model_dump(mode="json"), sort_keys=True)
    job = service.jobs.submit(request, None if key is None else Promise(key, body))
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return JobState.of(job)


@router.get("/jobs", response_model=JobPage, responses=documented(404))
def list_jobs(
    service: TheService,
    search: Annotated[Text, Query(max_length=200, description="Words in title or names.")] = "",
    status: Annotated[list[JobStatus], Query(description="One or more.")] = [],  # noqa: B006
    favorite: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[Id | None, Query(description="A job's id: go on after it.")] = None,
) -> Any:
    """List jobs, the newest first, a page at a time."""
    page = service.jobs.jobs(
        search=search, status=status, favorite=favorite, limit=limit, before=before
    )
    items = [JobState.of(job) for job in page.items]
    return {"items": items, "before": page.before, "total": page.total}


@router.get("/jobs/{id}", response_model=JobState, responses=documented(404))
def show(id: Id, service: TheService) -> JobState:
    """Tell how a job stands."""
    return JobState.of(service.jobs.job(id))


@router.patch("/jobs/{id}", response_model=JobState, responses=documented(404))
def change(id: Id, changes: JobChanges, service: TheService) -> JobState:
    """Give a job another title, or make it a favorite."""
    if changes.title is not None:
        service.jobs.rename(id, changes.title)
    if changes.favorite is not None:
        service.jobs.favorite(id, changes.favorite)
    return JobState.of(service.jobs.job(id))


@router.post("/jobs/{id}/control", response_model=JobState, responses=documented(404, 409))
def control(id: Id, wanted: Annotated[Control, Body()], service: TheService) -> JobState:
    """Pause a job, go on, stop it and keep the picture, or change a weight or the strength."""
    values = wanted.model_dump(exclude={"action"})
    return JobState.of(service.jobs.control(id, wanted.action, **values))


@router.post("/jobs/{id}/cancel", response_model=JobState, responses=documented(404))
def cancel(id: Id, service: TheService) -> JobState:
    """End a job without a picture; one that has ended is left as it is."""
    return JobState.of(service.jobs.cancel(id))


@router.delete("/jobs/{id}", status_code=204, responses=documented(404, 409))
def delete(id: Id, service: TheService) -> None:
    """Remove a job that has ended, with everything it made."""
    service.jobs.delete(id)
