"""Folders of checkpoints: what may go wrong, and what is kept."""

import errno
import json
import os
import shutil

import pytest
import torch
from safetensors import SafetensorError

import impasto
from impasto.checkpoints import folder as folders
from impasto.checkpoints import plan as plans
from impasto.checkpoints import states
from impasto.checkpoints.folder import claimed, reopened
from impasto.errors import InputError
from impasto.events import Checkpointed, Resumed, Status, Step, Warned
from impasto.images.codec import encode
from impasto.images.picture import Picture

NEEDS_RIGHTS = pytest.mark.skipif(
    os.name == "nt" or getattr(os, "geteuid", lambda: 0)() == 0, reason="rights"
)


class Killed(BaseException):
    """Ends a run where a signal would."""


@pytest.fixture
def begin(tmp_path, pocket_file):
    """Stylize small files, with checkpoints in tmp_path / "run" unless told otherwise."""
    for number, name in enumerate(("content", "style")):
        generator = torch.Generator().manual_seed(number)
        coarse = torch.rand(1, 3, 5, 5, generator=generator)
        smooth = torch.nn.functional.interpolate(coarse, (30, 40), mode="bilinear")
        encode(Picture(smooth[0].contiguous()), tmp_path / f"{name}.png")

    def stylize(kill_after: int | None = None, **options):
        settings = {
            "network.sha256": "",
            "network.precision": "fp32",
            "schedule.first": 28,
            "schedule.growth": 1.414,
            "content.layers": {"relu2_1": 1.0},
            "style.layers": {"relu1_1": 1.0, "relu2_1": 1.0},
        } | options.pop("settings", {})
        plain = {"size": 40, "steps": 8, "weights": pocket_file, "device": "cpu"}
        given = {"checkpoint": tmp_path / "run", "checkpoint_every": 2} | options

        def listen(event):
            heard.append(event)
            if isinstance(event, Step) and event.step == kill_after:
                raise Killed

        heard = []
        files = tmp_path / "content.png", tmp_path / "style.png"
        try:
            result = impasto.stylize(*files, settings=settings, listen=listen, **plain, **given)
        except Killed:
            return heard
        return result, heard

    return stylize


@pytest.fixture
def killed(begin, tmp_path):
    """The folder of a run that was killed after step 7 of 8, with states of steps 5 and 6."""
    begin(kill_after=7)
    return tmp_path / "run"


@pytest.fixture
def wanted(begin):
    return begin(checkpoint=None)[0]


def kinds(events, kind):
    return [event for event in events if isinstance(event, kind)]


def resumed(folder, **options):
    heard = []
    return impasto.resume(folder, listen=heard.append, **options), heard


def assert_same(result, wanted):
    assert torch.equal(result.image, wanted.image)
    assert [r.losses for r in result.trace.rows] == [r.losses for r in wanted.trace.rows]
    assert result.recipe == wanted.recipe


def corrupt(path):
    path.write_bytes(path.read_bytes()[:-100])


