"""A run that goes on from files ends as if it had never been interrupted."""

import json

import pytest
import torch

from impasto.checkpoints import states
from impasto.engine.control import Control
from impasto.engine.framing import Framing
from impasto.engine.objective import Objective
from impasto.engine.optimizers.adam import Adam
from impasto.engine.optimizers.gradient_descent import GradientDescent
from impasto.engine.optimizers.lbfgs import LBFGS
from impasto.engine.optimizers.optimizer import Update
from impasto.engine.run import Job, run
from impasto.engine.schedule import Stage
from impasto.engine.state import RunState
from impasto.engine.strength import Strength
from impasto.engine.targets import content_target, style_target
from impasto.errors import InputError
from impasto.events import Estimating, Finished, Status, Step
from impasto.losses.content import ContentLoss
from impasto.losses.moments import MomentsLoss
from impasto.losses.term import Term
from impasto.numerics.storage import Storage
from impasto.timeline import Kind, TimelineEntry

STAGES = (Stage(1, 8, 10, 5), Stage(2, 12, 15, 6), Stage(3, 12, 15, 4))


class Failing:
    """Adam whose pixels are no numbers at chosen calls, which are counted through every state."""

    settling = 1

    def __init__(self, inner: Adam, bad: set[int], calls: int = 0) -> None:
        self.inner, self.bad, self.calls = inner, bad, calls

    def step(self, image, evaluate, pace=1.0):
        self.calls += 1
        update = self.inner.step(image, evaluate, pace)
        failed = self.calls in self.bad
        return Update(update.losses, update.image * float("nan")) if failed else update

    def objective_changed(self, *, slightly=False):
        self.inner.objective_changed(slightly=slightly)

    def resized(self, height, width):
        return Failing(self.inner.resized(height, width), self.bad, self.calls)

    def slower(self, factor):
        return Failing(self.inner.slower(factor), self.bad, self.calls)

    def state(self):
        return {**self.inner.state(), "calls": torch.tensor(self.calls)}

    def restored(self, state):
        return Failing(self.inner.restored(state), self.bad, int(state["calls"]))


OPTIMIZERS = {
    "adam": lambda: Adam(0.05, 0.7),
    "lbfgs": lambda: LBFGS(1.0, 3),
    "gradient descent": lambda: GradientDescent(0.02),
    "adam, failing at a stage's start": lambda: Failing(Adam(0.05), {2, 6}),
    "adam, failing twice in a row": lambda: Failing(Adam(0.05), {4, 5}),
    "adam, diverging": lambda: Failing(Adam(0.05), {3, 11, 12}),
}


