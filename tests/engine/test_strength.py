"""Strength: the loop by itself, the pilot, and runs that end where they were sent."""

from dataclasses import replace
from typing import ClassVar

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from impasto.engine.control import Control
from impasto.engine.framing import Framing
from impasto.engine.objective import Objective
from impasto.engine.optimizers.adam import Adam
from impasto.engine.optimizers.lbfgs import LBFGS
from impasto.engine.pilot import content_distance, growth_of, pilot_steps
from impasto.engine.run import Job, run
from impasto.engine.schedule import Stage
from impasto.engine.strength import SLOWEST, Steering, Strength, aimed_share, pace
from impasto.engine.targets import content_target, style_target
from impasto.events import Estimated, Estimating, Finished, Step, Warned
from impasto.losses.content import ContentLoss
from impasto.losses.moments import MomentsLoss
from impasto.losses.term import Term
from impasto.timeline import Kind, TimelineEntry

STAGES = (Stage(1, 24, 32, 40), Stage(2, 36, 48, 40))
LAYERS = {"relu1_1": 1.0, "relu2_1": 1.0}


def test_the_share_is_the_square():
    assert [aimed_share(strength) for strength in (0, 0.5, 1)] == [0, 0.25, 1]


def test_larger_pictures_are_taken_to_go_farther_than_the_pilot():
    sides = (64, 256, 362, 512, 4096)
    found = [growth_of(Stage(1, side // 2, side, 10)) for side in sides]
    assert found == pytest.approx([1.06, 1.06, 1.085, 1.11, 1.11], abs=1e-4)
    assert growth_of(Stage(1, 64, 64, 10), patient=True) == 1.14


class TestSteering:
    def test_where_the_aim_is_met_nothing_changes(self):
        steering = Steering((2.0, 4.0), 1.5)
        for _ in range(2):
            steering = steering.after(Strength(0.25, 1.0), 1.0, stage=2)
            assert steering.weight == 1.5

    def test_too_far_from_the_content_weighs_it_more(self):
        steering, aim = Steering((2.0,), 1.5), Strength(0.25, 1.0)
        assert steering.after(aim, 1.0, stage=1).weight > 1.5
        assert steering.after(aim, 0.1, stage=1).weight < 1.5

    def test_many_steps_by_hand(self):
        # logits of 1/2 and 1/4 lie ln 3 apart; with the gain of a step g, n steps make up for
        # 1 - (1 - g)^n of it
        steering = Steering((2.0,), 1.0).after(Strength(0.25, 1.0), 1.0, stage=1, steps=10)
        assert steering.weight == pytest.approx(3 ** (1 - 0.88**10))

    def test_what_the_last_step_moved_is_answered_at_once(self):
        aim, first = (
            Strength(0.25, 1.0),
            Steering((2.0,), 1.0).after(Strength(0.25, 1.0), 1.0, stage=1),
        )
        # from the logit of 1/2 to that of 1/4: ln 3 down, so the weight falls by as much times 0.6
        assert first.after(aim, 0.5, stage=1).weight == pytest.approx(first.weight * 3**-0.6)
        assert first.at_new_size().after(aim, 0.5, stage=1).weight == first.weight

    def test_the_average_is_held_to_the_aim(self):
        aim, lagging = Strength(0.25, 1.0), Steering((2.0,), 1.5, lag=0.8)
        assert lagging.after(aim, 0.625, stage=1).weight == pytest.approx(1.5)

    def test_what_is_no_number_is_passed_over(self):
        steering = Steering((2.0, 0.0), 1.5)
        for distance, stage in ((float("nan"), 1), (float("inf"), 1), (1.0, 2)):
            assert steering.after(Strength(0.25, 1.0), distance, stage=stage) == steering

    def test_the_lag_is_that_of_the_average_over_the_averaged_distances(self):
        aim, steering = Strength(0.25, 1.0), Steering((2.0,), 1.0)
        for distance in (1.0, 0.5):
            steering = steering.after(aim, distance, stage=1, memory=0.9)
        assert steering.lagging(0.855).lag == pytest.approx(0.9)  # of 0.9 * 1 + 0.1 * 0.5
        assert steering.at_new_size().lagging(0.855).lag == 1.0

    def test_another_strength_moves_the_weight_by_the_model(self):
        # shares of 1/4 and 1/2 have odds of 1/3 and 1: the weight falls to a third
        aim = Strength(0.25, unit=1.0)
        steering = Steering((2.0,), 1.5).aiming(aim, 0.5**0.5)
        assert steering.weight == pytest.approx(0.5)
        assert steering.aimed(aim) == pytest.approx(0.5)
        assert steering.after(aim, 1.0, stage=1).weight == pytest.approx(0.5)  # there already

    @given(st.floats(0.3, 30), st.floats(0.05, 0.8), st.floats(0.0, 0.8))
    def test_it_finds_the_weight_of_a_picture_that_follows_slowly(self, constant, share, lag):
        aim = Strength(share, unit=1.0)
        steering, distance = Steering((3.0,), aim.first_weight), 3.0
        for _ in range(120):
            settled = 3.0 / (1 + constant * steering.weight)
            distance = lag * distance + (1 - lag) * settled
            steering = steering.after(aim, distance, stage=1)
        assert distance / 3.0 == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize(
    "steps", [[67, 53], [50, 39, 31], [40, 32, 30, 30], [500], [3, 1]], ids=str
)
def test_the_pilot_takes_about_a_quarter_of_the_time(steps):
    stages = [Stage(n, 2**n, 2**n, count) for n, count in enumerate(steps, start=1)]
    planned = pilot_steps(stages)
    assert all(1 <= few <= many for few, many in zip(planned, steps, strict=True))
    pixels = [stage.height * stage.width for stage in stages]
    pilot, whole = (
        sum(count * size for count, size in zip(counts, pixels, strict=True))
        for counts in (planned, steps)
    )
    if sum(steps) > 10:
        assert 0.15 < pilot / whole < 0.3


def test_the_pilot_of_lbfgs_is_shorter():
    stages = [Stage(1, 8, 8, 100), Stage(2, 16, 16, 100)]
    assert pilot_steps(stages) == [34, 24]
    assert pilot_steps(stages, patient=True) == [19, 13]


def picture(height, width, seed):
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 6, 6, generator=generator, dtype=torch.float64)
    return torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic").clamp(0, 1)


@pytest.fixture(scope="module")
def objective(tiny):
    extractor = tiny.extractor()

    def at(stage: Stage, content: float = 1.0) -> Objective:
        framing = Framing()
        terms = (
            Term("content", ContentLoss("relative"), {"relu2_1": 1.0}, content),
            Term("style", MomentsLoss("relative"), LAYERS, 1.0, "root"),
        )
        photo, painting = picture(stage.height, stage.width, 1), picture(40, 40, 2)
        return Objective(
            extractor,
            [
                content_target(extractor, terms[0], photo, framing),
                style_target(extractor, terms[1], [painting]),
            ],
            framing,
        )

    return at


OPTIMIZERS = {"adam": lambda: Adam(0.03), "lbfgs": lambda: LBFGS(1.0, 10)}


def job(objective, optimizer, strength=None, content=1.0, balanced=False):
    return Job(
        stages=STAGES,
        objective=lambda stage: objective(stage, content),
        start=lambda stage: picture(stage.height, stage.width, 1),
        optimizer=OPTIMIZERS[optimizer](),
        average=0.8 if optimizer == "adam" else 0.0,
        balanced=balanced,
        strength=strength,
    )


def end(events):
    *_, finished = events
    assert isinstance(finished, Finished)
    return finished


@pytest.fixture(scope="module", params=OPTIMIZERS)
def ended(request, objective):
    """Content distance of finished runs by optimizer: by strength, and by the style alone."""

    def distance(**options) -> float:
        image = end(run(job(objective, request.param, **options))).image
        return content_distance(objective(STAGES[-1]), image)

    return distance


@pytest.fixture(scope="module")
def far(ended):
    return ended(content=0.0)


@pytest.mark.parametrize("strength", [0.3, 0.5, 0.65])
@pytest.mark.parametrize(("unit", "balanced"), [(1.0, False), (50.0, False), (1.0, True)])
def test_a_run_ends_at_the_aimed_share_of_the_style_only_distance(
    ended, far, strength, unit, balanced
):
    share = aimed_share(strength)
    found = ended(strength=Strength(share, unit), balanced=balanced)
    assert found / far == pytest.approx(share, abs=0.1)


@pytest.mark.parametrize("strength", [0.1, 0.2])
def test_a_little_strength_is_a_little_way_and_towards_the_style(objective, strength):
    measure = objective(STAGES[-1])
    image = end(run(job(objective, "adam", Strength(aimed_share(strength), 1.0)))).image
    alone = end(run(job(objective, "adam", content=0.0))).image
    far = content_distance(measure, alone)
    assert content_distance(measure, image) / far == pytest.approx(strength**2, abs=0.015)
    style = [float(measure.measure(i).terms["style"]) for i in (picture(36, 48, 1), image)]
    assert style[1] < 0.9 * style[0]


def test_the_pace_follows_the_strength_aimed_at():
    assert pace(0.25) == pytest.approx(2 / 3)  # of a strength of 0.5
    assert pace(1e-6) == pace(0.0) == SLOWEST
    assert pace(0.6) == pace(1.0) == 1.0


class Paced(Adam):
    """Remembers how long its steps were to be."""

    paces: ClassVar[list[float]] = []

    def step(self, image, evaluate, pace=1.0):
        self.paces.append(pace)
        return super().step(image, evaluate, pace)

    def resized(self, height, width):
        return Paced(self.learning_rate)

    def slower(self, factor):
        return Paced(self.learning_rate * factor)


def test_steps_are_as_long_as_the_strength_wants_but_for_the_pilots(objective):
    Paced.paces.clear()
    work = replace(job(objective, "adam", Strength(aimed_share(0.3), 1.0)), optimizer=Paced(0.03))
    changed_on_the_way(work, 0.6, at=10)
    pilot = sum(pilot_steps(STAGES))
    assert Paced.paces[:pilot] == [1.0] * pilot
    assert Paced.paces[pilot:] == pytest.approx([0.4] * 10 + [0.8] * 70)


def test_the_pilot_says_what_it_does_before_the_first_step(objective):
    events = list(run(job(objective, "adam", Strength(0.25, 1.0))))
    kinds = [type(event) for event in events]
    steps = sum(pilot_steps(STAGES))
    assert kinds[: steps + 1] == [Estimating] * steps + [Estimated]
    assert [event.step for event in events[:steps]] == list(range(1, steps + 1))
    assert kinds.count(Step) == 80
    assert len(events[steps].distances) == 2


def test_a_weight_set_by_a_person_is_left_alone(objective):
    control = Control()
    events = run(job(objective, "adam", Strength(0.5, 1.0)), control)
    shares = []
    for event in events:
        if isinstance(event, Step):
            if event.step == 10:
                control.change_weight("content", 7.0)
            if event.step > 1:  # the first is the content itself, whose loss is zero
                shares.append(event.losses["content"] / event.losses["content.relu2_1"])
    assert shares[9:] == pytest.approx([7.0] * 70)
    assert len({round(share, 6) for share in shares[3:9]}) > 1


def changed_on_the_way(job, strength, at=10):
    control = Control()
    for event in run(job, control):
        if isinstance(event, Step) and event.step == at:
            control.change_strength(strength)
    assert isinstance(event, Finished)
    return event


def test_a_strength_changed_on_the_way_is_where_the_run_ends(objective):
    alone = end(run(job(objective, "adam", content=0.0))).image
    measure = objective(STAGES[-1])
    for before, after in ((0.3, 0.65), (0.65, 0.3)):
        aim = Strength(aimed_share(before), 1.0)
        image = changed_on_the_way(job(objective, "adam", aim), after).image
        share = content_distance(measure, image) / content_distance(measure, alone)
        assert share == pytest.approx(after**2, abs=0.1)


def test_a_changed_strength_stands_in_the_timeline_and_is_done_again(objective):
    aim = Strength(0.1, 1.0)
    steered = changed_on_the_way(job(objective, "adam", aim), 0.6)
    assert steered.timeline == (TimelineEntry(10, Kind.STRENGTH, value=0.6),)
    again = end(run(job(objective, "adam", aim), Control.replaying(steered.timeline)))
    assert torch.equal(again.image, steered.image)
    assert again.timeline == steered.timeline


def test_a_strength_takes_over_from_a_weight_set_by_a_person(objective):
    control, content = Control(), []
    for event in run(job(objective, "adam", Strength(0.5, 1.0)), control):
        if isinstance(event, Step):
            if event.step == 10:
                control.change_weight("content", 7.0)
            if event.step == 20:
                control.change_strength(0.5)
            if event.step > 1:
                content.append(event.losses["content"] / event.losses["content.relu2_1"])
    assert content[9:19] == pytest.approx([7.0] * 10)
    assert 7.0 not in [round(weight, 6) for weight in content[19:]]


def test_a_run_without_a_strength_says_so(objective):
    control = Control()
    control.change_strength(0.5)
    warned = [e.message for e in run(job(objective, "adam"), control) if isinstance(e, Warned)]
    assert warned == ["this run holds weights, not a strength: change the weight of content"]


def test_a_stop_during_the_pilot_ends_the_run(objective):
    control = Control()
    events = run(job(objective, "adam", Strength(0.5, 1.0)), control)
    next(events)
    control.stop("enough")
    assert end(events).reason == "enough"


def test_the_content_distance_by_hand(objective, tiny):
    stage = STAGES[0]
    image, photo = picture(24, 32, 5), picture(24, 32, 1)
    ours, theirs = (tiny.extractor()(x, ["relu2_1"])["relu2_1"] for x in (image, photo))
    expected = float((ours - theirs).square().mean() / theirs.square().mean())
    assert content_distance(objective(stage, content=9.0), image) == pytest.approx(expected)
