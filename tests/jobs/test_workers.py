"""Workers as processes: the order of jobs, signals, supervision, and taking over from the dead."""

import io
import os
import signal
import subprocess
import sys
import time

import pytest

from impasto.jobs import presence
from impasto.jobs.presence import Presence
from impasto.jobs.supervise import Workers
from impasto.jobs.values import JobStatus


def all_done(jobs, ids):
    return all(jobs.job(id).status is JobStatus.COMPLETED for id in ids)


def test_drafts_overtake_prints_and_a_job_that_was_begun_comes_first(jobs, zygote, tools):
    big = tools.RECIPE.changed({"schedule.size": 1000, "schedule.steps": 300})
    print_ = jobs.submit(tools.asked(jobs, big)).id
    draft = jobs.submit(tools.asked(jobs)).id
    paused = jobs.submit(tools.asked(jobs)).id
    tools.Performer(jobs, paused).start().leaving.set()
    tools.wait_until(
        lambda: jobs.job(paused).status is JobStatus.QUEUED and not _held(jobs, paused)
    )
    with tools.ending(zygote.fork("worker", home=str(jobs.home.path))):
        tools.wait_until(lambda: all_done(jobs, [draft, paused]))
    first, second, third = (jobs.job(id) for id in (paused, draft, print_))
    assert first.finished <= second.started
    assert third.started is None or third.started >= second.finished


def _held(jobs, id):
    from impasto.jobs import records

    with jobs._database.reading() as connection:
        return records.row(connection, id)["held"]


@pytest.mark.slow
def test_sigterm_puts_the_job_back_after_a_checkpoint(jobs, zygote, tools, reference):
    id = jobs.submit(tools.asked(jobs)).id
    pid = zygote.fork("worker", home=str(jobs.home.path), every=1000)
    with tools.ending(pid):
        tools.wait_until(lambda: len(jobs.events(id)) > 4)
        os.kill(pid, signal.SIGTERM)
        tools.wait_until(lambda: not tools.is_alive(pid))
    assert jobs.job(id).status in (JobStatus.QUEUED, JobStatus.COMPLETED)
    with tools.ending(zygote.fork("worker", home=str(jobs.home.path))):
        tools.wait_until(lambda: all_done(jobs, [id]))
    assert jobs.result(id).read_bytes() == reference


@pytest.mark.slow
def test_the_jobs_of_a_worker_that_never_comes_back_are_taken_over(jobs, zygote, tools, reference):
    id = jobs.submit(tools.asked(jobs)).id
    dead = zygote.fork("worker", home=str(jobs.home.path), name="dead", point="step")
    tools.wait_until(lambda: not tools.is_alive(dead))
    pid = zygote.fork("worker", home=str(jobs.home.path), name="alive", dead_after=3.0)
    with tools.ending(pid):
        tools.wait_until(lambda: all_done(jobs, [id]))
    assert jobs.result(id).read_bytes() == reference
    assert [worker.id for worker in jobs.counts().workers] == ["alive"]


def test_a_silent_worker_is_dead_and_a_talking_one_is_not(jobs, monkeypatch):
    database, taken = jobs._database, []
    one, two = (Presence(database, name, "cpu", 10.0) for name in ("one", "two"))
    start = time.time()
    monkeypatch.setattr(presence, "clock", lambda connection: start)
    one.works_on("ab" * 10)
    two.show(taken.extend)
    monkeypatch.setattr(presence, "clock", lambda connection: start + 9)
    two.show(taken.extend)
    assert taken == []
    monkeypatch.setattr(presence, "clock", lambda connection: start + 11)
    two.show(taken.extend)
    two.show(taken.extend)
    assert taken == ["one"]


def test_the_name_of_a_worker_is_its_own(jobs, tools, tmp_path):
    from impasto.jobs import worker

    names = []
    locks = []
    for _ in range(2):
        name, lock = worker._named(jobs.home, None)
        names.append(name)
        locks.append(lock)
    assert names[0].endswith("-1")
    assert names[1].endswith("-2")
    locks[0].release()
    again, lock = worker._named(jobs.home, None)
    assert again == names[0]
    lock.release()
    locks[1].release()


@pytest.mark.slow
class TestSupervision:
    def test_a_worker_that_dies_is_started_again(self, jobs, tools, reference):
        id = jobs.submit(tools.asked(jobs, tools.RECIPE.changed({"schedule.steps": 150}))).id
        with Workers(jobs.home.path) as workers:
            tools.wait_until(lambda: jobs.job(id).step > 30)
            (first,) = workers.pids
            os.kill(first, signal.SIGKILL)
            tools.wait_until(lambda: jobs.job(id).status is JobStatus.COMPLETED, 150)
            (second,) = workers.pids
            assert second != first
        assert not tools.is_alive(second)
        assert any(event.event == "resumed" for event in jobs.events(id))

    @pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM])
    def test_workers_end_with_their_parent(self, jobs, tools, signum):
        script = (
            "import sys, time; from impasto.jobs.supervise import Workers\n"
            "with Workers(sys.argv[1]) as workers:\n"
            "    while not workers.pids: time.sleep(0.05)\n"
            "    print(*workers.pids, flush=True); time.sleep(600)"
        )
        command = [sys.executable, "-c", script, str(jobs.home.path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
            worker = int(parent.stdout.readline())
            tools.wait_until(lambda: jobs.counts().workers)
            assert tools.is_alive(worker)
            parent.send_signal(signum)
            parent.wait()
            with tools.ending(worker):
                tools.wait_until(lambda: not tools.is_alive(worker))


def test_the_command_says_what_to_install(monkeypatch, tmp_path):
    from typer.testing import CliRunner

    from impasto.cli.main import app

    monkeypatch.setitem(sys.modules, "dbos", None)
    for name in [name for name in sys.modules if name.startswith("impasto.jobs")]:
        monkeypatch.delitem(sys.modules, name)
    result = CliRunner().invoke(app, ["worker", "--home", str(tmp_path)])
    assert result.exit_code == 2
    assert "pip install 'impasto[studio]'" in result.stderr


def test_a_database_that_is_none_is_bad_input(tmp_path):
    from impasto.errors import InputError
    from impasto.jobs.jobs import Jobs

    for url in (
        "nonsense",
        "mysql://user:secret@host/db",
        "postgresql://user:secret@127.0.0.1:9/x",
    ):
        with pytest.raises(InputError) as refusal:
            Jobs(tmp_path / "home", url)
        assert "secret" not in str(refusal.value)


def test_two_servers_see_the_same_jobs(opened, tools):
    one, two = opened(), opened()
    id = one.upload(io.BytesIO(tools.picture(1)), "photo.png").id
    assert two.picture(id).exists()
    job = two.submit(tools.asked(one))
    assert one.job(job.id) == job
