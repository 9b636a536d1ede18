"""What happens on the page: each action takes plain values and gives new ones to its parts."""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

import gradio as gr

from impasto.errors import InputError
from impasto.jobs.jobs import Jobs
from impasto.jobs.values import Job, JobRequest, JobStatus
from impasto.studio.page import making
from impasto.studio.page.choices import LOOKS, PHOTOGRAPHS, STYLES, own_styles, sample
from impasto.studio.page.compare_tab import BREADTHS, STRENGTHS, drop, title_of
from impasto.studio.page.curves import Curves
from impasto.studio.page.make_tab import BROADEST, FINEST
from impasto.studio.page.making import COLORS, PAIR, PROTECT, Controls, Wish, recipe_in
from impasto.studio.page.masks import LARGEST, painted_mask
from impasto.studio.page.pictures import lent, small
from impasto.studio.page.regions import painted_maps
from impasto.studio.page.words import EMPTY, alert, live

SEEN, THUMB = 1600, 320
"""Long sides in pixels at which the two pictures of the slider, and own styles, are shown."""


def client_of(request: gr.Request | None) -> str:
    """Name who asks, by address."""
    return request.client.host if request is not None and request.client else ""


class Actions:
    """The actions of one page over the jobs."""

    def __init__(self, jobs: Jobs) -> None:
        self.jobs, self.curves = jobs, Curves(jobs)

    # --- choosing ----------------------------------------------------------------------------

    def photograph(self, chosen: gr.SelectData) -> str:
        """Take a sample photograph."""
        return str(sample(PHOTOGRAPHS[chosen.index]))

    def painting(self, chosen: gr.SelectData) -> str:
        """Take a sample style."""
        return str(sample(STYLES[chosen.index]))

    def look(self, chosen: gr.SelectData) -> tuple[Any, ...]:
        """Take a look by its picture; a dropped recipe and a saved look no longer count."""
        name = list(LOOKS)[chosen.index]
        return (name, None, None, "", *Controls.of(making.look_of(self.jobs, name)).values)

    def saved_look(self, name: str | None) -> tuple[Any, ...]:
        """Take a look of the user's own; what comes third is a sentence."""
        try:
            if name:
                recipe = making.look_of(self.jobs, name)
                return (name, None, "", *Controls.of(recipe).values)
        except InputError as error:  # it was deleted meanwhile
            return (gr.skip(), gr.skip(), alert(str(error)), *[gr.skip()] * 6)
        return (gr.skip(),) * 9

    def saved(self) -> list[str]:
        """List the names of the user's own looks."""
        return [saved.name for saved in self.jobs.saved_recipes()]

    def own(self) -> Any:
        """List the user's own styles."""
        styles = own_styles(self.jobs)
        pictures = [(small(self.jobs, self.jobs.picture(s.id), THUMB), s.name) for s in styles]
        return gr.Gallery(pictures, visible=bool(pictures))

    def own_style(self, chosen: gr.SelectData) -> Any:
        """Take one of the user's own styles."""
        styles = own_styles(self.jobs)
        return lent(self.jobs, styles[chosen.index].id) if chosen.index < len(styles) else gr.skip()

    def to_paint_on(self, *paths: str | None) -> tuple[Any, ...]:
        """Open chosen pictures for painting over them; what comes last is a sentence."""
        if not all(paths):
            missing = "a photograph" if len(paths) == 1 else "a photograph and a style"
            return (*[gr.skip()] * len(paths), alert(f"Choose {missing} first."))
        try:
            return (*[small(self.jobs, path, LARGEST) for path in paths if path], "")
        except InputError as error:
            return (*[gr.skip()] * len(paths), alert(str(error)))

    def keep_style(self, style: str | None, request: gr.Request) -> tuple[Any, str]:
        """Keep the style in the user's gallery."""
        if not style:
            return gr.skip(), alert("Choose a style first, then keep it.")
        try:
            with Path(style).open("rb") as file:
                upload = self.jobs.upload(file, Path(style).name, client_of(request))
            self.jobs.add_to_gallery(upload.id)
        except InputError as error:
            return gr.skip(), alert(str(error))
        return self.own(), ""

    def like(self, path: str | None) -> tuple[Any, ...]:
        """Load the recipe of a picture made before."""
        if path is None:
            return (None, "", gr.skip(), *[gr.skip()] * 6)
        try:
            recipe = recipe_in(self.jobs, path)
        except InputError as error:
            return (None, alert(str(error)), gr.skip(), *[gr.skip()] * 6)
        told = f"Its recipe, {escape(recipe.name)}, is loaded; press Go."
        return (recipe.to_dict(), told, recipe.schedule.size, *Controls.of(recipe).values)

    # --- making ------------------------------------------------------------------------------

    def go(self, request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """Hand a job in; what comes first is its id."""
        try:
            job = making.start(self.jobs, self.wish(*values), client_of(request))
        except InputError as error:
            return gr.skip(), alert(str(error))
        return job.id, ""

    def compare(self, request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """Hand in a job for each of three strengths."""
        return self._several(request, values, [""])

    def sheet(self, request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """Hand in a job for each of three strengths and three breadths of strokes."""
        return self._several(request, values, list(BREADTHS))

    def _several(
        self, request: gr.Request, values: tuple[Any, ...], breadths: list[str]
    ) -> tuple[Any, ...]:
        ids: list[str] = []
        try:
            for breadth, strength in product(breadths, STRENGTHS):
                wish = self.wish(*values)
                wish = replace(
                    wish,
                    strength=strength,
                    scale=min(BROADEST, max(FINEST, wish.scale * BREADTHS[breadth])),
                    title=title_of(strength, breadth),
                )
                ids.append(making.start(self.jobs, wish, client_of(request)).id)
        except InputError as error:
            for id in ids:
                drop(self.jobs, id)
            return gr.skip(), alert(str(error)), gr.skip()
        return ids, "", gr.Tabs(selected="compare")

    def request_of(self, request: gr.Request, *values: Any) -> JobRequest:
        """Write down what was chosen; raises InputError where something is missing."""
        return making.request_of(self.jobs, self.wish(*values), client_of(request))

    def wish(
        self,
        content: str | None,
        style: str | None,
        more: list[str] | None,
        look: str,
        strength: float,
        own_strength: bool,
        size: int,
        scale: float,
        color: str,
        protect: str,
        pair: str,
        mask: dict[str, Any] | None,
        photograph_areas: dict[str, Any] | None,
        style_areas: dict[str, Any] | None,
        recipe: dict[str, Any] | None,
    ) -> Wish:
        """Gather what was chosen; raises InputError where what was painted does not pair up."""
        maps = painted_maps(photograph_areas, style_areas, more or [])
        return Wish(
            content=content,
            styles=[*([style] if style else []), *(more or [])],
            look=look,
            strength=None if own_strength else float(strength),
            size=int(size),
            scale=float(scale),
            color=COLORS[color],
            protect=PROTECT[protect],
            pair=PAIR[pair],
            mask=painted_mask(mask),
            maps=maps,
            recipe=recipe,
        )

    # --- following ---------------------------------------------------------------------------

    def follow(self, id: str, seen: tuple[Any, ...] | None) -> tuple[Any, ...]:
        """Show a job as it stands: picture, buttons, slider; and what was seen of it."""
        if not id:
            return (*[gr.skip()] * 8, seen)
        try:
            job = self.jobs.job(id)
        except InputError:
            return (
                EMPTY,
                gr.Row(visible=False),
                *[gr.skip()] * 4,
                gr.Row(visible=False),
                gr.ImageSlider(visible=False),
                None,
            )
        now = (job.id, job.status, job.step, job.seconds_left and round(job.seconds_left))
        if now == seen:
            return (*[gr.skip()] * 8, seen)
        shown = live(job, self.curves.steps(id), has_preview=self.jobs.preview(id) is not None)
        runs = job.status in (JobStatus.RUNNING, JobStatus.PAUSED)
        pause = gr.Button("Go on" if job.status is JobStatus.PAUSED else "Pause", interactive=runs)
        begun = runs and job.step > 0  # before there is nothing to keep
        cancel = gr.Button(interactive=not job.status.ended)
        buttons = [pause, gr.Button(interactive=begun), gr.Button(interactive=begun), cancel]
        there = gr.Row(visible=True)
        return (shown, there, *buttons, there, self._slider(job), now)

    def _slider(self, job: Job) -> Any:
        if not job.status.ended or job.result is None:
            return gr.ImageSlider(visible=False)
        after = small(self.jobs, self.jobs.result(job.id), SEEN)
        before = small(self.jobs, self.jobs.picture(job.request.content), SEEN)
        return gr.ImageSlider((before.resize(after.size), after), visible=True)

    def pause(self, id: str) -> str:
        """Pause a job, or let it go on."""
        return self._told(lambda: self._turn(id))

    def cancel(self, id: str) -> str:
        """End a job without a picture; one that waits never begins."""
        return self._told(lambda: self.jobs.cancel(id))

    def stop(self, id: str) -> str:
        """End a job with the picture so far."""
        return self._told(lambda: self.jobs.control(id, "stop"))

    def steer(self, id: str, strength: float) -> str:
        """Aim at another strength while the job runs."""
        return self._told(lambda: self.jobs.control(id, "strength", value=float(strength)))

    def branch(self, id: str, strength: float, request: gr.Request) -> tuple[Any, str]:
        """Make another job of the same pictures with the strength chosen now."""
        try:
            job = making.again(self.jobs, self.jobs.job(id), client_of(request), float(strength))
        except InputError as error:
            return gr.skip(), alert(str(error))
        return job.id, ""

    def save_look(self, id: str, name: str) -> tuple[Any, str]:
        """Keep a job's recipe as a look of the user's own."""
        if not id:
            return gr.skip(), alert("Make a picture first; its settings are what is kept.")
        told = self._told(lambda: self.jobs.save_recipe(name, self.jobs.job(id).request.recipe))
        names = self.saved()
        return gr.Dropdown(names, visible=bool(names)), told

    def _turn(self, id: str) -> None:
        paused = self.jobs.job(id).status is JobStatus.PAUSED
        self.jobs.control(id, "resume" if paused else "pause")

    def _told(self, do: Callable[[], Any]) -> str:
        try:
            do()
        except InputError as error:
            return alert(str(error))
        return ""
