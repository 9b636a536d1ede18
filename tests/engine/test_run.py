"""The run: its events, its guards, and what others may do to it while it works."""

import itertools
import threading
import time
from types import SimpleNamespace

import pytest
import torch

from impasto.engine.balance import content_factor
from impasto.engine.control import Control
from impasto.engine.framing import Framing
from impasto.engine.losses import Losses
from impasto.engine.objective import Objective
from impasto.engine.optimizers.adam import Adam
from impasto.engine.optimizers.lbfgs import LBFGS
from impasto.engine.optimizers.optimizer import Update
from impasto.engine.run import Job, run
from impasto.engine.schedule import Stage
from impasto.engine.targets import content_target, free_target, style_target
from impasto.errors import InputError
from impasto.events import (
    Balanced,
    Finished,
    StageFinished,
    StageStarted,
    Status,
    Step,
    Warned,
)
from impasto.losses.content import ContentLoss
from impasto.losses.moments import MomentsLoss
from impasto.losses.term import Term
from impasto.losses.total_variation import TotalVariationLoss
from impasto.timeline import Kind, TimelineEntry


def picture(height: int, width: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=generator, dtype=torch.float64)


def pixels_only(image, layers):
    """Stands for a network: the only layer is the image."""
    return {"pixels": image}


def objective(stage: Stage, form: str = "mean", content: float = 1.0) -> Objective:
    """The content, style and variation of the pixels themselves."""
    here = {"pixels": 1.0}
    contents = torch.nn.functional.interpolate(picture(8, 8, 1), (stage.height, stage.width))
    terms = []
    if content:
        term = Term("content", ContentLoss(form), here, content)
        terms.append(content_target(pixels_only, term, contents, Framing()))
    style = Term("style", MomentsLoss(), here, 0.1)
    terms.append(style_target(pixels_only, style, [picture(9, 7, 2) ** 2]))
    terms.append(free_target(Term("total_variation", TotalVariationLoss(), here, 0.01)))
    return Objective(pixels_only, terms)


def one_stage(steps: int = 6, side: int = 8) -> list[Stage]:
    return [Stage(1, side, side, steps)]


def job(**changes) -> Job:
    plain = {
        "stages": one_stage(),
        "objective": objective,
        "start": lambda stage: torch.full((1, 3, stage.height, stage.width), 0.5).double(),
        "optimizer": Adam(0.02),
    }
    return Job(**(plain | changes))


def finished(work: Job, control: Control | None = None) -> Finished:
    *_, last = run(work, control)
    assert isinstance(last, Finished)
    return last


class Scripted:
    """Adam that fails at chosen calls, counted over all its successors."""

    def __init__(self, fail, rate: float = 0.02, calls: list | None = None) -> None:
        self.fail, self.rate, self.calls = fail, rate, [] if calls is None else calls
        self.inner = Adam(rate)

    def step(self, image, evaluate, pace=1.0):
        self.calls.append((self.rate, image))
        update = self.inner.step(image, evaluate, pace)
        return self.fail(len(self.calls), update)

    def objective_changed(self, *, slightly=False):
        self.inner.objective_changed(slightly=slightly)

    def resized(self, height, width):
        return Scripted(self.fail, self.rate, self.calls)

    def slower(self, factor):
        return Scripted(self.fail, self.rate * factor, self.calls)


def with_total(update: Update, total: float) -> Update:
    return Update(Losses(torch.tensor(total), {}, {}), update.image)


def with_nan_pixels(update: Update) -> Update:
    return Update(update.losses, update.image * float("nan"))


FAILURES = {
    "loss not a number": lambda update: with_total(update, float("nan")),
    "loss infinite": lambda update: with_total(update, float("inf")),
    "loss exploding": lambda update: with_total(update, 1e9),
    "pixels not numbers": with_nan_pixels,
}


