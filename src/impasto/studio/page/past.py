"""What can be done with pictures that were made before."""

from html import escape
from typing import Any

import gradio as gr
from PIL import Image

from impasto.errors import InputError
from impasto.jobs.jobs import Jobs
from impasto.recipe import Recipe
from impasto.studio.page.history_tab import found, thumbnails
from impasto.studio.page.making import Controls
from impasto.studio.page.words import about


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
        return about(self.jobs.favorite(id, not job.favorite))

    def delete(self, id: str) -> tuple[Any, ...]:
        """Remove it, with everything it made."""
        try:
            self.jobs.delete(id)
        except InputError as error:
            return (id, f"<p role='alert'>{escape(str(error))}</p>", *self._buttons(id))
        return (None, "", *self._buttons(None))

    def repeat(self, id: str) -> tuple[Any, ...]:
        """Take its styles and settings for another photograph."""
        job = self.jobs.job(id)
        style, *more = [str(self.jobs.picture(style)) for style in job.request.styles]
        recipe = Recipe.from_dict(job.request.recipe)
        told = f"Settings of '{escape(job.title)}' are loaded: choose a photograph, then Go."
        controls = Controls.of(recipe).values
        if recipe.guides.protect == "mask":  # it was painted for the other photograph
            recipe = recipe.changed({"guides.protect": "none"})
        picture = Image.open(style).convert("RGB")
        size, tab = recipe.schedule.size, gr.Tabs(selected="make")
        return (picture, more or None, recipe.to_dict(), told, size, None, tab, *controls)

    def _shown(self, id: str) -> tuple[Any, ...]:
        return (id, about(self.jobs.job(id)), *self._buttons(id))

    def _buttons(self, id: str | None) -> list[Any]:
        """Open, repeat, favorite, delete."""
        return [gr.Button(interactive=id is not None)] * 4
