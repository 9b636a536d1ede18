"""Sentences, observations, quiz and text: computed from the run, and different for another."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from impasto.engine.control import Control
from impasto.errors import InputError, RecipeError
from impasto.events import Step
from impasto.explain.invariance import correlations, positions
from impasto.explain.loss_story import observation
from impasto.explain.report import Report
from impasto.explain.sections import SECTIONS, SectionStarted, check
from impasto.explain.text import report_text
from impasto.explaining import chosen_recipe, explain, explain_events
from impasto.features.architectures import VGG19
from impasto.images.picture import Picture
from impasto.trace import TraceRow


def row(step, **losses):
    return TraceRow(step, 1, 48, 64, {"total": sum(losses.values()), **losses}, 0.1 * step)


def test_observations_follow_the_numbers():
    before = row(10, content=1.0, style=4.0)
    assert observation(row(20, content=1.5, style=2.0), before) == (
        "style fell by 50%, content rose by 50%: likeness is paid for style"
    )
    assert "both are still won together" in observation(row(20, content=0.8, style=2.0), before)
    assert "style gives back" in observation(row(20, content=0.5, style=5.0), before)
    assert "hardly anything moves" in observation(row(20, content=1.001, style=4.0), before)
    assert observation(row(1, content=3.0, style=1.0), None) == (
        "style is 25% of the total, content 75%"
    )
    larger = replace(row(20, content=1.0, style=1.0), width=128, height=96)
    assert "a larger size, 128 x 96" in observation(larger, before)


def test_the_quiz_of_another_run_has_other_answers(report, other):
    mine, theirs = ({q.text: q.right for q in run.questions} for run in (report, other))
    shared = mine.keys() & theirs.keys()
    assert len(shared) >= 4
    different = {text for text in shared if mine[text] != theirs[text]}
    assert "How many numbers did the optimizer change at each step?" in different
    assert "The style loss at the first step is how many times that of the last?" in different
    assert len(different) >= 3


def test_right_answers_are_right(report, other):
    for run in (report, other):
        answers = {q.text: q.right for q in run.questions}
        height, width = run.recording.last.image.shape[-2:]
        rows = run.recording.trace.rows
        assert answers["How many numbers did the optimizer change at each step?"] == (
            f"{3 * height * width:,}"
        )
        fall = rows[0].losses["style"] / rows[-1].losses["style"]
        text = "The style loss at the first step is how many times that of the last?"
        assert answers[text] == f"{fall:.1f}"
        last = {k: v for k, v in rows[-1].losses.items() if k.startswith("style.")}
        assert (
            f"style.{answers['Which layer has the largest share of the style loss at the end?']}"
            == (
                max(last, key=last.__getitem__)  # all layers weigh the same in this recipe
            )
        )
        larger = max(("content", "style"), key=lambda name: rows[-1].losses[name])
        assert answers["Which weighted loss is larger where the run ended?"] == larger


def test_options_are_different_and_hold_the_answer(report):
    assert len(report.questions) == 7
    for question in report.questions:
        assert len(set(question.options)) == len(question.options) >= 3
        assert question.look in SECTIONS
    assert len({question.answer for question in report.questions}) > 1


def test_five_sentences_with_the_runs_numbers(report, other):
    assert len(report.sentences) == len(other.sentences) == 5
    rows = report.recording.trace.rows
    assert f"{rows[-1].losses['style']:.3g}" in report.sentences[1]
    assert f"{rows[-1].losses['content']:.3g}" in report.sentences[2]
    assert "rose from 0" in report.sentences[2]
    share = rows[-1].losses["content"] / rows[-1].losses["total"]
    assert f"{share:.0%} of the total" in report.sentences[2]
    assert "fell from" in other.sentences[2]
    assert not set(report.sentences) & set(other.sentences)


def test_the_same_features_are_alike_and_others_are_not():
    generator = torch.Generator().manual_seed(1)
    a, b = (torch.rand(1, 6, 9, 9, generator=generator) for _ in range(2))
    assert positions(a, a) == pytest.approx(1)
    assert positions(a, 2 * a + 3) == pytest.approx(1)
    assert abs(positions(a, b)) < 0.3
    assert positions(a, -a) == pytest.approx(-1)
    assert correlations(a, a.flip(-1)) == pytest.approx(1)
    assert abs(positions(a, a.flip(-1))) < 0.6
    assert positions(a, torch.zeros_like(a)) == 0


def test_invariance_is_measured_against_numpy(report):
    found, subject = report.invariance, report.subject
    layer = found.layers[2]
    extract = subject.extractor
    one, two = (
        extract(x, [layer])[layer][0].flatten(1).double().numpy()
        for x in (subject.content, subject.content.flip(-1))
    )
    one, two = one - one.mean(1, keepdims=True), two - two.mean(1, keepdims=True)
    expected = (one * two).sum() / ((one**2).sum() * (two**2).sum()) ** 0.5
    assert found.content["mirrored"][2] == pytest.approx(expected, abs=1e-5)
    assert found.content["another picture"][0] < found.content["blurred"][0]


def test_the_trade_off_trades(report):
    found = report.tradeoff
    assert len(found.cells) == 9
    style_wins, content_wins = found.cell(0, 2), found.cell(2, 0)
    assert style_wins.content > content_wins.content
    assert style_wins.style < content_wins.style
    content, noise = found.starts
    assert content.trace.rows[0].losses["content"] == 0 < noise.trace.rows[0].losses["content"]


def test_sections_are_announced_in_order(events, report):
    started = [event for event in events if isinstance(event, SectionStarted)]
    assert [event.name for event in started] == list(SECTIONS) == list(report.sections)
    assert [event.number for event in started] == list(range(1, 12))


def test_the_text_for_a_terminal(report):
    text = report_text(report, 80)
    assert "relu4_2 content" in text
    assert "1 × 48 × 64 × 16" in text
    chart = [line for line in text.splitlines() if "|" in line]
    assert len(chart) == 12
    assert all(len(line) <= 80 for line in chart)
    assert chart[0].count("*") >= 1  # the total is highest where the run began
    assert report.sentences[0] in text
    assert "c content" in text


def test_what_cannot_be_explained_is_refused(content, style):
    recipe = chosen_recipe("lesson")
    with pytest.raises(InputError, match="did you mean losses"):
        check(recipe, ("loses",))
    with pytest.raises(InputError, match="at least one section"):
        check(recipe, ())
    with pytest.raises(RecipeError, match=r"style\.weight is 0"):
        check(recipe.changed({"style.weight": 0.0}), ("gram",))
    narrow = Picture(torch.rand(3, 10, 100))
    with pytest.raises(InputError, match="short side of at least 32"):
        explain(narrow, style, size=100, sections=("gram",))


def test_quick_counts_under_what_is_given():
    assert chosen_recipe("lesson", quick=True).schedule.size == 160
    given = chosen_recipe("lesson", quick=True, size=200, settings={"schedule.steps": 7})
    assert (given.schedule.size, given.schedule.steps) == (200, 7)


def test_explain_listens_and_returns_a_report(content, style):
    heard = []
    report = explain(
        content,
        style,
        settings={"schedule.size": 48, "schedule.steps": 2},
        sections=("papers",),
        listen=heard.append,
    )
    assert isinstance(report, Report)
    assert report.pipeline is None
    assert "Step" in {type(event).__name__ for event in heard}
    assert {paper.year for paper in report.papers} >= {2015, 2016}


def test_a_run_that_is_stopped_is_explained_as_far_as_it_came(content, style):
    control = Control()
    recipe = chosen_recipe("lesson", settings={"schedule.size": 48, "schedule.steps": 9})
    sections = ("content", "losses")
    events = explain_events(content, style, recipe=recipe, sections=sections, control=control)
    for event in events:
        if isinstance(event, Step) and event.step == 3:
            control.stop("enough")
    assert isinstance(event, Report)
    assert event.sections == ("losses",)
    assert [noted.row.step for noted in event.losses.table] == [1, 3]
    html = event.html()
    assert "The run was stopped: enough" in html
    assert "3 steps at 48 × 36 px" in html


def test_a_run_that_is_stopped_at_its_first_size_is_explained(content, style):
    settings = {"schedule.size": 96, "schedule.first": 48, "schedule.steps": 20}
    recipe = chosen_recipe("lesson", settings=settings)
    control = Control()
    events = explain_events(
        content, style, recipe=recipe, sections=("pipeline", "losses"), control=control
    )
    for event in events:
        if isinstance(event, Step) and event.step == 2:
            control.stop("enough")
    rows = event.recording.trace.rows
    assert (rows[-1].width, event.subject.generated.shape[-1]) == (48, 96)
    assert event.iteration.losses == dict(rows[-1].losses)
    assert event.losses.pull("style", "end").map.shape == (36, 48)
    assert "enough" in event.html()


def test_nothing_is_reported_of_a_run_stopped_before_it_began(content, style):
    control = Control()
    control.stop()
    recipe = chosen_recipe("lesson", settings={"schedule.size": 48, "schedule.steps": 9})
    events = list(explain_events(content, style, recipe=recipe, control=control))
    assert not [event for event in events if isinstance(event, Report)]


@pytest.mark.slow
def test_vgg19_is_explained_too(content, style, tmp_path):
    generator = torch.Generator().manual_seed(7)
    weights = {
        name: torch.randn(shape, generator=generator) * (2 / (9 * shape[1])) ** 0.5
        if len(shape) == 4
        else torch.zeros(shape)
        for name, shape in VGG19.weight_shapes().items()
    }
    save_file(weights, tmp_path / "vgg19.safetensors")
    report = explain(
        content,
        style,
        weights=tmp_path / "vgg19.safetensors",
        settings={
            "network.name": "vgg19",
            "network.sha256": "",
            "schedule.size": 64,
            "schedule.steps": 3,
        },
        sections=("pipeline", "gram", "insight"),
    )
    assert report.pipeline.parameters == 12_944_960  # down to conv5_1
    assert report.pipeline.layers[-1].shape.nchw == (1, 512, 3, 4)
    assert report.gram.style[-1].channels == 512
    assert "computed on paper" in report.html()
