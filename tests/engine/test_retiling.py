"""Memory that runs out: the same evaluation again in smaller tiles, and nothing is lost."""

import copy

import pytest
import torch

from impasto.engine.framing import Framing
from impasto.engine.objective import Objective
from impasto.engine.optimizers.adam import Adam
from impasto.engine.retiling import Retiling, Tiles
from impasto.engine.run import Job, run
from impasto.engine.schedule import Stage
from impasto.engine.targets import content_target, style_target
from impasto.engine.tiled.objective import TiledObjective
from impasto.errors import MemoryShortage
from impasto.events import Finished, Warned
from impasto.losses.content import ContentLoss
from impasto.losses.moments import MomentsLoss
from impasto.losses.term import Term
from impasto.timeline import Kind

SIDE = 640
STAGE = Stage(1, 32, SIDE, 3)
FAILURE = "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"


class Cramped:
    """A network that finds no memory for an image wider than so many pixels."""

    def __init__(self, inner, widest: int, from_call: int = 0) -> None:
        self.inner, self.widest, self.architecture = inner, widest, inner.architecture
        self.calls, self.from_call = 0, from_call

    def __call__(self, image, layers):
        self.calls += 1
        if self.calls > self.from_call and image.shape[-1] > self.widest:
            raise RuntimeError(FAILURE)
        return self.inner(image, layers)

    def check_size(self, size, layers):
        self.inner.check_size(size, layers)


def picture(width: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, 32, width, generator=generator, dtype=torch.float64)


def objective(extractor, measured_by) -> Objective:
    content = Term("content", ContentLoss("mean"), {"relu2_1": 1.0}, 0.5)
    style = Term("style", MomentsLoss(), {"relu1_1": 1.0, "relu2_1": 1.0})
    return Objective(
        extractor,
        [
            content_target(measured_by, content, picture(SIDE, 1), Framing()),
            style_target(measured_by, style, [picture(64, 2)]),
        ],
    )


@pytest.fixture
def job(tiny):
    """A job of one stage whose network is cramped."""

    def make(widest: int, from_call: int = 0) -> Job:
        extractor = tiny.extractor()
        cramped = Cramped(extractor, widest, from_call)
        return Job(
            stages=(STAGE,),
            objective=lambda _: objective(cramped, extractor),
            start=lambda _: picture(SIDE, 3),
            optimizer=Adam(0.02, 1.0),
        )

    return make


def test_a_run_goes_on_in_tiles_to_the_same_picture(job):
    roomy = list(run(job(10_000)))
    cramped = list(run(job(400)))
    assert isinstance(cramped[-1], Finished)
    assert isinstance(roomy[-1], Finished)
    assert cramped[-1].image == pytest.approx(roomy[-1].image, abs=1e-9)
    (warned,) = (event for event in cramped if isinstance(event, Warned))
    assert "not enough memory" in warned.message
    assert "tiles of 320 px" in warned.message
    (entry,) = cramped[-1].timeline
    assert (entry.kind, entry.value, entry.step) == (Kind.TILED, 320, 0)


def test_a_step_that_fails_later_is_done_again_from_where_it_began(job):
    roomy, cramped = list(run(job(10_000))), list(run(job(400, from_call=2)))
    assert cramped[-1].image == pytest.approx(roomy[-1].image, abs=1e-9)
    assert [entry.step for entry in cramped[-1].timeline] == [2]
    losses = [[row.losses["total"] for row in events[-1].trace.rows] for events in (roomy, cramped)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)


def test_tiles_that_are_too_large_as_well_are_halved_once_more(tiny):
    extractor = tiny.extractor()
    image = picture(1200, 3)
    tiles = Tiles()
    tight = Objective(Cramped(extractor, 350), objective(extractor, extractor).targets[1:])
    whole = Objective(extractor, tight.targets)
    found = Retiling.of(tight, tiles).value_and_gradient(image)
    assert tiles.told() == [576, 256]  # 576 and a halo do not fit either
    assert tiles.told() == []
    assert float(found[0].total) == pytest.approx(float(whole.value_and_gradient(image)[0].total))


def test_at_the_floor_the_error_says_what_to_try(job):
    with pytest.raises(MemoryShortage, match=r"even in tiles of 320 px: choose a smaller --size"):
        list(run(job(10)))


def test_other_failures_are_not_retried(tiny):
    def broken(image, layers):
        raise RuntimeError("something else")

    broken.architecture = tiny.architecture
    extractor = tiny.extractor()
    tight = Objective(broken, objective(extractor, extractor).targets)
    tiles = Tiles()
    with pytest.raises(RuntimeError, match="something else"):
        Retiling.of(tight, tiles).measure(picture(SIDE, 3))
    assert tiles.side is None


def test_other_weights_hold_in_tiles_too(tiny):
    extractor = tiny.extractor()
    plain = objective(extractor, extractor)
    found = Retiling.of(objective(Cramped(extractor, 400), extractor), Tiles())
    image = picture(SIDE, 3)
    found.measure(image)
    other = found.reweighted({"style": 7.0})
    assert other.weights()["style"] == 7.0
    expected = plain.reweighted({"style": 7.0}).measure(image)
    assert float(other.measure(image).total) == pytest.approx(float(expected.total))


def test_a_state_remembers_the_tiles(job):
    states = []

    def keep(boundary):
        states.append(copy.deepcopy(boundary.state()))
        return ()

    whole = list(run(job(400), keep=keep))
    first = states[0]
    assert [entry.kind for entry in first.timeline] == [Kind.TILED]
    # There is room again, but the rest is computed as the run would have gone on.
    again = list(run(job(10_000), state=first))
    assert torch.equal(again[-1].image, whole[-1].image)


def test_targets_that_do_not_fit_are_measured_in_tiles(tiny):
    extractor = tiny.extractor()
    asked = []

    def tiled(stage, side):
        asked.append(side)
        return TiledObjective(extractor, objective(extractor, extractor).targets, tile=side)

    def whole(stage):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")

    made = Job((STAGE,), whole, lambda _: picture(SIDE, 3), Adam(0.02), tiled=tiled)
    events = list(run(made))
    assert asked == [320]
    assert isinstance(events[-1], Finished)
    assert any(isinstance(event, Warned) for event in events)