class TestEvents:
    def test_of_two_stages_come_in_order(self):
        stages = [Stage(1, 8, 10, 2), Stage(2, 12, 15, 3)]
        events = list(run(job(stages=stages)))
        kinds = [type(event) for event in events]
        assert kinds == [
            *(StageStarted, Step, Step, StageFinished),
            *(StageStarted, Step, Step, Step, StageFinished, Finished),
        ]
        assert events[0] == StageStarted(stage=1, stages=2, height=8, width=10, steps=2)
        steps = [event for event in events if isinstance(event, Step)]
        assert [(s.stage, s.step, s.steps) for s in steps] == [
            (1, 1, 5),
            (1, 2, 5),
            (2, 3, 5),
            (2, 4, 5),
            (2, 5, 5),
        ]
        assert [tuple(s.image.shape[-2:]) for s in steps] == [(8, 10)] * 2 + [(12, 15)] * 3

    def test_the_trace_has_a_row_for_every_step_with_its_losses(self):
        events = list(run(job(stages=[Stage(1, 8, 10, 2), Stage(2, 12, 15, 3)])))
        rows = events[-1].trace.rows
        steps = [event for event in events if isinstance(event, Step)]
        assert [row.losses for row in rows] == [step.losses for step in steps]
        assert [(r.step, r.stage, r.height, r.width) for r in rows] == [
            (1, 1, 8, 10),
            (2, 1, 8, 10),
            (3, 2, 12, 15),
            (4, 2, 12, 15),
            (5, 2, 12, 15),
        ]
        assert all(a.seconds <= b.seconds for a, b in itertools.pairwise(rows))

    def test_losses_are_those_before_the_update(self):
        work = job()
        first = finished(work).trace.rows[0].losses
        stage = work.stages[0]
        wanted = objective(stage).losses(work.start(stage)).values()
        assert first == pytest.approx(wanted)
        assert set(first) == {
            *("total", "content", "style", "total_variation"),
            *("content.pixels", "style.pixels", "total_variation.pixels"),
        }

    def test_the_loss_falls_and_the_run_completes(self):
        end = finished(job(stages=one_stage(40)))
        totals = end.trace.column("total")
        assert totals[-1] < 0.5 * totals[0]
        assert (end.status, end.reason, end.timeline) == (Status.COMPLETED, "", ())

    def test_the_image_has_the_size_of_the_last_stage_and_lies_in_the_range(self):
        stages = [Stage(1, 8, 10, 2), Stage(2, 12, 15, 2), Stage(3, 17, 21, 2)]
        for optimizer in (Adam(0.5), LBFGS()):
            image = finished(job(stages=stages, optimizer=optimizer)).image
            assert image.shape == (1, 3, 17, 21)
            assert 0 <= float(image.min()) <= float(image.max()) <= 1

    def test_a_converged_optimizer_ends_its_stage(self):
        end = finished(job(stages=one_stage(500), optimizer=LBFGS()))
        assert end.status is Status.COMPLETED
        assert len(end.trace.rows) < 500


class TestAverage:
    def test_the_image_is_the_corrected_average_of_the_iterates(self):
        events = list(run(job(average=0.8, stages=one_stage(4))))
        images = [event.image for event in events if isinstance(event, Step)]
        weights = torch.tensor([0.8**3, 0.8**2, 0.8, 1.0], dtype=torch.float64)
        wanted = sum(w * i for w, i in zip(weights / weights.sum(), images, strict=True))
        torch.testing.assert_close(events[-1].image, wanted)

    def test_without_it_the_image_is_the_last_iterate(self):
        events = list(run(job(stages=one_stage(4))))
        images = [event.image for event in events if isinstance(event, Step)]
        assert torch.equal(events[-1].image, images[-1])

    def test_the_next_stage_starts_from_the_average(self):
        stages = [Stage(1, 8, 8, 3), Stage(2, 16, 16, 1)]
        seen = []

        def listening(count, update):
            return update

        optimizer = Scripted(listening, calls=seen)
        events = list(run(job(average=0.8, stages=stages, optimizer=optimizer)))
        first = next(event for event in events if isinstance(event, StageFinished))
        wanted = torch.nn.functional.interpolate(
            first.image, (16, 16), mode="bicubic", antialias=True
        ).clamp(0, 1)
        torch.testing.assert_close(seen[3][1], wanted)


