"""The tab of what was made: thumbnails, search, favorites, downloads, and making it again."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from PIL import Image

from impasto.jobs.jobs import Jobs
from impasto.jobs.values import Job

MANY = 60
"""Pictures shown at first, and how many more each time."""


@dataclass(frozen=True, kw_only=True)
class HistoryTab:
    """The parts of the tab that do something."""

    search: Any
    favorites: Any
    refresh: Any
    gallery: Any
    older: Any
    many: Any
    ids: Any
    chosen: Any
    about: Any
    open: Any
    repeat: Any
    favorite: Any
    delete: Any

    @property
    def buttons(self) -> list[Any]:
        """What can be done with the chosen one."""
        return [self.open, self.repeat, self.favorite, self.delete]

    @property
    def asked(self) -> list[Any]:
        """What decides which are listed."""
        return [self.search, self.favorites, self.many]

    @property
    def listed(self) -> list[Any]:
        """What lists them."""
        return [self.gallery, self.ids, self.older]


def history_tab() -> HistoryTab:
    """Lay the tab out, inside of a tab."""
    with gr.Row():
        search = gr.Textbox(label="Search", placeholder="A title or a look", elem_id="search")
        favorites = gr.Checkbox(label="Favorites only")
        refresh = gr.Button("Refresh", size="sm")
    gallery = gr.Gallery(
        label="What you have made",
        columns=6,
        allow_preview=False,
        object_fit="cover",
        height="auto",
        elem_id="history",
        elem_classes="thumbs",
    )
    older = gr.Button("Show older ones", visible=False, size="sm", elem_id="older")
    about = gr.HTML("", elem_id="about")
    with gr.Row():
        common: dict[str, Any] = {"interactive": False, "size": "sm"}
        opened = gr.Button("Open", elem_id="open", **common)
        repeat = gr.Button("Repeat on another photograph", elem_id="repeat", **common)
        favorite = gr.Button("Favorite", elem_id="favorite", **common)
        delete = gr.Button("Delete", variant="stop", elem_id="delete", **common)
    return HistoryTab(
        search=search,
        favorites=favorites,
        refresh=refresh,
        gallery=gallery,
        older=older,
        many=gr.State(MANY),
        ids=gr.State([]),
        chosen=gr.State(None),
        about=about,
        open=opened,
        repeat=repeat,
        favorite=favorite,
        delete=delete,
    )


def found(jobs: Jobs, search: str, *, favorites: bool, many: int) -> tuple[list[Job], bool]:
    """Return so many jobs that have something to show, the newest first; and if there are more."""
    shown: list[Job] = []
    before: str | None = None
    while len(shown) <= many:
        page = jobs.jobs(
            search=search.strip()[:200],
            favorite=True if favorites else None,
            limit=MANY,
            before=before,
        )
        shown += [job for job in page.items if jobs.preview(job.id) is not None]
        before = page.before
        if before is None:
            break
    return shown[:many], len(shown) > many


def thumbnails(jobs: Jobs, shown: list[Job]) -> list[tuple[Image.Image, str]]:
    """Return previews with their titles, as a gallery takes them; pictures, not paths of ours."""
    found = [(jobs.preview(job.id), _caption(job)) for job in shown]
    return [(Image.open(path).convert("RGB"), text) for path, text in found if path is not None]


def _caption(job: Job) -> str:
    return f"{'★ ' if job.favorite else ''}{job.title}"