class TestResuming:
    @pytest.mark.parametrize("step", [1, 4, 6])
    def test_gives_the_same_result(self, begin, wanted, tmp_path, step):
        begin(kill_after=step)
        result, heard = resumed(tmp_path / "run")
        assert_same(result, wanted)
        (event,) = kinds(heard, Resumed)
        assert event.step < step
        assert (event.seconds > 0) is (event.step > 0)
        assert [e.step for e in kinds(heard, Step)] == list(range(event.step + 1, 9))
        assert kinds(heard, Warned) == []

    def test_after_being_killed_again_and_again(self, begin, wanted, tmp_path):
        begin(kill_after=3)
        for step in (4, 5, 7):
            with pytest.raises(Killed):
                impasto.resume(
                    tmp_path / "run",
                    listen=lambda e, at=step: (
                        (_ for _ in ()).throw(Killed)
                        if isinstance(e, Step) and e.step == at
                        else None
                    ),
                )
        assert_same(impasto.resume(tmp_path / "run"), wanted)

    def test_checkpoints_change_nothing_and_come_by_step_and_stage(self, begin, wanted):
        result, heard = begin()
        assert_same(result, wanted)
        stages = [s.stage for s in kinds(heard, Step)]
        ends = {i + 1 for i, s in enumerate(stages) if i + 1 == len(stages) or s != stages[i + 1]}
        assert {e.step for e in kinds(heard, Checkpointed)} == {2, 4, 6, 8} | ends

    def test_a_complete_run_is_made_again_without_a_step(self, begin, tmp_path):
        first, _ = begin()
        again, heard = resumed(tmp_path / "run")
        assert kinds(heard, Step) == []
        assert_same(again, first)

    def test_a_time_limit_counts_for_each_process(self, begin, wanted, tmp_path, monkeypatch):
        clock = iter(range(10_000))
        fake = type("Clock", (), {"monotonic": staticmethod(lambda: next(clock))})
        monkeypatch.setattr("impasto.engine.course.time", fake)
        result, _ = begin(time_limit=6.0)
        assert result.status is Status.STOPPED
        counts = [len(result.trace.rows)]
        while result.status is Status.STOPPED:
            result, _ = resumed(tmp_path / "run")
            counts.append(len(result.trace.rows))
        assert counts == sorted(set(counts))
        assert len(counts) > 2
        assert_same(result, wanted)
        assert result.timeline == ()

    def test_threads_are_those_that_the_run_began_with_and_are_put_back(self, killed):
        values = json.loads((killed / "run.json").read_text())
        (killed / "run.json").write_text(json.dumps(values | {"threads": 2}))
        seen = []
        impasto.resume(killed, listen=lambda event: seen.append(torch.get_num_threads()))
        assert set(seen[1:]) == {2}
        assert torch.get_num_threads() == 1

    def test_precision_is_the_one_that_was_decided(self, begin, tmp_path, monkeypatch):
        begin(kill_after=3, settings={"network.precision": "auto"})
        decided = folders.read_plan(tmp_path / "run").recipe.network.precision
        assert decided in ("fp32", "bf16")
        monkeypatch.setattr("impasto.building._probed", None)  # to call it would fail
        assert impasto.resume(tmp_path / "run").recipe.network.precision == decided

    def test_stages_are_those_that_were_planned(self, killed):
        values = json.loads((killed / "run.json").read_text())
        values["stages"][-1]["steps"] += 3
        (killed / "run.json").write_text(json.dumps(values))
        assert len(impasto.resume(killed).trace.rows) == 11


class TestReplay:
    @pytest.fixture
    def steered(self, begin):
        """A run whose weights were changed while it worked, and that was stopped."""
        control = impasto.Control()

        def listen(event):
            if isinstance(event, Step) and event.step in (2, 5):
                control.change_weight("content", 1.0 + event.step)
            if isinstance(event, Step) and event.step == 3:
                control.pause()
                control.resume()
            if isinstance(event, Step) and event.step == 6:
                control.stop("enough")

        return self.listening(begin, listen, control)

    @staticmethod
    def listening(begin, listen, control):
        original = impasto.stylize

        def stylize(*args, **options):
            inner = options.pop("listen")

            def both(event):
                listen(event)
                inner(event)

            return original(*args, listen=both, **options)

        impasto.stylize, before = stylize, impasto.stylize
        try:
            return begin(checkpoint=None, control=control)[0]
        finally:
            impasto.stylize = before

    def test_of_a_timeline_gives_the_same_bytes(self, begin, steered, wanted):
        assert [(e.step, str(e.kind)) for e in steered.timeline] == [
            (2, "weight"),
            (5, "weight"),
            (6, "stopped"),
        ]
        again, _ = begin(checkpoint=None, replay=steered.timeline)
        assert_same(again, steered)
        assert (again.status, again.reason) == (Status.STOPPED, "enough")
        assert again.timeline == steered.timeline
        assert again.trace.rows[3].losses != wanted.trace.rows[3].losses

    def test_of_a_saved_trace(self, begin, steered, tmp_path):
        steered.trace.save(tmp_path / "trace.json")
        again, _ = begin(checkpoint=None, replay=tmp_path / "trace.json")
        assert_same(again, steered)

    @pytest.mark.parametrize("step", [1, 2, 3, 5])
    def test_that_is_killed_goes_on_with_what_is_left(self, begin, steered, tmp_path, step):
        begin(kill_after=step, replay=steered.timeline, checkpoint_every=1)
        again, _ = resumed(tmp_path / "run")
        assert_same(again, steered)
        assert again.timeline == steered.timeline

    def test_that_has_stopped_can_be_gone_on_with(self, begin, steered, tmp_path):
        begin(replay=steered.timeline)
        result, _ = resumed(tmp_path / "run")
        assert result.status is Status.COMPLETED
        assert len(result.trace.rows) == 8
        assert [str(e.kind) for e in result.timeline] == ["weight", "weight"]


