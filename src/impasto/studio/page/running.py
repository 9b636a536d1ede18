"""The list of what waits, runs or is paused, each a link that the page follows."""

from collections.abc import Container
from html import escape

from impasto.jobs.jobs import Jobs
from impasto.jobs.values import Job, JobStatus
from impasto.studio.page.words import progress

UNFINISHED = (JobStatus.RUNNING, JobStatus.PAUSED, JobStatus.QUEUED)
MOST = 8
"""Jobs that are listed; more are counted."""


def running(jobs: Jobs, shown: Container[str] = ()) -> str:
    """List the unfinished jobs but those that the page shows; nothing where there is no other.

    Args:
        jobs: of this studio.
        shown: ids of the jobs that are shown already.
    """
    page = jobs.jobs(status=UNFINISHED, limit=2 * MOST)
    found = [job for job in page.items if job.id not in shown]
    if not found:
        return ""
    found.sort(key=lambda job: UNFINISHED.index(job.status))
    more = "<li>and more: see the history</li>" if len(found) > MOST else ""
    listed = "".join(map(_item, found[:MOST]))
    return f"<nav aria-label='jobs under way'><b>Under way</b><ul>{listed}{more}</ul></nav>"


def _item(job: Job) -> str:
    share = round(100 * job.step / job.steps) if job.steps else 0
    bar = f"<progress max='100' value='{share}'>{share}%</progress>"
    return f"<li><a href='?job={escape(job.id)}'>{bar} {escape(progress(job))}</a></li>"
