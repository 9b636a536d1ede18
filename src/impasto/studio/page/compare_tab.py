"""The tab of pictures side by side, one of which is kept: three strengths, or a contact sheet."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gradio as gr

from impasto.errors import InputError
from impasto.jobs.jobs import Jobs
from impasto.studio.page.words import live

STRENGTHS = (0.4, 0.65, 0.9)
"""From left to right."""
BREADTHS = {"": 1.0, "finer strokes": 0.6, "broader strokes": 1.6}
"""From above: rows of a contact sheet, by factors on the breadth of strokes; the first is always
there."""


@dataclass(frozen=True, kw_only=True)
class CompareTab:
    """The parts of the tab that do something."""

    ids: Any
    pictures: list[Any]
    keep: list[Any]
    rows: list[Any]
    """Those of a contact sheet alone."""
    said: Any

    @property
    def shown(self) -> list[Any]:
        """What changes as the pictures grow."""
        return [*self.pictures, *self.keep, *self.rows, self.said]


def compare_tab() -> CompareTab:
    """Lay the tab out, inside of a tab."""
    said = gr.HTML(
        "<div class='hint'>Choose pictures, then 'Compare strengths' or 'Contact sheet'.</div>"
    )
    pictures: list[Any] = []
    keep: list[Any] = []
    rows = []
    for breadth in BREADTHS:
        with gr.Row(visible=not breadth) as row:
            for strength in STRENGTHS:
                with gr.Column(min_width=240):
                    gr.Markdown(f"**{title_of(strength, breadth)}**")
                    _cell(len(pictures), pictures, keep)
        rows += [row] if breadth else []
    return CompareTab(ids=gr.State([]), pictures=pictures, keep=keep, rows=rows, said=said)


def _cell(number: int, pictures: list[Any], keep: list[Any]) -> None:
    pictures.append(gr.HTML("", elem_id=f"compared-{number}", elem_classes="compared"))
    keep.append(gr.Button("Keep this one", interactive=False, elem_id=f"keep-{number}"))


def title_of(strength: float, breadth: str) -> str:
    """Name a picture by what is different about it."""
    return f"Strength {strength:g}" + (f", {breadth}" if breadth else "")


def look(jobs: Jobs, tab: CompareTab, ids: list[str]) -> list[Any]:
    """Return what `CompareTab.shown` takes; nothing changes where nothing is compared."""
    cells = len(tab.pictures)
    if not ids:
        return [gr.skip()] * (2 * cells + len(tab.rows) + 1)
    pictures = [*shown(jobs, ids), *[""] * (cells - len(ids))]
    buttons = [gr.Button(interactive=number < len(ids)) for number in range(cells)]
    rows = [gr.Row(visible=len(ids) == cells)] * len(tab.rows)
    return [*pictures, *buttons, *rows, ""]


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
