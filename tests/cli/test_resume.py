"""`impasto resume`, and runs that are really killed."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time

import pytest

from impasto.events import Step

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")

MAIN = "from impasto.cli.main import main; main()"

DYING = """
import os, signal
from pathlib import Path
from impasto.checkpoints import folder, states

def die():
    os.kill(os.getpid(), signal.SIGKILL)

save_file, numbers, forget = states.save_file, states._numbers, folder._forget
left = [3]

def last():
    left[0] -= 1
    return left[0] <= 0

def half(tensors, path):
    save_file(tensors, path)
    if last():
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        die()

def between(state):
    return die() if last() else numbers(state)

def rotating(path):
    path.with_suffix(".json").unlink() if last() else forget(path)
    left[0] > 0 or die()
"""
PLACES = {
    "tensors half written": "states.save_file = half",
    "tensors without numbers": "states._numbers = between",
    "an old state half removed": "left[0] = 1; folder._forget = rotating",
}

ADAM = ["--set", "optimizer.adam.average=0.8"]
LBFGS = ["--optimizer", "lbfgs", "--set", "optimizer.lbfgs.average=0.5"]


@pytest.fixture
def painting(small):
    """Options of a run with three stages, averages and balance: 16 steps."""
    growth = ["--set", "schedule.first=51", "--set", "schedule.growth=1.25"]
    stages = ["--size", "80", *growth, "--steps", "16"]
    return ["photo.png", "painting.png", *small, *stages, "--trace", "trace.json"]


@pytest.fixture(scope="module")
def known():
    """References that were made."""
    return {}


@pytest.fixture
def reference(run, folder, painting, known):
    """Bytes of the picture, and the trace, of a run that nobody disturbs."""

    def make(*options):
        if options not in known:
            result = run("stylize", *painting, *options, "-o", "out.png", "--quiet")
            assert result.exit_code == 0, result.output
            known[options] = taken(folder)
            stages = [row["stage"] for row in json.loads(known[options][1])["steps"]]
            assert set(stages) == {1, 2, 3}
        return known[options]

    return make


def taken(folder):
    """Take the picture and the trace away; return their content."""
    image = (folder / "out.png").read_bytes()
    trace = json.loads((folder / "trace.json").read_text())
    assert trace["steps"]
    for row in trace["steps"]:
        del row["seconds"]
    (folder / "out.png").unlink()
    (folder / "trace.json").unlink()
    return image, json.dumps(trace)


def started(folder, arguments, source=MAIN):
    return subprocess.Popen(
        [sys.executable, "-c", source, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def kill_after(process, step, delay=0.0):
    """Send SIGKILL when a process says that a step is done; tell whether it was still alive."""
    with process:
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "step" and event["step"] >= step:
                time.sleep(delay)
                process.kill()
                break
    return process.returncode == -signal.SIGKILL


def begun(painting, *options):
    checkpoint = ["--checkpoint", "run", "--checkpoint-every", "3"]
    return ["stylize", *painting, *options, *checkpoint, "-o", "out.png", "--json"]


@pytest.mark.parametrize(("options", "step"), [(ADAM, 4), (ADAM, 11), (LBFGS, 8)])
def test_a_killed_run_that_is_resumed_gives_the_same_bytes(
    run, folder, painting, reference, options, step
):
    wanted = reference(*options)
    assert kill_after(started(folder, begun(painting, *options)), step)
    assert not (folder / "out.png").exists()
    result = run("resume", "run")
    assert result.exit_code == 0, result.output
    (found,) = re.findall(r"going on after step (\d+)", result.stderr)
    assert step - 3 < int(found) <= step
    assert result.stdout.startswith("saved out.png (80 x 53 px, 16 steps")
    assert taken(folder) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("options", [ADAM, LBFGS], ids=["adam", "lbfgs"])
def test_killed_at_random_and_resumed_in_another_process(
    folder, painting, reference, options, seed
):
    wanted, draw = reference(*options), random.Random(seed)
    step = draw.randrange(1, 16)
    alive = kill_after(started(folder, begun(painting, *options)), step, draw.uniform(0, 0.03))
    for _ in range(draw.randrange(3)):  # and killed while it goes on
        step = draw.randrange(step, 16)
        arguments = ["resume", "run", "--json"]
        alive = alive and kill_after(started(folder, arguments), step, draw.uniform(0, 0.03))
    with started(folder, ["resume", "run", "-q"]) as process:
        assert process.wait() == 0
    assert taken(folder) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("options", [ADAM, LBFGS], ids=["adam", "lbfgs"])
def test_killed_while_a_checkpoint_is_written(run, folder, painting, reference, options, place):
    wanted = reference(*options)
    source = f"{DYING}\n{PLACES[place]}\n{MAIN}"
    with started(folder, begun(painting, *options), source) as process:
        process.stdout.read()
    assert process.returncode == -signal.SIGKILL
    result = run("resume", "run")
    assert result.exit_code == 0, result.output
    assert "going on after step" in result.stderr
    assert "warning" not in result.stderr
    assert taken(folder) == wanted


def test_a_run_stopped_by_a_signal_goes_on(run, folder, painting, reference, monkeypatch):
    wanted = reference()

    def event(self, event):
        if isinstance(event, Step) and event.step == 5:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr("impasto.cli.display.PlainDisplay.event", event)
        result = run("stylize", *painting, "--checkpoint", "run", "-o", "out.png")
    assert result.exit_code == 130
    assert result.stdout.splitlines()[-1] == "to go on: impasto resume run"
    assert taken(folder) != wanted
    result = run("resume", "run")
    assert result.exit_code == 0, result.output
    assert "going on after step 5" in result.stderr
    assert taken(folder) == wanted


def test_a_complete_run_says_where_its_picture_is(run, folder, painting):
    result = run("stylize", *painting, "--checkpoint", "run", "-o", "out.png", "--quiet")
    assert result.exit_code == 0, result.output
    image = (folder / "out.png").read_bytes()
    (folder / "out.png").write_bytes(b"touched up by hand")
    result = run("resume", "run")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"run is complete: its picture is {folder / 'out.png'}\n"
    assert (folder / "out.png").read_bytes() == b"touched up by hand"
    event = json.loads(run("resume", "run", "--json").stdout)
    assert (event["event"], event["output"]) == ("already_complete", str(folder / "out.png"))
    (folder / "out.png").unlink()
    assert run("resume", "run", "-q").exit_code == 0
    assert (folder / "out.png").read_bytes() == image


def test_a_resumed_run_writes_where_it_is_told(run, folder, painting, monkeypatch):
    (folder / "elsewhere").mkdir()
    result = run("stylize", *painting, "--checkpoint", "run", "-o", "out.png", "--quiet")
    assert result.exit_code == 0, result.output
    monkeypatch.chdir(folder / "elsewhere")
    assert run("resume", "../run", "-o", "other.png", "-q").exit_code == 0
    assert (folder / "elsewhere" / "other.png").read_bytes() == (folder / "out.png").read_bytes()


def test_a_replayed_trace_gives_the_same_bytes(run, folder, painting, reference, monkeypatch):
    seen = []
    monkeypatch.setattr("impasto.cli.work.Control", lambda: seen.append(Steered()) or seen[-1])
    from impasto.engine.control import Control

    class Steered(Control):
        def arrive(self, step, retries):
            if step == 6 and retries == 0:
                self.change_weight("content", 7.0)
            super().arrive(step, retries)

    result = run("stylize", *painting, "-o", "out.png", "--quiet")
    assert result.exit_code == 0, result.output
    (folder / "steered.json").write_bytes((folder / "trace.json").read_bytes())
    wanted = taken(folder)
    assert seen
    monkeypatch.undo()
    os.chdir(folder)
    assert reference("--replay", "steered.json") == wanted
    assert reference() != wanted


class TestErrors:
    """Each is one sentence and exit code 2, and leaves everything as it was."""

    @pytest.fixture
    def refused(self, run, folder):
        def check(*arguments):
            before = sorted(str(path) for path in folder.rglob("*"))
            result = run(*arguments)
            assert result.exit_code == 2, result.output
            assert len(result.stderr.splitlines()) == 1
            assert sorted(str(path) for path in folder.rglob("*")) == before
            return result.stderr

        return check

    def test_no_such_folder(self, refused):
        assert "there is no folder nowhere" in refused("resume", "nowhere")

    def test_a_folder_without_a_run(self, refused, folder):
        (folder / "empty").mkdir()
        assert "holds no run" in refused("resume", "empty")

    def test_a_file(self, refused, painting):
        assert "is a file" in refused("resume", "photo.png")
        assert "is a file" in refused("stylize", *painting, "--checkpoint", "photo.png")

    def test_a_folder_that_is_taken(self, run, refused, painting):
        run("stylize", *painting, "--checkpoint", "run", "-o", "out.png", "--time-limit", "1e-9")
        error = refused("stylize", *painting, "--checkpoint", "run", "-o", "other.png")
        assert "impasto resume run" in error

    def test_changed_and_missing_inputs(self, run, refused, folder, painting):
        run("stylize", *painting, "--checkpoint", "run", "-o", "out.png", "--time-limit", "1e-9")
        content = (folder / "photo.png").read_bytes()
        (folder / "photo.png").write_bytes((folder / "painting.png").read_bytes())
        assert "is not the content picture that the run began with" in refused("resume", "run")
        (folder / "photo.png").unlink()
        assert "there is no file" in refused("resume", "run")
        (folder / "photo.png").write_bytes(content)
        assert run("resume", "run", "--time-limit", "1e9").exit_code == 0

    @pytest.mark.parametrize("text", ["", "[]", '{"timeline": [{"step": "two"}]}', "{}"])
    def test_a_replay_of_something_else(self, refused, folder, painting, text):
        (folder / "steered.json").write_text(text)
        error = refused("stylize", *painting, "--replay", "steered.json", "-o", "out.png")
        assert "timeline" in error

    def test_a_replay_that_would_be_overwritten(self, refused, folder, painting):
        (folder / "trace.json").write_text('{"timeline": [], "steps": []}')
        error = refused("stylize", *painting, "--replay", "trace.json", "-o", "out.png")
        assert "would be overwritten" in error
