"""What can be done with pictures that were made before."""

from html import escape
from typing import Any

import gradio as gr
from PIL import Image

from impasto.errors import InputError
from impasto.jobs.jobs import Jobs
from impasto.jobs.values import Job
from impasto.studio.page.history_tab import FORMATS, found, thumbnails
from impasto.studio.page.words import WORDS


class Past:
    """The actions of the history."""

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs

    def listed(self, search: str, favorites: bool) -> tuple[Any, list[str]]:
        """List what was made."""
        shown = found(self.jobs, search, favorites=favorites)
        pictures = thumbnails(self.jobs, shown)
        return gr.Gallery(pictures, selected_index=None), [job.id for job in shown]

    def choose(self, ids: list[str], chosen: gr.SelectData) -> tuple[Any, ...]:
        """Choose one."""
        return self._shown(ids[chosen.index])

    def favorite(self, id: str) -> str:
        """Make it a favorite, or not any more."""
        job = self.jobs.job(id)
        return _about(self.jobs.favorite(id, not job.favorite))

    def delete(self, id: str) -> tuple[Any, ...]:
        """Remove it, with everything it made."""
        try:
            self.jobs.delete(id)
        except InputError as error:
            return (id, f"<p role='alert'>{escape(str(error))}</p>", *self._buttons(id))
        return (None, "", *self._buttons(None))

    def repeat(self, id: str) -> tuple[Any, ...]:
        """Take its style and settings for another photograph."""
        job = self.jobs.job(id)
        style = Image.open(self.jobs.picture(job.request.styles[0])).convert("RGB")
        recipe = dict(job.request.recipe)
        content = recipe["content"]
        strength = content["strength"] if content["hold"] == "strength" else gr.skip()
        told = f"Settings of '{escape(job.title)}' are loaded: choose a photograph, then Go."
        size = recipe["schedule"]["size"]
        return style, recipe, told, strength, size, None, gr.Tabs(selected="make")

    def _shown(self, id: str) -> tuple[Any, ...]:
        return (id, _about(self.jobs.job(id)), *self._buttons(id))

    def _buttons(self, id: str | None) -> list[Any]:
        """Open, repeat, favorite, delete; and what can be downloaded."""
        actions = [gr.Button(interactive=id is not None)] * 4
        ready = id is not None and self.jobs.job(id).result is not None
        files = [self._file(id, kind) if ready and id else None for kind in FORMATS.values()]
        return [*actions, *[gr.DownloadButton(value=f, interactive=ready) for f in files]]

    def _file(self, id: str, kind: str) -> str:
        return f"/api/v1/jobs/{id}/result?format={kind}"


def _about(job: Job) -> str:
    star = "★ " if job.favorite else ""
    size = f", {job.result[0]} x {job.result[1]} px" if job.result else ""
    look = str(job.request.recipe.get("name", ""))
    return f"<p><b>{star}{escape(job.title)}</b>: {WORDS[job.status]}, {escape(look)}{size}</p>"
