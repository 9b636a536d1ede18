"""The tab where strengths are compared: three pictures side by side, one of which is kept."""

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
    """Make one a favorite and remove the others; what still runs is ended."""
    jobs.favorite(ids[number])
    for other in ids[:number] + ids[number + 1 :]:
        jobs.cancel(other)
        if jobs.job(other).status.ended:
            try:
                jobs.delete(other)
            except InputError:  # its worker has not let go of it yet
                continue