class TestDamage:
    @pytest.mark.parametrize("suffix", [".json", ".safetensors"])
    def test_of_the_last_state_takes_the_one_before(self, killed, wanted, suffix):
        before, last = folders.Folder(killed).states()
        step = states.read(before).step
        assert step < states.read(last).step
        corrupt(last.with_suffix(suffix))
        result, heard = resumed(killed)
        assert_same(result, wanted)
        (warning,) = kinds(heard, Warned)
        assert last.name in warning.message
        assert kinds(heard, Resumed)[0].step == step

    def test_of_every_state_is_an_error_that_leaves_them(self, killed):
        for path in folders.Folder(killed).states():
            corrupt(path.with_suffix(".safetensors"))
        before = sorted(path.name for path in killed.iterdir())
        with pytest.raises(InputError, match=r"every checkpoint in .* is damaged: start anew"):
            impasto.resume(killed)
        assert sorted(path.name for path in killed.iterdir()) == before

    def test_that_a_kill_leaves_in_the_folder_is_tidied(self, killed, wanted):
        (killed / "000099.safetensors").write_bytes(b"half")
        (killed / ".impasto-abc.safetensors").write_bytes(b"less")
        assert_same(impasto.resume(killed), wanted)
        assert not (killed / ".impasto-abc.safetensors").exists()
        assert not (killed / "000099.safetensors").exists()

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 1}', '"run"'])
    def test_of_the_plan_is_an_error(self, killed, text):
        (killed / "run.json").write_text(text)
        with pytest.raises(InputError, match=r"run\.json is damaged"):
            impasto.resume(killed)

    def test_of_its_inputs_is_an_error(self, killed):
        values = json.loads((killed / "run.json").read_text())
        (killed / "run.json").write_text(json.dumps(values | {"inputs": []}))
        with pytest.raises(InputError, match="pictures are missing"):
            impasto.resume(killed)

    def test_a_plan_of_another_format_is_refused(self, killed):
        values = json.loads((killed / "run.json").read_text())
        (killed / "run.json").write_text(json.dumps(values | {"format": 2}))
        with pytest.raises(InputError, match="format is 2, this impasto reads format 1"):
            impasto.resume(killed)

    def test_another_version_warns_and_goes_on(self, killed, wanted, monkeypatch):
        now = plans.versions() | {"impasto": "99.1"}
        monkeypatch.setattr(plans, "versions", lambda: now)
        result, heard = resumed(killed)
        assert_same(result, wanted)
        assert [w.message for w in kinds(heard, Warned) if "99.1" in w.message]


class TestInputs:
    @pytest.mark.parametrize("name", ["content.png", "style.png"])
    def test_that_have_changed_are_refused(self, killed, tmp_path, name):
        other = "style.png" if name == "content.png" else "content.png"
        shutil.copy(tmp_path / other, tmp_path / name)
        with pytest.raises(InputError, match=rf"{name} is not the \w+ picture that the run began"):
            impasto.resume(killed)

    def test_that_are_missing_are_named(self, killed, tmp_path):
        (tmp_path / "content.png").unlink()
        with pytest.raises(InputError, match=r"cannot read the content picture .*content\.png"):
            impasto.resume(killed)

    def test_given_as_pixels_are_refused_and_leave_no_folder(self, tmp_path):
        picture = Picture(torch.rand(3, 30, 40))
        with pytest.raises(InputError, match="save it first"):
            impasto.stylize(picture, picture, checkpoint=tmp_path / "run")
        assert not (tmp_path / "run").exists()


