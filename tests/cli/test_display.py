"""The display: what it shows, how wide, and how it estimates the time left."""

import io

import pytest
import torch
from rich.console import Console

from impasto.cli import display
from impasto.cli.display import LiveDisplay, clock, number
from impasto.cli.listeners import Plan
from impasto.cli.progress import Progress
from impasto.events import (
    PlannedStage,
    Prepared,
    Resumed,
    StageFinished,
    StageStarted,
    Step,
    Warned,
)

STAGES = (PlannedStage(10, 10, 10), PlannedStage(20, 20, 5))
PREPARED = Prepared("pocket-v1", "cpu", "fp32", STAGES, margin=0)
PLAN = Plan(PREPARED, time_limit=None, threads=2)
FIRST = StageStarted(1, 2, 85, 128, 10)
SECOND = StageStarted(2, 2, 170, 256, 5)
IMAGE = torch.zeros(1, 3, 2, 2)


def step(number, stage=1, seconds=None):
    losses = {"total": 1.5, "content": 0.5, "style": 1.0, "style.relu1_1": 1.0}
    return Step(stage, number, 15, losses, float(number) if seconds is None else seconds, IMAGE)


def test_the_time_left_weighs_steps_by_the_size_of_their_stage():
    progress = Progress(PLAN)
    progress.stage_started(FIRST)
    progress.step(step(1))
    assert progress.seconds_left is None
    for index in range(2, 6):
        progress.step(step(index))
    assert progress.fraction == pytest.approx(500 / 3000)
    assert progress.seconds_left == pytest.approx(5 + 5 * 4)


def test_the_border_around_the_image_is_work_too():
    framed = Prepared("pocket-v1", "cpu", "fp32", STAGES, margin=5)
    assert Plan(framed, time_limit=None, threads=2).pixels == [20 * 20, 30 * 30]


def test_a_stage_that_converged_early_counts_as_done():
    progress = Progress(PLAN)
    progress.stage_started(FIRST)
    progress.step(step(1))
    progress.step(step(2))
    progress.stage_started(SECOND)
    assert progress.fraction == pytest.approx(1000 / 3000)


@pytest.mark.parametrize(("step_done", "stage", "share"), [(4, FIRST, 400), (12, SECOND, 1800)])
def test_steps_of_an_earlier_process_count_as_done(step_done, stage, share):
    progress = Progress(Plan(PREPARED, time_limit=10, threads=2))
    progress.resumed(Resumed(step_done, 100.0, "run"))
    progress.stage_started(stage)
    assert progress.fraction == pytest.approx(share / 3000)
    pixels = 100 if stage is FIRST else 400
    for index in (1, 2):
        progress.step(step(step_done + index, stage.stage, seconds=100.0 + index))
    assert progress.fraction == pytest.approx((share + 2 * pixels) / 3000)
    assert progress.seconds_left == pytest.approx(min(8, (3000 - share - 2 * pixels) / pixels))


def test_the_time_left_is_within_the_limit():
    progress = Progress(Plan(PREPARED, time_limit=10, threads=2))
    progress.stage_started(FIRST)
    progress.step(step(1))
    progress.step(step(2))
    assert progress.seconds_left == pytest.approx(8)


def shown(width=80, stopping=False, encoding="utf-8"):
    """What a terminal shows in the middle of the second stage: (lines before, live lines)."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace")
    console = Console(file=file, force_terminal=True, width=width, highlight=False, markup=False)
    live = LiveDisplay(console, "photo.png + painting.png", "default", lambda: stopping)
    live.planned(PLAN)
    live.event(PREPARED)
    live.event(FIRST)
    for index in range(1, 11):
        live.event(step(index))
    live.event(StageFinished(1, IMAGE))
    live.event(SECOND)
    live.event(step(11, stage=2))
    with console.capture() as before:
        live.event(Warned("[watch] out"))
    with console.capture() as now:
        console.print(live._view())
    return before.get(), now.get().splitlines()


def plain(line):
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", line)


def test_the_live_view_at_80_columns():
    before, lines = shown()
    assert "warning: [watch] out" in before
    place, bar, losses = (plain(line) for line in lines)
    assert place.startswith("  stage 2 of 2   256 x 170 px")
    assert place.endswith("about 0:16 left")
    assert bar.endswith("step 11/15")
    assert bar.startswith("  ━━━")
    assert losses == "  loss 1.5 = content 0.5000 + style 1"
    assert all(len(plain(line)) <= 80 for line in lines)


@pytest.mark.parametrize("width", [30, 40, 200])
def test_other_widths_do_not_fail(width):
    _, lines = shown(width)
    assert all(len(plain(line)) <= width for line in lines)


def test_a_terminal_without_unicode_gets_ascii():
    _, lines = shown(encoding="ascii")
    assert all(plain(line).isascii() for line in lines)


def test_it_says_that_it_is_stopping():
    _, lines = shown(stopping=True)
    assert "press Ctrl-C again to abort" in plain(lines[-1])


def test_the_live_display_leaves_plain_lines_behind(stylize, folder, monkeypatch):
    monkeypatch.setattr(display, "PlainDisplay", display.LiveDisplay)
    result = stylize("-o", "out.png")
    assert result.exit_code == 0, result.output
    assert "1/2" in result.stderr
    assert "2/2" in result.stderr


def test_numbers_and_clocks():
    assert [number(x) for x in (0, 0.00012345, 0.25, 12.3456, 1234567.0)] == [
        "0",
        "0.0001234",
        "0.2500",
        "12.35",
        "1.235e+06",
    ]
    assert [clock(x) for x in (0, 59.6, 75, 3700)] == ["0:00", "1:00", "1:15", "1:01:40"]
