"""Health, readiness and metrics, for whoever watches over the service."""

import shutil
from importlib.metadata import version

from fastapi import APIRouter, Response

from impasto.jobs.tables import Unanswered
from impasto.studio.metrics import Metrics
from impasto.studio.models import Health, Readiness
from impasto.studio.problems import documented
from impasto.studio.service import Service, TheService

router = APIRouter(tags=["health"])


@router.get("/health", response_model=Health, responses=documented())
def health() -> Health:
    """Tell that the process is alive; needs no token."""
    return Health(version=version("impasto"))


@router.get(
    "/ready",
    response_model=Readiness,
    responses={**documented(), 503: {"model": Readiness, "description": "Not ready"}},
)
def ready(response: Response, service: TheService) -> Readiness:
    """Tell whether the database answers, a worker lives and the disk has room; needs no token."""
    found = readiness(service)
    response.status_code = 200 if found.ready else 503
    return found


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **documented()},
)
def metrics(service: TheService) -> Response:
    """Return figures in the text format of Prometheus."""
    return Response(service.metrics.text(service.jobs.counts()), media_type=Metrics.MEDIA)


def readiness(service: Service) -> Readiness:
    """Look at everything that a job needs."""
    home, limits = service.jobs.home.path, service.jobs.limits
    try:
        workers, database = len(service.jobs.counts().workers), True
    except Unanswered:
        workers, database = 0, False
    room = shutil.disk_usage(home).free > limits.upload_bytes
    missing = [
        *([] if database else ["the database does not answer"]),
        *([] if workers or not database else ["no worker is alive: start impasto worker"]),
        *([] if room else ["the disk is full: remove something from it"]),
    ]
    return Readiness(
        ready=not missing,
        database=database,
        workers=workers,
        disk=room,
        detail="; ".join(missing),
    )
