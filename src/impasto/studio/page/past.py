"""What can be done with pictures that were made before."""

from html import escape
from typing import Any

import gradio as gr

from impasto.errors import InputError
from impasto.jobs.jobs import Jobs
from impasto.recipe import Recipe
from impasto.studio.page.history_tab import MANY, found, thumbnails
from impasto.studio.page.making import Controls
from impasto.studio.page.pictures import lent
from impasto.studio.page.words import about, alert


class Past:
    """The actions of the history."""

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs

    def listed(self, search: str, favorites: bool, many: int = MANY) -> tuple[Any, ...]:
        """List what was made."""
        shown, more = found(self.jobs, search, favorites=favorites, many=many)
        pictures = thumbnails(self.jobs, shown)
        gallery = gr.Gallery(pictures, selected_index=None)
        return gallery, [job.id for job in shown], gr.Button(visible=more)

    def choose(self, ids: list[str], chosen: gr.SelectData) -> tuple[Any, ...]:
        """Choose one."""
        return self._shown(ids[chosen.index])

    def favorite(self, id: str) -> str:
        """Make it a favorite, or not any more."""
        try:
            job = self.jobs.job(id)
            return about(self.jobs.favorite(id, not job.favorite))
        except InputError as error:
            return alert(str(error))

    def delete(self, id: str) -> tuple[Any, ...]:
        """Remove it, with everything it made."""
        try:
            self.jobs.delete(id)
        except InputError as error:
            return (id, alert(str(error)), *self._buttons(id))
        return (None, "", *self._buttons(None))

    def repeat(self, id: str) -> tuple[Any, ...]:
        """Take its styles and settings for another photograph; what comes last is a sentence."""
        try:
            return (*self._repeated(id), gr.skip())
        except InputError as error:
            return (*[gr.skip()] * 13, alert(str(error)))

    def _repeated(self, id: str) -> tuple[Any, ...]:
        job = self.jobs.job(id)
        style, *more = [lent(self.jobs, style) for style in job.request.styles]
        recipe = Recipe.from_dict(job.request.recipe)
        told = f"Settings of '{escape(job.title)}' are loaded: choose a photograph, then Go."
        controls = Controls.of(recipe).values
        if recipe.guides.protect == "mask":  # it was painted for the other photograph
            recipe = recipe.changed({"guides.protect": "none"})
        size, tab = recipe.schedule.size, gr.Tabs(selected="make")
        return (style, more or None, recipe.to_dict(), told, size, None, tab, *controls)

    def _shown(self, id: str) -> tuple[Any, ...]:
        try:
            return (id, about(self.jobs.job(id)), *self._buttons(id))
        except InputError as error:
            return (None, alert(str(error)), *self._buttons(None))

    def _buttons(self, id: str | None) -> list[Any]:
        """Open, repeat, favorite, delete."""
        return [gr.Button(interactive=id is not None)] * 4
