"""What the page writes as HTML: every text that comes from outside is escaped here."""

from html import escape

from impasto.jobs.values import Job, JobStatus, StoredEvent
from impasto.sketch import COLORS, log_curves
from impasto.studio.page.keyboard import OPENER
from impasto.studio.page.theme import ICON

BRAND = (
    f"<div id='brand'>{ICON}<div><b>impasto</b> <span>a photograph in the manner of a picture"
    f"</span></div>{OPENER}</div>"
)
EMPTY = (
    "<div class='hint'>Your picture appears here.<br>Choose a photograph, a style, and go.</div>"
)
AREAS = (
    "<p>Paint what belongs together in one color: red in the photograph takes after red in the "
    "style. What is left bare in both is a pair as well.</p>"
)
SHOWN = {"total": "all", "content": "content", "style": "style"}
"""Losses that are drawn, and what they are called."""
FORMATS = {
    "PNG": "png",
    "JPEG": "jpeg",
    "TIFF, 16 bit": "tiff16",
    "animation": "animated-webp",
    "explain report": "report",
}
"""What can be downloaded, and what the service calls it."""
WORDS = {
    JobStatus.QUEUED: "waiting for its turn",
    JobStatus.RUNNING: "painting",
    JobStatus.PAUSED: "paused",
    JobStatus.COMPLETED: "done",
    JobStatus.STOPPED: "stopped; the picture so far is kept",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}


def live(job: Job, events: list[StoredEvent], *, has_preview: bool) -> str:
    """Show a job as it stands: its newest picture, its losses, and how long it takes."""
    picture = (
        f"<img src='/api/v1/jobs/{escape(job.id)}/preview?step={job.step}' "
        "alt='the picture so far'>"
        if has_preview
        else "<div class='hint'>The first strokes come in a moment.</div>"
    )
    return (
        f"<figure>{picture}<figcaption role='status'>{escape(progress(job))}</figcaption>"
        f"{_losses(events)}</figure>"
    )


def alert(text: str) -> str:
    """Word an error where it is."""
    return f"<p role='alert'>{escape(text)}</p>"


def progress(job: Job) -> str:
    """Say in a line how a job stands."""
    parts = [f"{job.title}: {WORDS[job.status]}"]
    if job.status in (JobStatus.RUNNING, JobStatus.PAUSED) and job.steps:
        parts.append(f"step {job.step} of {job.steps}")
    if job.status is JobStatus.RUNNING and job.seconds_left is not None:
        parts.append(f"about {max(1, round(job.seconds_left))} s left")
    if job.error:
        parts.append(job.error)
    return ", ".join(parts)


def about(job: Job) -> str:
    """Say what a finished job is, with what can be downloaded of it."""
    star = "★ " if job.favorite else ""
    size = f", {job.result[0]} x {job.result[1]} px" if job.result else ""
    look = escape(str(job.request.recipe.get("name", "")))
    links = "".join(
        f"<a id='download-{kind}' download href='/api/v1/jobs/{escape(job.id)}/result"
        f"?format={kind}'>{escape(label)}</a>"
        for label, kind in FORMATS.items()
    )
    downloads = f"<p class='downloads'>Download {links}</p>" if job.result else ""
    return f"<p><b>{star}{escape(job.title)}</b>: {WORDS[job.status]}, {look}{size}</p>{downloads}"


def _losses(events: list[StoredEvent]) -> str:
    steps = [event.values["losses"] for event in events if event.event == "step"]
    curves = {
        word: [step.get(name) or 0.0 for step in steps]
        for name, word in SHOWN.items()
        if any(step.get(name) for step in steps)
    }
    if len(steps) < 2:
        return ""
    colors = ("currentColor", *COLORS[1:])
    legend = "".join(
        f"<span><i style='background:{color}'></i>{escape(word)}</span>"
        for word, color in zip(curves, colors, strict=False)
    )
    return f"{log_curves(curves)}<div class='legend'>loss: {legend}</div>"
