"""Ctrl-C and SIGTERM: what is saved, and the exit code."""

import json
import os
import signal
import subprocess
import sys

import pytest

from impasto.cli.exits import Interrupted
from impasto.cli.interrupts import Interrupts
from impasto.engine.control import Control
from impasto.events import StageStarted, Step
from impasto.images import decode

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
REASONS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
SIGNALS = pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])


def raising(signum, kind, times=1):
    """A listener's `event` that sends signals when it hears of a kind of event."""

    def event(self, event):
        if isinstance(event, kind):
            for _ in range(times):
                signal.raise_signal(signum)

    return event


@SIGNALS
def test_a_signal_in_the_run_saves_the_image_so_far(stylize, folder, monkeypatch, signum):
    monkeypatch.setattr("impasto.cli.display.PlainDisplay.event", raising(signum, Step))
    result = stylize("-o", "out.png", "--trace", "trace.json")
    assert result.exit_code == CODES[signum]
    first, second = result.stdout.splitlines()
    assert first.startswith("saved out.png (51 x 34 px, 1 of 4 steps")
    assert second == f"stopped: {REASONS[signum]}"
    assert decode("out.png").width == 51
    trace = json.loads((folder / "trace.json").read_text())
    assert len(trace["steps"]) == 1
    assert [entry["kind"] for entry in trace["timeline"]] == ["stopped"]


@SIGNALS
def test_a_signal_before_the_run_has_nothing_to_save(stylize, folder, monkeypatch, signum):
    monkeypatch.setattr("impasto.given.decode", lambda path, **_: signal.raise_signal(signum))
    result = stylize("-o", "out.png")
    assert result.exit_code == CODES[signum]
    assert result.stderr == f"impasto: {REASONS[signum]}: nothing to save\n"
    assert not (folder / "out.png").exists()


def test_a_signal_before_the_first_step_has_nothing_to_save(stylize, folder, monkeypatch):
    event = raising(signal.SIGINT, StageStarted)
    monkeypatch.setattr("impasto.cli.listeners.Silent.event", event)
    result = stylize("-o", "out.png", "--quiet")
    assert result.exit_code == 130
    assert result.stderr == "impasto: interrupted: nothing to save\n"
    assert not (folder / "out.png").exists()


def test_the_second_signal_aborts_at_once(stylize, folder, monkeypatch):
    event = raising(signal.SIGINT, Step, times=2)
    monkeypatch.setattr("impasto.cli.listeners.Silent.event", event)
    result = stylize("-o", "out.png", "--quiet")
    assert result.exit_code == 130
    assert result.stderr == "impasto: interrupted twice: nothing was saved\n"
    assert not (folder / "out.png").exists()


def test_a_signal_in_the_last_step_changes_nothing(stylize, folder, monkeypatch):
    def event(self, event):
        if isinstance(event, Step) and event.step == event.steps:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("impasto.cli.listeners.Silent.event", event)
    assert stylize("-o", "out.png", "--quiet").exit_code == 0
    assert decode("out.png").width == 72


def test_handlers_are_put_back_whatever_happens():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Interrupted, match="nothing to save"), Interrupts():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_ignored_signal_stays_ignored():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Interrupts() as interrupts:
        interrupts.stops(Control())
        signal.raise_signal(signal.SIGINT)
    assert interrupts.received is None
    signal.signal(signal.SIGINT, signal.default_int_handler)


# A job that a shell starts in the background ignores Ctrl-C; here it must not.
COMMAND = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from impasto.cli.main import main
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signals to one process alone")
@SIGNALS
def test_a_real_process_is_stopped_in_its_run(folder, small, signum):
    arguments = ["stylize", "photo.png", "painting.png", *small, "-o", "out.png", "--json"]
    command = [sys.executable, "-c", COMMAND, *arguments, "--steps", "1000000"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "step":
                process.send_signal(signum)
                break
        last = [json.loads(line) for line in process.stdout][-1]
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == CODES[signum]
    assert (last["event"], last["status"]) == ("finished", "stopped")
    assert decode(folder / "out.png").recipe is not None
    assert sorted(path.name for path in folder.iterdir()) == [
        "out.png",
        "painting.png",
        "photo.png",
    ]


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise there")
def test_a_reader_that_goes_away_is_no_traceback(folder):
    command = [sys.executable, "-c", COMMAND, "recipe", "show", "default"]
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert "Traceback" not in result.stderr
    assert "Exception ignored" not in result.stderr
