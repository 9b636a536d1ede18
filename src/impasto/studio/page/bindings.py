"""Which part of the page does what: parts and actions put together."""

from typing import Any

import gradio as gr

from impasto.errors import InputError
from impasto.jobs.jobs import Jobs
from impasto.studio.page import compare_tab as comparing
from impasto.studio.page.actions import Actions, client_of
from impasto.studio.page.compare_tab import CompareTab
from impasto.studio.page.history_tab import MANY, HistoryTab
from impasto.studio.page.make_tab import MakeTab
from impasto.studio.page.past import Past
from impasto.studio.page.running import running
from impasto.studio.page.taste_tab import STORE, STORED, TasteTab, Tasting
from impasto.studio.page.words import alert
from impasto.studio.taste import CHOICES, Choice

EVERY = 1.0
"""Seconds between two looks at a job."""
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
REMEMBER = (
    "(id) => { const url = new URL(location); if (id) url.searchParams.set('job', id); "
    "history.replaceState(null, '', url); "
    "document.querySelector('#live')?.scrollIntoView({behavior: 'smooth', block: 'nearest'}); "
    "return id; }"
)
"""Puts the job's id in the address, by which a closed page finds it, and shows the picture."""


def bind(
    page: gr.Blocks, jobs: Jobs, tabs: Any, make: MakeTab, parts: "Shared", history: Any
) -> None:
    """Bind every part."""
    actions, past = Actions(jobs), Past(jobs)
    _choosing(actions, make, parts)
    wishes = _wishes(make, parts)
    _making(actions, make, parts, wishes, tabs)
    _following(actions, make, parts)
    _comparing(actions, parts.compare, parts, jobs)
    _tasting(page, actions, make, parts, wishes)
    _past(past, make, parts, tabs)

    def begin(request: gr.Request) -> str:
        return str(request.query_params.get("job", ""))

    page.load(begin, None, parts.job, **QUIET)
    page.load(actions.own, None, make.own, **QUIET)
    history.select(past.listed, parts.history.asked, parts.history.listed, **QUIET)


class Shared:
    """What the tabs share."""

    def __init__(
        self, compare: CompareTab, history: HistoryTab, taste: TasteTab, running: Any
    ) -> None:
        self.compare, self.history, self.taste, self.running = compare, history, taste, running
        self.job = gr.Textbox("", visible=False)
        self.seen = gr.State(None)
        self.recipe = gr.State(None)
        self.own_strength = gr.State(True)
        """The slider stands where the look put it."""
        self.timer = gr.Timer(EVERY)


def _choosing(actions: Actions, make: MakeTab, parts: Shared) -> None:
    make.photographs.select(actions.photograph, None, make.content, **QUIET)
    make.paintings.select(actions.painting, None, make.style, **QUIET)
    make.own.select(actions.own_style, None, make.style, **QUIET)
    make.keep_style.click(actions.keep_style, make.style, [make.own, make.message], **QUIET)
    shown = [make.strength, parts.own_strength, make.scale, make.color, make.protect, make.pair]
    cleared = [make.look_name, parts.recipe, make.saved, make.like_said]
    make.looks.select(actions.look, None, [*cleared, *shown], **QUIET)
    loaded = [make.look_name, parts.recipe, make.like_said]
    make.saved.input(actions.saved_look, make.saved, [*loaded, *shown], **QUIET)
    dropped = [parts.recipe, make.like_said, make.size]
    make.like.change(actions.like, make.like, [*dropped, *shown], **QUIET)
    make.strength.input(lambda: False, None, parts.own_strength, **QUIET)
    make.content.change(lambda: None, None, make.mask, **QUIET)  # painted for another one
    for picture, areas in zip((make.content, make.style), make.areas, strict=True):
        picture.change(lambda: None, None, areas, **QUIET)
    pictures, painted = [make.content, make.style], [*make.areas, make.areas_said]
    make.areas_from.click(actions.to_paint_on, pictures, painted, **QUIET)
    make.mask_from.click(actions.to_paint_on, make.content, [make.mask, make.mask_said], **QUIET)


def _wishes(make: MakeTab, parts: Shared) -> list[Any]:
    """List what `Actions.wish` takes, in its order."""
    pictures = [make.content, make.style, make.more, make.look_name]
    numbers = [make.strength, parts.own_strength, make.size, make.scale]
    return [
        *pictures,
        *numbers,
        make.color,
        make.protect,
        make.pair,
        make.mask,
        *make.areas,
        parts.recipe,
    ]


def _making(actions: Actions, make: MakeTab, parts: Shared, wishes: list[Any], tabs: Any) -> None:
    made = make.go.click(actions.go, wishes, [parts.job, make.message], **QUIET)
    made.then(None, parts.job, None, js=REMEMBER)
    asked = [parts.compare.ids, make.message, tabs]
    make.compare.click(actions.compare, wishes, asked, **QUIET)
    make.sheet.click(actions.sheet, wishes, asked, **QUIET)
    make.pause.click(actions.pause, parts.job, make.message, **QUIET)
    make.stop.click(actions.stop, parts.job, make.message, **QUIET)
    make.cancel.click(actions.cancel, parts.job, make.message, **QUIET)
    make.steer.click(actions.steer, [parts.job, make.strength], make.message, **QUIET)
    branched = make.branch.click(
        actions.branch, [parts.job, make.strength], [parts.job, make.message], **QUIET
    )
    branched.then(None, parts.job, None, js=REMEMBER)
    make.save.click(
        actions.save_look, [parts.job, make.save_name], [make.saved, make.message], **QUIET
    )


