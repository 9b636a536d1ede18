"""Metrics: figures of jobs and requests, in the text format of Prometheus."""

import time
from collections.abc import Iterable, Iterator
from typing import ClassVar

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from impasto.jobs.values import Counts

API = "/api/v1"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """What is measured in this process."""

    MEDIA: ClassVar[str] = "text/plain; version=0.0.4; charset=utf-8"

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "impasto_http_request_seconds",
            "Time to the first byte of an answer.",
            ("method", "route", "status"),
            registry=self._registry,
            buckets=_BUCKETS,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def text(self, counts: Counts) -> bytes:
        """Write everything, with what there is of jobs."""
        registry = CollectorRegistry()
        registry.register(_Counted(counts))
        return generate_latest(registry) + generate_latest(self._registry)


class _Counted(Collector):
    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterable[GaugeMetricFamily]:
        counts = self._counts
        jobs = GaugeMetricFamily("impasto_jobs", "Jobs by status.", labels=["status"])
        for status, number in counts.jobs.items():
            jobs.add_metric([str(status)], number)
        yield jobs
        workers = GaugeMetricFamily("impasto_worker_busy", "1 at work, 0 idle.", labels=["worker"])
        for worker in counts.workers:
            workers.add_metric([worker.id], float(worker.job is not None))
        yield workers
        yield from _single(counts)


def _single(counts: Counts) -> Iterator[GaugeMetricFamily]:
    values = {
        "impasto_workers": ("Workers heard of in the last 15 seconds.", len(counts.workers)),
        "impasto_uploads": ("Pictures handed in.", counts.uploads),
        "impasto_disk_bytes": ("Bytes of uploads and results.", counts.disk_bytes),
        "impasto_disk_quota_bytes": ("Bytes that they may have.", counts.disk_quota),
        "impasto_longest_wait_seconds": ("Wait of the first in the queue.", counts.seconds_waiting),
    }
    for name, (help, value) in values.items():
        yield GaugeMetricFamily(name, help, value=value)


class Stopwatch:
    """ASGI middleware that measures the time to an answer's first byte.

    Args:
        app: what is measured.
        metrics: where it is counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Measure one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                seconds = time.perf_counter() - began
                self.metrics.answered(_method(scope), _route(scope), message["status"], seconds)
            await send(message)

        await self.app(scope, receive, sending)


def _route(scope: Scope) -> str:
    """The route, not the path: paths are without number."""
    path = getattr(scope.get("route"), "path", "")
    prefix = API if scope["path"].startswith(f"{API}/") and not path.startswith(API) else ""
    return f"{prefix}{path}" if path.startswith("/") else "other"


def _method(scope: Scope) -> str:
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return scope["method"] if scope["method"] in known else "other"