class TestGuards:
    @pytest.mark.parametrize("failure", FAILURES)
    def test_a_failure_rolls_back_slows_down_and_the_run_goes_on(self, failure):
        optimizer = Scripted(lambda n, u: FAILURES[failure](u) if n == 7 else u)
        events = list(run(job(optimizer=optimizer, stages=one_stage(12))))
        end = events[-1]
        assert end.status is Status.COMPLETED
        assert end.image.isfinite().all()
        assert [type(e) for e in events].count(Warned) == 1
        rates = [rate for rate, _ in optimizer.calls]
        assert rates[:7] == [0.02] * 7
        assert rates[7:] == [0.005] * len(rates[7:])
        assert [(e.kind, e.retries) for e in end.timeline] == [(Kind.ROLLED_BACK, 0)]

    @pytest.mark.parametrize("failure", FAILURES)
    def test_three_failures_end_the_run_as_diverged_with_the_last_good_image(self, failure):
        # After each roll-back one call measures the last good image; the next one fails again.
        optimizer = Scripted(lambda n, u: FAILURES[failure](u) if n in (7, 9, 11) else u)
        events = list(run(job(optimizer=optimizer, stages=one_stage(50))))
        end = events[-1]
        assert end.status is Status.DIVERGED
        assert end.reason
        rates = [rate for rate, _ in optimizer.calls]
        assert rates == [0.02] * 7 + [0.005] * 2 + [0.00125] * 2
        assert end.image.isfinite().all()
        good = [event.image for event in events if isinstance(event, Step)]
        good.append(torch.full_like(end.image, 0.5))
        assert any(torch.equal(end.image, image) for image in good)

    def test_the_image_whose_loss_is_bad_is_not_the_result(self):
        optimizer = Scripted(lambda n, u: with_total(u, float("nan")) if n >= 4 else u)
        events = list(run(job(optimizer=optimizer)))
        steps = [event for event in events if isinstance(event, Step)]
        assert len(steps) == 3
        # The third step's image is the one that was measured as bad: the second's is the last good.
        assert torch.equal(events[-1].image, steps[1].image)

    def test_failing_at_the_first_step_gives_the_start(self):
        optimizer = Scripted(lambda n, u: with_total(u, float("nan")))
        end = finished(job(optimizer=optimizer))
        assert end.status is Status.DIVERGED
        assert end.trace.rows == []
        assert bool((end.image == 0.5).all())

    def test_a_bad_image_does_not_enter_the_average(self):
        optimizer = Scripted(lambda n, u: with_nan_pixels(u) if n == 3 else u)
        end = finished(job(optimizer=optimizer, average=0.9))
        assert end.status is Status.COMPLETED
        assert end.image.isfinite().all()

    def test_later_stages_are_not_begun_after_divergence(self):
        optimizer = Scripted(lambda n, u: with_total(u, float("nan")))
        stages = [Stage(1, 8, 8, 5), Stage(2, 16, 16, 5)]
        events = list(run(job(optimizer=optimizer, stages=stages)))
        assert sum(isinstance(event, StageStarted) for event in events) == 1


class TestControl:
    def test_a_stop_ends_the_run_after_the_step_under_way_with_its_image(self):
        control, images = Control(), []
        for event in run(job(stages=one_stage(50)), control):
            if isinstance(event, Step):
                images.append(event.image)
                if event.step == 3:
                    control.stop("enough")
        assert (event.status, event.reason) == (Status.STOPPED, "enough")
        assert len(event.trace.rows) == 3
        assert torch.equal(event.image, images[-1])
        assert event.timeline == (TimelineEntry(3, Kind.STOPPED, text="enough"),)

    def test_a_stop_before_the_first_step_gives_the_start(self):
        control = Control()
        control.stop()
        end = finished(job(), control)
        assert end.status is Status.STOPPED
        assert bool((end.image == 0.5).all())

    def test_a_pause_holds_the_run_until_resumed_and_changes_nothing(self):
        control, seen, held = Control(), [], threading.Event()

        def watch():
            for event in run(job(), control):
                seen.append(event)
                if isinstance(event, Step) and event.step == 2:
                    control.pause()
                    held.set()

        worker = threading.Thread(target=watch, daemon=True)
        worker.start()
        assert held.wait(30)
        worker.join(0.3)
        assert worker.is_alive()
        assert sum(isinstance(event, Step) for event in seen) == 2
        control.resume()
        worker.join(30)
        assert not worker.is_alive()
        end = seen[-1]
        assert end.status is Status.COMPLETED
        assert [entry.kind for entry in end.timeline] == [Kind.PAUSED, Kind.RESUMED]
        assert torch.equal(end.image, finished(job()).image)

    def test_a_stop_ends_a_paused_run(self):
        control = Control()
        control.pause()
        timer = threading.Timer(0.2, control.stop)
        timer.start()
        assert finished(job(), control).status is Status.STOPPED
        timer.join()

    @pytest.mark.parametrize("optimizer", [Adam(0.02), LBFGS()])
    def test_a_changed_weight_works_from_the_next_step_on_and_is_written_down(self, optimizer):
        control = Control()
        for event in run(job(optimizer=optimizer), control):
            if isinstance(event, Step) and event.step == 2:
                control.change_weight("content", 3.0)
        rows = event.trace.rows
        shares = [row.losses["content"] / row.losses["content.pixels"] for row in rows]
        assert shares == pytest.approx([1.0] * 2 + [3.0] * (len(rows) - 2))
        assert len(rows) > 2
        assert event.timeline == (TimelineEntry(2, Kind.WEIGHT, "content", 3.0),)

    def test_a_changed_weight_lasts_into_later_stages(self):
        control = Control()
        control.change_weight("style", 5.0)
        end = finished(job(stages=[Stage(1, 8, 8, 2), Stage(2, 12, 12, 2)]), control)
        for row in end.trace.rows:
            assert row.losses["style"] == pytest.approx(5 * row.losses["style.pixels"])

    def test_a_changed_weight_is_a_ratio_where_weights_are_balanced(self):
        """Weights of a balanced recipe are ratios of pulls; so are those that come from outside."""
        control = Control()
        for event in run(job(balanced=True), control):
            if isinstance(event, Balanced):
                factor = event.content_factor
            if isinstance(event, Step) and event.step == 2:
                control.change_weight("content", 3.0)
        rows = event.trace.rows
        shares = [row.losses["content"] / row.losses["content.pixels"] for row in rows]
        assert shares == pytest.approx([factor] * 2 + [3 * factor] * 4)

    def test_a_weight_of_a_term_that_is_absent_does_not_end_the_run(self):
        control = Control()
        control.change_weight("content", 3.0)
        work = job(objective=lambda stage: objective(stage, content=0.0))
        events = list(run(work, control))
        assert events[-1].status is Status.COMPLETED
        assert any(isinstance(e, Warned) and "content" in e.message for e in events)

    @pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
    def test_impossible_weights_are_refused_where_they_are_given(self, weight):
        with pytest.raises(InputError):
            Control().change_weight("style", weight)


