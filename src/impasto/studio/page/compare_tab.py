"""The tab where strengths are compared: three pictures side by side, one of which is kept."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gradio as gr

from impasto.errors import InputError
from impasto.jobs.jobs import Jobs
from impasto.studio.page.words import live

STRENGTHS = (0.4, 0.65, 0.9)


@dataclass(frozen=True, kw_only=True)
class CompareTab:
    """The parts of the tab that do something."""

    ids: Any
    pictures: list[Any]
    keep: list[Any]
    said: Any


def compare_tab() -> CompareTab:
    """Lay the tab out, inside of a tab."""
    said = gr.HTML("<div class='hint'>Choose pictures, then 'Compare strengths'.</div>")
    pictures, keep = [], []
    with gr.Row():
        for number, strength in enumerate(STRENGTHS):
            with gr.Column(min_width=240):
                gr.Markdown(f"**Strength {strength:g}**")
                pictures.append(gr.HTML("", elem_id=f"compared-{number}", elem_classes="compared"))
                keep.append(gr.Button("Keep this one", interactive=False, elem_id=f"keep-{number}"))
    return CompareTab(ids=gr.State([]), pictures=pictures, keep=keep, said=said)


def shown(jobs: Jobs, ids: list[str]) -> list[str]:
    """Return what is shown of each job that is compared; nothing where it is gone."""
    found = []
    for id in ids:
        try:
            job = jobs.job(id)
        except InputError:
            found.append("")
            continue
        found.append(live(job, [], has_preview=jobs.preview(id) is not None))
    return found


def keep_one(jobs: Jobs, ids: list[str], number: int) -> None:
    """Make one a favorite and remove the others; what still runs is ended.

    Raises:
        InputError: it has been deleted meanwhile, or there is nothing to choose from.
    """
    if number >= len(ids):
        raise InputError("Compare strengths first, then keep one.")
    jobs.favorite(ids[number])
    for other in ids[:number] + ids[number + 1 :]:
        drop(jobs, other)


def drop(jobs: Jobs, id: str) -> None:
    """End and remove a job that was only made to choose by; one that is gone is left."""
    with suppress(InputError):
        jobs.cancel(id)
        jobs.delete(id)