def _following(actions: Actions, make: MakeTab, parts: Shared) -> None:
    buttons = [make.pause, make.stop, make.steer, make.cancel]
    shown = [make.live, make.steering, *buttons, make.keeping, make.slider, parts.seen]
    parts.timer.tick(actions.follow, [parts.job, parts.seen], shown, **QUIET)
    parts.timer.tick(
        lambda id, compared, tasted: running(actions.jobs, {id, *compared, *tasted}),
        [parts.job, parts.compare.ids, parts.taste.ids],
        parts.running,
        **QUIET,
    )


def _comparing(actions: Actions, compare: CompareTab, parts: Shared, jobs: Jobs) -> None:
    def look(ids: list[str]) -> list[Any]:
        return comparing.look(jobs, compare, ids)

    parts.timer.tick(look, compare.ids, compare.shown, **QUIET)
    for number, button in enumerate(compare.keep):

        def keep(ids: list[str], number: int = number) -> tuple[Any, str]:
            try:
                comparing.keep_one(jobs, ids, number)
            except InputError as error:
                return gr.skip(), alert(str(error))
            return [], "<p role='status'>Kept, as a favorite: it is in the history.</p>"

        kept = button.click(keep, compare.ids, [compare.ids, compare.said], **QUIET)
        resting = [gr.update(interactive=False)] * len(compare.keep)
        kept.then(lambda resting=resting: resting, None, compare.keep, **QUIET)


def _tasting(
    page: gr.Blocks,
    actions: Actions,
    make: MakeTab,
    parts: Shared,
    wishes: list[Any],
) -> None:
    taste, tasting = parts.taste, Tasting(actions.jobs)

    def begin(request: gr.Request, kept: str, *values: Any) -> tuple[Any, ...]:
        try:
            return tasting.begin(actions.request_of(request, *values), kept)
        except InputError as error:
            return (*(gr.skip(),) * 9, alert(str(error)))

    taste.begin.click(begin, [taste.kept, *wishes], taste.shown, **QUIET)
    for button, choice in zip(taste.choose, CHOICES, strict=True):

        def answer(kept: str, request: gr.Request, choice: Choice = choice) -> tuple[Any, ...]:
            return tasting.answer(kept, choice, client_of(request))

        button.click(answer, taste.kept, taste.shown, **QUIET)
    page.load(tasting.again, taste.kept, taste.shown, js=STORED, **QUIET)
    taste.kept.change(None, taste.kept, None, js=STORE)
    parts.timer.tick(tasting.pictures, taste.ids, taste.pictures, **QUIET)

    def keep(kept: str, name: str) -> tuple[Any, ...]:
        saved, said = tasting.keep(kept, name)
        chosen = gr.Dropdown(actions.saved(), value=saved, visible=True) if saved else gr.skip()
        return (chosen, said, *actions.saved_look(saved))

    shown = [make.strength, parts.own_strength, make.scale, make.color, make.protect, make.pair]
    loaded = [make.look_name, parts.recipe, make.like_said]
    told = [make.saved, taste.said, *loaded, *shown]
    taste.keep.click(keep, [taste.kept, taste.name], told, **QUIET)


def _past(past: Past, make: MakeTab, parts: Shared, tabs: Any) -> None:
    history = parts.history
    asked, listed = history.asked, history.listed
    history.older.click(lambda many: many + MANY, history.many, history.many, **QUIET).then(
        past.listed, asked, listed, **QUIET
    )
    for trigger in (history.refresh.click, history.search.submit, history.favorites.change):
        trigger(past.listed, asked, listed, **QUIET)
    history.search.change(past.listed, asked, listed, **QUIET)
    shown = [history.chosen, history.about, *history.buttons]
    history.gallery.select(past.choose, history.ids, shown, **QUIET)
    opened = history.open.click(
        lambda id: (id, None, gr.Tabs(selected="make")),
        history.chosen,
        [parts.job, parts.seen, tabs],
        **QUIET,
    )
    opened.then(None, parts.job, None, js=REMEMBER)
    controls = [make.strength, parts.own_strength, make.scale, make.color, make.protect, make.pair]
    repeated = [make.style, make.more, parts.recipe, make.like_said, make.size, make.content, tabs]
    history.repeat.click(
        past.repeat, history.chosen, [*repeated, *controls, history.about], **QUIET
    )
    history.favorite.click(past.favorite, history.chosen, history.about, **QUIET).then(
        past.listed, asked, listed, **QUIET
    )
    history.delete.click(past.delete, history.chosen, shown, **QUIET).then(
        past.listed, asked, listed, **QUIET
    )
