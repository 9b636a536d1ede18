"""`impasto plan`, `--memory`, and what a run says of its plan."""

import json
import subprocess
import sys

import pytest

from impasto.cli.plan import span

PLAIN = ["--set", "schedule.first=64"]


@pytest.fixture
def outlook(run, folder):
    """Run `impasto plan photo.png painting.png --json` with more arguments."""

    def invoke(*arguments: object):
        result = run("plan", "photo.png", "painting.png", "--threads", "1", "--json", *arguments)
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return invoke


def test_a_large_picture_is_planned_in_tiles_that_fit(outlook):
    found = outlook("--size", "4096", "--memory", "1500MB", "--precision", "fp32")
    assert found["execution"]["tile"] is not None
    assert found["bytes"] <= 1_500_000_000
    last = found["stages"][-1]
    assert (last["width"], last["height"]) == (4096, 2731)
    assert last["tiles"] > 1
    assert found["stages"][0]["tiles"] == 1
    assert max(stage["bytes"] for stage in found["stages"]) == found["bytes"]
    low, high = found["seconds"]
    assert 0 < low < high
    totals = [sum(stage["seconds"][end] for stage in found["stages"]) for end in (0, 1)]
    assert totals == pytest.approx([low, high], rel=0.02, abs=0.1)


def test_a_small_picture_is_plain(outlook, folder):
    found = outlook("--size", "256", "--precision", "fp32")
    assert found["execution"]["tile"] is None
    assert found["disk"] == 0
    assert {path.name for path in folder.iterdir()} == {"photo.png", "painting.png"}


def test_the_table_names_every_stage(run, folder):
    result = run("plan", "photo.png", "--size", "256", "--precision", "fp32", "--threads", "1")
    lines = result.stdout.splitlines()
    assert lines[0] == "pocket-v1 on cpu in fp32"
    assert lines[1].split() == ["stage", "size", "steps", "computed", "memory", "time"]
    assert [line.split()[0] for line in lines[2:-1]] == ["1", "2"]
    assert lines[-1].startswith("whole: about")
    assert lines[-1].endswith("in all")


def test_what_cannot_fit_is_refused(run, folder):
    result = run("plan", "photo.png", "--size", "2048", "--memory", "20MB", "--threads", "1")
    assert result.exit_code == 2
    assert "need at least" in result.stderr
    assert "choose a smaller --size" in result.stderr


@pytest.mark.parametrize("command", ["plan", "stylize"])
def test_memory_that_cannot_be_read_is_refused(run, folder, command):
    result = run(command, "photo.png", "painting.png", "--memory", "plenty")
    assert result.exit_code == 2
    assert "expected memory such as 4GB, 512MiB or 70%" in result.stderr
    assert not (folder / "photo-painting.png").exists()


def test_a_plan_needs_no_weights(outlook):
    found = outlook("--size", "128", "--network", "vgg16", "--precision", "fp32", *PLAIN)
    assert found["network"] == "vgg16"
    assert found["bytes"] > 4 * 10_000_000  # its weights alone


def test_help_is_instant():
    code = "import sys, impasto.cli.main; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_run_says_how_it_is_computed_when_that_is_not_plain(stylize, monkeypatch):
    from impasto import executing, stylizing
    from impasto.planning import choose

    def tight(*arguments, **options):
        found = executing.planned(*arguments, **options)
        tiled = choose.ExecutionPlan(tile=48, peak=4 * 10**8, budget=5 * 10**8)
        return executing.Execution(tiled, found.stages, found.estimates)

    monkeypatch.setattr(stylizing, "planned", tight)
    result = stylize("-o", "out.png")
    assert result.exit_code == 0, result.stderr
    assert "computed in tiles of 48 px: about 400 MB of 500 MB of memory" in result.stderr


def test_a_plain_run_says_nothing_of_it(stylize):
    assert "computed" not in stylize("-o", "out.png").stderr


def test_json_tells_the_plan(stylize):
    lines = [json.loads(line) for line in stylize("-o", "out.png", "--json").stdout.splitlines()]
    assert lines[0]["event"] == "planned"
    assert lines[0]["execution"]["tile"] is None
    assert 10**8 < lines[0]["execution"]["peak"] < lines[0]["execution"]["budget"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ([1.234, 2.5], "1.2 to 2.5 s"),
        ([90.0, 119.0], "90 to 119 s"),
        ([100.0, 240.0], "1.7 to 4.0 min"),
        ([5000.0, 9000.0], "1.4 to 2.5 h"),
    ],
)
def test_spans_are_read_at_a_glance(seconds, text):
    assert span(seconds) == text