class TestFolder:
    def test_of_another_run_is_refused(self, begin, killed):
        with pytest.raises(InputError, match=r"checkpoints of another run.*impasto resume"):
            begin()

    def test_of_a_complete_run_is_refused(self, begin):
        begin()
        with pytest.raises(InputError, match="a run that is complete"):
            begin()

    def test_that_is_a_file(self, begin, tmp_path):
        (tmp_path / "run").write_text("mine")
        with pytest.raises(InputError, match="is a file"):
            begin()
        with pytest.raises(InputError, match="is a file"):
            impasto.resume(tmp_path / "run")
        assert (tmp_path / "run").read_text() == "mine"

    def test_that_is_missing_or_holds_no_run(self, tmp_path):
        with pytest.raises(InputError, match="there is no folder"):
            impasto.resume(tmp_path / "nowhere")
        with pytest.raises(InputError, match="holds no run"):
            impasto.resume(tmp_path)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("steps", [0, -1])
    def test_of_no_cadence(self, begin, tmp_path, steps):
        with pytest.raises(InputError, match="at least 1"):
            begin(checkpoint_every=steps)
        assert not (tmp_path / "run").exists()

    def test_is_made_with_its_parents_and_keeps_two_states(self, begin, tmp_path):
        begin(checkpoint=tmp_path / "runs" / "first")
        names = sorted(path.name for path in (tmp_path / "runs" / "first").iterdir())
        assert names == [
            *("000004.json", "000004.safetensors", "000005.json", "000005.safetensors"),
            *("complete.json", "lock", "run.json"),
        ]

    def test_that_another_process_holds(self, begin, killed, tmp_path):
        with reopened(killed), pytest.raises(InputError, match="another process is at work"):
            impasto.resume(killed)
        with (
            claimed(tmp_path / "new"),
            pytest.raises(InputError, match="another process is at work"),
        ):
            begin(checkpoint=tmp_path / "new")
        assert not (tmp_path / "new").exists()

    def test_of_a_run_that_does_not_begin_is_unmade(self, tmp_path):
        with pytest.raises(Killed), claimed(tmp_path / "new"):
            raise Killed
        assert list(tmp_path.iterdir()) == []

    def test_where_it_cannot_be(self, begin, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(InputError, match="cannot keep checkpoints in"):
            begin(checkpoint=tmp_path / "file" / "run")

    @NEEDS_RIGHTS
    def test_that_is_read_only(self, begin, tmp_path):
        (tmp_path / "run").mkdir(mode=0o500)
        with pytest.raises(InputError, match="cannot keep checkpoints in"):
            begin()


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("error", [FULL, SafetensorError("IoError: No space left on device")])
def test_a_full_disk_does_not_end_the_run_and_the_last_checkpoint_survives(
    begin, wanted, tmp_path, monkeypatch, error
):
    original, calls = states.save_file, []

    def full(tensors, path):
        calls.append(path)
        if len(calls) > 2:
            path.write_bytes(b"as much as there is room for")
            raise error
        original(tensors, path)

    monkeypatch.setattr(states, "save_file", full)
    result, heard = begin()
    assert_same(result, wanted)
    warnings = [event.message for event in kinds(heard, Warned) if "checkpoint" in event.message]
    assert len(warnings) >= 2
    assert all("No space left" in text and "the run goes on" in text for text in warnings)
    assert [path.name for path in folders.Folder(tmp_path / "run").states()] == ["000001", "000002"]
    assert list((tmp_path / "run").glob(".impasto-*")) == []
    again, heard = resumed(tmp_path / "run")
    assert_same(again, wanted)
    (step,) = [event.step for event in kinds(heard, Resumed)]
    assert f"the last one is of step {step}" in kinds(heard, Warned)[-1].message


def test_a_folder_that_vanishes_does_not_end_the_run(begin, wanted, tmp_path, monkeypatch):
    original = states.write

    def vanishing(state, path):
        shutil.rmtree(path.parent, ignore_errors=True)
        original(state, path)

    monkeypatch.setattr(states, "write", vanishing)
    result, heard = begin()
    assert_same(result, wanted)
    assert any("no folder" in event.message for event in kinds(heard, Warned))


class TestExecution:
    """How a run is computed is decided once."""

    def test_tiles_are_kept(self, begin, tmp_path):
        wanted = begin(checkpoint=None, tile=16)[0]
        begin(kill_after=7, tile=16)
        plan = folders.read_plan(tmp_path / "run")
        assert plan.execution.tile == 16
        assert_same(resumed(tmp_path / "run")[0], wanted)

    def test_what_was_estimated_is_kept(self, killed):
        execution = folders.read_plan(killed).execution
        assert execution.is_plain
        assert execution.peak < execution.budget

    def test_an_older_plan_is_computed_whole(self, killed, wanted):
        file = killed / "run.json"
        values = json.loads(file.read_text())
        del values["execution"]
        file.write_text(json.dumps(values))
        assert folders.read_plan(killed).execution.is_plain
        assert_same(resumed(killed)[0], wanted)
