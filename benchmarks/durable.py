"""Measure jobs: how long it takes to accept, look at and steer them, and what durability costs.

    python benchmarks/durable.py [--quick] [--db URL]

Prints one line for each figure: the median and the 95th percentile, in milliseconds; and the time
of a draft by itself and as a job.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from importlib import resources
from pathlib import Path

import impasto
from impasto import recipe_files
from impasto.jobs.jobs import Jobs
from impasto.jobs.values import Job, JobRequest

SAMPLES = Path(str(resources.files("impasto") / "samples"))
CONTENT, STYLE = SAMPLES / "harbor.jpg", SAMPLES / "ink.jpg"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only try out that it works")
    parser.add_argument("--db", default="", help="the URL of a database; SQLite if left out")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="impasto-bench-") as home,
        closing(Jobs(home, options.db)) as jobs,
    ):
        measure(jobs, home, options.db, options.quick)


def measure(jobs: Jobs, home: str, db: str, quick: bool) -> None:
    """Measure with one worker beside."""
    times = 5 if quick else 100
    size = {"schedule.size": 64, "schedule.steps": 20} if quick else {}
    recipe = recipe_files.named("draft").changed(size)
    upload(jobs, CONTENT)  # starts the process that decodes
    say("upload again", [timed(lambda: upload(jobs, CONTENT)) for _ in range(times)])
    request = JobRequest(
        recipe=recipe.to_dict(), content=upload(jobs, CONTENT), styles=(upload(jobs, STYLE),)
    )
    accepted: list[Job] = []
    say("accept", [timed(lambda: accepted.append(jobs.submit(request))) for _ in range(times // 3)])
    for job in accepted:
        jobs.cancel(job.id)
    with subprocess.Popen(
        [sys.executable, "-m", "impasto", "worker", "--home", home, "--db", db]
    ) as worker:
        try:
            under_way(jobs, request, times, quick)
            compare(jobs, request, recipe)
        finally:
            worker.terminate()


def under_way(jobs: Jobs, request: JobRequest, times: int, quick: bool) -> None:
    """Look at a job and steer it while it runs."""
    long = recipe_files.named("default").changed(
        {"schedule.steps": 5000, "schedule.size": 64 if quick else 512, "schedule.first": 512}
    )
    values = request.to_dict() | {"recipe": long.to_dict()}
    id = jobs.submit(JobRequest.from_dict(values)).id
    wait(lambda: jobs.job(id).step > 2)
    say("status while a job runs", [timed(lambda: jobs.job(id)) for _ in range(times)])
    say("first page of all jobs", [timed(lambda: jobs.jobs()) for _ in range(times)])
    jobs.control(id, "stop")
    say("stop until the result is there", [timed(lambda: wait(lambda: jobs.job(id).status.ended))])
    jobs.delete(id)


def compare(jobs: Jobs, request: JobRequest, recipe: impasto.Recipe) -> None:
    """Time a draft as a job, from accepted to done, and by itself; both with a network loaded."""
    for _ in range(2):
        id = jobs.submit(request).id
        wait(lambda id=id: jobs.job(id).status.ended)
        job = jobs.job(id)
        impasto.stylize(CONTENT, STYLE, recipe=recipe)
    alone = timed(lambda: impasto.stylize(CONTENT, STYLE, recipe=recipe))
    whole, work = job.finished - job.created, job.finished - job.started
    print(
        f"a draft: {whole:.2f} s as a job ({work:.2f} s of them work), {alone / 1000:.2f} s alone"
    )


def upload(jobs: Jobs, path: Path) -> str:
    """Hand a picture in."""
    with path.open("rb") as file:
        return jobs.upload(file, path.name).id


def timed(work: Callable[[], object]) -> float:
    """Return how many milliseconds something takes."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def wait(what: Callable[[], bool]) -> None:
    """Wait for a truth."""
    while not what():
        time.sleep(0.01)


def say(name: str, found: list[float]) -> None:
    """Print median and 95th percentile."""
    high = statistics.quantiles(found, n=20)[-1] if len(found) > 1 else found[0]
    print(f"{name}: {statistics.median(found):.1f} ms, p95 {high:.1f} ms", flush=True)


if __name__ == "__main__":
    main()