def picture(height, width, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(1, 3, height, width, generator=generator)


def pixels_only(image, layers):
    return {"pixels": image}


def objective(stage: Stage) -> Objective:
    here, sides = {"pixels": 1.0}, (stage.height, stage.width)
    content = torch.nn.functional.interpolate(picture(8, 10, 1), sides)
    terms = Term("content", ContentLoss("paper"), here, 1.0), Term("style", MomentsLoss(), here, 1)
    return Objective(
        pixels_only,
        [
            content_target(pixels_only, terms[0], content, Framing()),
            style_target(pixels_only, terms[1], [picture(9, 7, 2) ** 2]),
        ],
    )


def job(optimizer: str, average: float = 0.7, *, strong: bool = False) -> Job:
    return Job(
        stages=STAGES,
        objective=objective,
        start=lambda stage: torch.full((1, 3, stage.height, stage.width), 0.5),
        optimizer=OPTIMIZERS[optimizer](),
        average=average,
        balanced=True,
        strength=Strength(0.3, unit=1.0) if strong else None,
    )


def outcome(events):
    *_, end = events
    assert isinstance(end, Finished)
    rows = [(row.step, row.stage, dict(row.losses)) for row in end.trace.rows]
    return end.status, end.reason, rows, end.timeline, end.image


def assert_same(one, other):
    assert one[:4] == other[:4]
    assert [list(row[2]) for row in one[2]] == [list(row[2]) for row in other[2]]
    assert torch.equal(one[4], other[4])


@pytest.mark.parametrize(
    ("optimizer", "average"), [*((name, 0.7) for name in OPTIMIZERS), ("lbfgs", 0.0)]
)
def test_going_on_from_any_step_ends_at_the_same_bytes(optimizer, average, tmp_path):
    kept = []

    def keep(boundary):
        path = tmp_path / f"{len(kept):06}"
        states.write(boundary.state(), path)
        kept.append(path)
        return ()

    def steered():
        entries = [TimelineEntry(s, Kind.WEIGHT, "content", v) for s, v in ((3, 4.0), (8, 0.5))]
        return Control.replaying(entries)

    wanted = outcome(run(job(optimizer, average), steered()))
    assert len({entry.step for entry in wanted[3]}) >= 2
    assert_same(outcome(run(job(optimizer, average), steered(), keep=keep)), wanted)
    assert len(kept) >= 10
    for path in kept:
        assert_same(outcome(run(job(optimizer, average), state=states.read(path))), wanted)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_going_on_with_a_strength_ends_at_the_same_bytes(optimizer, tmp_path):
    def made():
        return job(optimizer, strong=True)

    def keep(boundary):
        states.write(boundary.state(), tmp_path / f"{boundary.step:06}")
        return ()

    script = [TimelineEntry(6, Kind.STRENGTH, value=0.8)]
    wanted = outcome(run(made(), Control.replaying(script), keep=keep))
    assert [entry.kind for entry in wanted[3]] == [Kind.STRENGTH]
    weights = set()
    for path in sorted(tmp_path.glob("*.json")):
        state = states.read(path.with_suffix(""))
        weights.add(state.steering.weight)
        events = list(run(made(), state=state))
        assert not any(isinstance(event, Estimating) for event in events)  # it is known by now
        assert_same(outcome(events), wanted)
    assert len(weights) > 1 or optimizer == "lbfgs"  # which has no time to follow here


def test_the_steps_done_are_told_of_no_more_than_once(tmp_path):
    kept = []
    for _ in run(job("adam"), keep=lambda b: kept.append(b.state()) or ()):
        if len(kept) == 7:
            break
    steps = [event.step for event in run(job("adam"), state=kept[-1]) if isinstance(event, Step)]
    assert steps == list(range(8, 16))


def test_a_stop_shows_what_was_changed_at_the_same_place(tmp_path):
    kept, control = [], Control()
    for event in run(job("adam"), control, keep=lambda b: kept.append(b.state()) or ()):
        if isinstance(event, Step) and event.step == 3:
            control.change_weight("content", 9.0)
            control.stop()
    assert event.status is Status.STOPPED
    *_, before, last = kept
    assert (before.step, dict(before.weights)) == (3, {})
    assert (last.step, dict(last.weights)) == (3, {"content": 9.0})


def state_of(**optimizer: torch.Tensor) -> RunState:
    kept = []
    for _ in run(job("adam"), keep=lambda b: kept.append(b.state()) or ()):
        if kept:
            break
    (state,) = kept
    stage = state.stage.__class__(**(vars(state.stage) | {"optimizer": optimizer}))
    return state.__class__(**(vars(state) | {"stage": stage}))


def test_tensors_keep_their_type_values_order_and_layout_in_memory(tmp_path):
    tensors = {
        "z": picture(4, 5, 3).contiguous(memory_format=torch.channels_last),
        "b": picture(4, 5, 4).double()[..., ::2],
        "a": torch.tensor(1 / 3, dtype=torch.float64),
        "count": torch.tensor(2**40),
    }
    tensors["again"] = tensors["z"]
    states.write(state_of(**tensors), tmp_path / "000001")
    found = states.read(tmp_path / "000001").stage.optimizer
    assert list(found) == list(tensors)
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)
    assert found["z"].stride() == tensors["z"].stride()
    assert found["again"] is found["z"]


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
@pytest.mark.parametrize("harm", ["half", "empty", "gone", "one bit"])
def test_a_damaged_file_is_noticed(tmp_path, suffix, harm):
    path = tmp_path / "000001"
    states.write(state_of(), path)
    file = path.with_suffix(suffix)
    content = bytearray(file.read_bytes())
    if harm == "one bit":
        place = content.index(b'"step"') + 1 if suffix == ".json" else len(content) - 1
        content[place] ^= 1
    kept = {"half": content[: len(content) // 2], "empty": b"", "one bit": content}
    file.write_bytes(bytes(kept.get(harm, b"")))
    if harm == "gone":
        file.unlink()
    if (suffix, harm) == (".json", "one bit"):
        assert states.read(path).step == 1  # a name that nobody reads
        return
    with pytest.raises(InputError, match="is damaged"):
        states.read(path)


def test_numbers_are_exact(tmp_path):
    states.write(state_of(), tmp_path / "000001")
    state, again = state_of(), states.read(tmp_path / "000001")
    assert again.content_factor == state.content_factor
    assert again.rows[0].losses == state.rows[0].losses
    assert json.loads((tmp_path / "000001.json").read_text())["step"] == 1


def test_a_state_can_be_read_into_files(tmp_path):
    written = state_of(first=torch.rand(1, 3, 8, 10), count=torch.tensor(3))
    states.write(written, tmp_path / "000001")
    found = states.read(tmp_path / "000001", storage=Storage(tmp_path))
    assert torch.equal(found.stage.image, written.stage.image)
    assert torch.equal(found.stage.optimizer["first"], written.stage.optimizer["first"])
    assert int(found.stage.optimizer["count"]) == 3
    found.stage.image.zero_()  # is the run's own, not the file's
    again = states.read(tmp_path / "000001")
    assert torch.equal(again.stage.image, written.stage.image)