class TestTimeLimit:
    @pytest.fixture
    def clock(self, monkeypatch):
        """Every look at the clock finds it a second later."""
        ticks = itertools.count(time.monotonic())
        fake = SimpleNamespace(monotonic=lambda: next(ticks))
        monkeypatch.setattr("impasto.engine.course.time", fake)

    @pytest.mark.usefixtures("clock")
    def test_the_run_stops_when_time_is_up_with_the_image_so_far(self):
        events = list(run(job(stages=one_stage(1000), time_limit=20.0)))
        end = events[-1]
        assert end.status is Status.STOPPED
        assert "time limit of 20 s" in end.reason
        steps = [event for event in events if isinstance(event, Step)]
        assert 5 <= len(steps) <= 20
        assert steps[-1].seconds <= 21
        assert torch.equal(end.image, steps[-1].image)

    @pytest.mark.usefixtures("clock")
    def test_a_limit_that_is_not_reached_changes_nothing(self):
        limited = finished(job(time_limit=1e6))
        assert limited.status is Status.COMPLETED
        assert torch.equal(limited.image, finished(job()).image)


class TestBalance:
    def test_it_is_measured_once_and_told(self):
        stages = [Stage(1, 8, 8, 2), Stage(2, 12, 12, 2)]
        events = list(run(job(stages=stages, balanced=True)))
        told = [event for event in events if isinstance(event, Balanced)]
        assert len(told) == 1
        assert isinstance(events[1], Balanced)
        wanted = content_factor(objective(stages[0]), job().start(stages[0]))
        assert told[0].content_factor == pytest.approx(wanted)

    def test_the_content_weight_is_multiplied_by_it(self):
        events = list(run(job(balanced=True)))
        factor = next(e.content_factor for e in events if isinstance(e, Balanced))
        for row in events[-1].trace.rows:
            assert row.losses["content"] == pytest.approx(factor * row.losses["content.pixels"])
            assert row.losses["style"] == pytest.approx(0.1 * row.losses["style.pixels"])

    def test_in_later_stages_a_sum_counts_for_no_more_than_in_the_first(self):
        stages = [Stage(1, 8, 8, 1), Stage(2, 16, 16, 1)]
        work = job(stages=stages, balanced=True, objective=lambda s: objective(s, "paper"))
        events = list(run(work))
        factor = next(e.content_factor for e in events if isinstance(e, Balanced))
        first, second = events[-1].trace.rows
        assert first.losses["content"] / first.losses["content.pixels"] == pytest.approx(factor)
        assert second.losses["content"] / second.losses["content.pixels"] == pytest.approx(
            factor / 4
        )

    def test_without_content_there_is_nothing_to_balance(self):
        work = job(balanced=True, objective=lambda stage: objective(stage, content=0.0))
        assert finished(work).status is Status.COMPLETED


def test_the_phase_moves_with_the_steps_of_all_stages():
    """With several phases each step sees the next one, also across stages."""
    phases = []

    class Watching(Objective):
        def value_and_gradient(self, image, phase=0):
            phases.append(phase)
            return super().value_and_gradient(image, phase)

    def watching(stage):
        plain = objective(stage)
        return Watching(plain.extractor, plain.targets)

    list(run(job(stages=[Stage(1, 8, 8, 3), Stage(2, 12, 12, 2)], objective=watching)))
    assert phases == [0, 1, 2, 3, 4]


def test_two_runs_of_one_job_give_the_same_pixels():
    assert torch.equal(finished(job()).image, finished(job()).image)
