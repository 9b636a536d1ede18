"""`impasto stylize --server`: the same command, with the work done at a service."""

import json
import signal
import threading
import time

import pytest
from typer.testing import CliRunner

from impasto.cli.main import app
from impasto.images.codec import decode
from impasto.jobs.errors import Conflict
from impasto.jobs.performing import Performance
from impasto.jobs.values import JobStatus
from impasto.studio.access import Access

SETTINGS = ("--size", 32, "--set", "schedule.first=32", "--steps", 4, "--precision", "fp32")


@pytest.fixture
def folder(tmp_path, monkeypatch, picture):
    (tmp_path / "photo.png").write_bytes(picture(1))
    (tmp_path / "painting.png").write_bytes(picture(2))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stylize(folder, served):
    """Run the command at the service."""

    def invoke(*arguments):
        words = ["stylize", "photo.png", "painting.png", "--server", served.url, *SETTINGS]
        return CliRunner().invoke(app, [str(word) for word in (*words, *arguments)])

    return invoke


@pytest.fixture
def worker(served):
    """Does every job that is handed in, in a thread."""
    ends = threading.Event()

    def work():
        while not ends.wait(0.05):
            for job in served.jobs.jobs(status=JobStatus.QUEUED).items:
                served.perform(job.id)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ends.set()
    thread.join(30)


def test_the_picture_is_the_servers(stylize, served, worker, folder):
    result = stylize("-o", "out.png", "--trace", "out.json")
    assert result.exit_code == 0, result.stderr
    (job,) = served.jobs.jobs().items
    assert (folder / "out.png").read_bytes() == served.jobs.result(job.id).read_bytes()
    assert (folder / "out.json").read_bytes() == served.jobs.trace(job.id).read_bytes()
    assert result.stdout.startswith("saved out.png (32 x 24 px, 4 steps")
    assert f"handed in as job {job.id}" in result.stderr
    assert "pocket-v1 on cpu at 127.0.0.1 in fp32" in result.stderr


def test_other_formats_and_json_lines(stylize, worker, folder):
    result = stylize("-o", "out.tif", "--depth", 16, "--json")
    assert result.exit_code == 0, result.stderr
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    kinds = [line["event"] for line in lines]
    assert kinds[0] == "prepared"
    assert kinds.count("step") == 4
    assert kinds[-1] == "finished"
    assert (lines[-1]["output"], lines[-1]["width"], lines[-1]["steps"]) == ("out.tif", 32, 4)
    assert (folder / "out.tif").read_bytes()[:2] in (b"II", b"MM")
    assert "[schedule]" in (decode(folder / "out.tif").recipe or "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--threads", 1), "--threads"),
        (("--device", "cuda", "--offline"), "--device and --offline"),
        (("--time-limit", 5), "--time-limit"),
        (("--animate", "a.gif"), "--animate"),
        (("--checkpoint", "run"), "--checkpoint"),
        (("--trace", "a.csv"), "name it .json"),
        (("-o", "photo.png"), "photo.png is an input"),
        (("-o", "out.xyz"), "unknown suffix"),
    ],
)
def test_what_makes_no_sense_there_is_refused(stylize, served, arguments, words):
    result = stylize(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert served.jobs.jobs().total == 0


def test_a_job_that_fails_is_told(stylize, served, worker, monkeypatch):
    def fail(*args, **options):
        raise MemoryError

    # By its module: other tests load parts of the package anew.
    monkeypatch.setitem(Performance._events.__globals__, "stylize_events", fail)
    result = stylize("-o", "out.png")
    assert result.exit_code == 1
    assert "not enough memory" in result.stderr


def test_a_job_cancelled_elsewhere_is_told(stylize, served, folder):
    def cancel():
        while not (found := served.jobs.jobs().items):
            time.sleep(0.02)
        served.jobs.cancel(found[0].id)

    thread = threading.Thread(target=cancel)
    thread.start()
    result = stylize("-o", "out.png")
    thread.join()
    assert result.exit_code == 1
    assert "was cancelled at the server" in result.stderr
    assert not (folder / "out.png").exists()


def test_ctrl_c_before_it_begins_cancels_the_job(stylize, served):
    def interrupt():
        while not served.app.state.service.following:
            time.sleep(0.02)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=interrupt)
    thread.start()
    result = stylize("-o", "out.png")
    thread.join()
    signal.signal(signal.SIGINT, before)
    assert result.exit_code == 130
    assert "nothing to save; the job was cancelled" in result.stderr
    assert served.jobs.jobs().items[0].status == "cancelled"


def test_ctrl_c_while_it_runs_keeps_the_picture(stylize, served, worker, folder, monkeypatch):
    """The last step waits until the stop has come."""
    from impasto.jobs.keeping import Keeping

    see, stopped = Keeping.see, threading.Event()

    def waits(self, event, round, listening):
        see(self, event, round, listening)
        if getattr(event, "step", 0) == 2 and type(event).__name__ == "Step":
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            assert stopped.wait(20)
            time.sleep(1.0)  # until it is heard

    def control(id, action, **values):
        try:
            return steer(id, action, **values)
        except Conflict:
            raise AssertionError("it had begun") from None
        finally:
            stopped.set()

    steer = served.jobs.control
    monkeypatch.setattr(served.jobs, "control", control)
    monkeypatch.setattr(Keeping, "see", waits)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    result = stylize("-o", "out.png", "--steps", 50)
    signal.signal(signal.SIGINT, before)
    assert result.exit_code == 130, result.stderr
    assert "of 50 steps" in result.stdout
    assert "stopped" in result.stdout
    assert decode(folder / "out.png").width == 32


def test_a_token_is_needed_and_taken_from_the_environment(serving, folder, token, monkeypatch):
    monkeypatch.setattr("impasto.studio.guard.PENALTY", 0.0)
    with serving(access=Access(token=token)) as served:
        words = ["stylize", "photo.png", "painting.png", "--server", served.url, "-o", "out.png"]
        refused = CliRunner().invoke(app, words)
        assert refused.exit_code == 2
        assert "IMPASTO_TOKEN" in refused.stderr
        wrong = CliRunner().invoke(app, [*words, "--token", "wrong"])
        assert "not the right one" in wrong.stderr


def test_an_address_that_is_none_is_told(folder):
    words = ["stylize", "photo.png", "painting.png", "--server", "workstation", "-o", "out.png"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert "expected an address" in result.stderr
