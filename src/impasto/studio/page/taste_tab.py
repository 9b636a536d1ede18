"""The tab where a look is found: two pictures and a question, until the recipe is known."""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import gradio as gr

from impasto.errors import InputError
from impasto.jobs.jobs import Jobs
from impasto.jobs.values import JobRequest
from impasto.recipe import Recipe
from impasto.studio import taste as tasting
from impasto.studio.page.compare_tab import drop
from impasto.studio.page.words import alert, live
from impasto.studio.taste import Choice, Taste

HINT = (
    "<div class='hint'>Choose pictures and a look under Make, then begin: you are shown two "
    "pictures at a time and say which one you like better. The last answer makes a look of your "
    "own.</div>"
)
STORE = (
    "(kept) => { if (kept) localStorage.setItem('impasto-taste', kept); "
    "else localStorage.removeItem('impasto-taste'); return []; }"
)
STORED = "() => [localStorage.getItem('impasto-taste') || '']"
"""Keep the questions in the browser, and get them from there."""
ENDED = "<p role='status'>That is your look. Give it a name to keep it.</p>"


@dataclass(frozen=True, kw_only=True)
class TasteTab:
    """The parts of the tab that do something."""

    begin: Any
    question: Any
    pair: Any
    """The row of two pictures."""
    pictures: list[Any]
    choose: list[Any]
    """This one, this one, neither."""
    ending: Any
    """The row that keeps the look."""
    name: Any
    keep: Any
    said: Any
    kept: Any
    """The questions so far, as JSON; the browser keeps it, so that they outlive the page."""
    ids: Any
    """The two jobs that are shown."""

    @property
    def shown(self) -> list[Any]:
        """What changes from question to question."""
        row = [self.question, self.begin, self.pair, *self.choose, self.ending, self.said]
        return [self.kept, self.ids, *row]


def taste_tab() -> TasteTab:
    """Lay the tab out, inside of a tab."""
    question = gr.HTML(HINT, elem_id="question")
    begin = gr.Button("Begin", variant="primary", elem_id="taste-begin")
    pictures, choose = [], []
    with gr.Row(visible=False) as pair:
        for letter in "ab":
            with gr.Column(min_width=300):
                pictures.append(
                    gr.HTML("", elem_id=f"taste-{letter}", elem_classes=["compared", "tasted"])
                )
                choose.append(gr.Button("This one", elem_id=f"choose-{letter}"))
    choose.append(gr.Button("Neither", visible=False, size="sm", elem_id="choose-neither"))
    with gr.Row(visible=False, equal_height=True) as ending:
        name = gr.Textbox(
            label="Name of your look", placeholder="A name", scale=3, elem_id="taste-name"
        )
        keep = gr.Button("Keep", variant="primary", scale=1, min_width=80, elem_id="taste-keep")
    return TasteTab(
        begin=begin,
        question=question,
        pair=pair,
        pictures=pictures,
        choose=choose,
        ending=ending,
        name=name,
        keep=keep,
        said=gr.HTML("", elem_id="taste-said"),
        kept=gr.Textbox("", visible=False),
        ids=gr.State([]),
    )


class Tasting:
    """What happens on the tab. Each action gives what `TasteTab.shown` takes."""

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs

    def begin(self, request: JobRequest, kept: str = "") -> tuple[Any, ...]:
        """Ask the first question about pictures and a look.

        Args:
            request: what was chosen.
            kept: the questions before, which end.

        Raises:
            InputError: nothing about the look can be chosen so, or a job is refused.
        """
        taste = Taste.of(Recipe.from_dict(request.recipe))
        shown = self._asked(request, taste, len(taste.questions))
        with suppress(InputError, KeyError, TypeError):
            self._drop(_read(kept)[0]["ids"])
        return shown

    def again(self, kept: str) -> tuple[Any, ...]:
        """Go on with what the browser has kept; nothing where that is not known any more."""
        if not kept:
            return (gr.skip(),) * 10
        try:
            values, taste = _read(kept)
            for id in values["ids"]:
                self.jobs.job(id)
            return self._shown(values, taste)
        except (InputError, KeyError, TypeError):
            return ("", *(gr.skip(),) * 9)

    def answer(self, kept: str, choice: Choice, client: str) -> tuple[Any, ...]:
        """Take an answer of a client, and ask what comes next."""
        try:
            values, before = _read(kept)
            taste = before.chosen(choice)
            # What the browser kept may be anything; who asks is known from elsewhere.
            request = replace(JobRequest.from_dict(values["request"]), client=client)
            shown = self._asked(request, taste, values["questions"])
        except (InputError, KeyError, TypeError) as error:
            return (*(gr.skip(),) * 9, alert(str(error)))
        self._drop(values["ids"])
        return shown

    def pictures(self, ids: list[str]) -> list[Any]:
        """Show the two pictures as they stand."""
        if not ids:
            return [gr.skip(), gr.skip()]
        found = []
        for id in ids:
            try:
                job = self.jobs.job(id)
            except InputError:
                found.append("")
                continue
            found.append(live(job, [], has_preview=self.jobs.preview(id) is not None))
        return found

    def keep(self, kept: str, name: str) -> tuple[str | None, str]:
        """Keep the look under a name; return that name, None where it is not kept; a sentence."""
        try:
            if not kept:
                raise InputError("Begin first: there is no look to keep yet.")
            saved = tasting.keep(self.jobs, name, _read(kept)[1])
        except InputError as error:
            return None, alert(str(error))
        told = f"<p role='status'>Kept: '{escape(saved.name)}' is among your looks under Make.</p>"
        return saved.name, told

    def _asked(self, request: JobRequest, taste: Taste, questions: int) -> tuple[Any, ...]:
        jobs = () if taste.is_known else tasting.hand_in(self.jobs, request, taste)
        bare = replace(request, recipe={})
        kept = {
            "request": bare.to_dict(),
            "taste": taste.to_dict(),
            "questions": questions,
            "ids": [job.id for job in jobs],
        }
        return self._shown(kept, taste)

    def _shown(self, kept: dict[str, Any], taste: Taste) -> tuple[Any, ...]:
        asks = not taste.is_known
        number = kept["questions"] - len(taste.questions) + 1
        text = ENDED if not asks else _question(taste, number, kept["questions"])
        words = [f"This one: {way.words}" for way in taste.ways()] if asks else ["", ""]
        buttons = [gr.Button(word or "This one", visible=asks) for word in words]
        return (
            json.dumps(kept),
            kept["ids"],
            text,
            gr.Button("Begin anew", variant="secondary", size="sm"),
            gr.Row(visible=asks),
            *buttons,
            gr.Button(visible=asks),
            gr.Row(visible=not asks),
            "",
        )

    def _drop(self, ids: list[str]) -> None:
        """End trials that were answered; those that are done go, as they were only to choose by."""
        for id in ids:
            drop(self.jobs, id)


def _read(kept: str) -> tuple[dict[str, Any], Taste]:
    """Read what the browser has kept, which may be anything; raises InputError where it is."""
    try:
        values = json.loads(kept)
        return values, Taste.from_dict(values["taste"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("These questions are of another page; begin anew.") from error


def _question(taste: Taste, number: int, questions: int) -> str:
    one, other = (escape(way.words) for way in taste.ways())
    return f"<p role='status'>{number} of {questions}: {one}, or {other}?</p>"
