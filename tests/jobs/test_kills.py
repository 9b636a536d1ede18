"""Whatever is killed, whenever: an accepted job is done, once, as if nothing had happened."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from impasto.jobs.jobs import Jobs
from impasto.jobs.values import JobStatus


def is_done(jobs: Jobs, id: str) -> bool:
    return jobs.job(id).status.ended


def finish(jobs: Jobs, zygote, tools, ids) -> None:
    """Start a worker, and wait until the jobs have ended and nothing is left over."""
    pid = zygote.fork("worker", home=str(jobs.home.path))
    with tools.ending(pid):
        tools.wait_until(lambda: all(is_done(jobs, id) for id in ids), 120)
        tools.wait_until(lambda: not tools.strays(jobs), 10)


def check_done_once(jobs: Jobs, tools, id: str, reference: bytes) -> None:
    """Compare with a job that nobody disturbed."""
    job = jobs.job(id)
    assert (job.status, job.error) == (JobStatus.COMPLETED, "")
    assert jobs.result(id).read_bytes() == reference
    events = jobs.events(id)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    steps = [event.values["step"] for event in events if event.event == "step"]
    assert steps == list(range(1, tools.STEPS + 1))
    for once in ("prepared", "finished"):
        assert [event.event for event in events].count(once) == 1


def said(accepted: Path) -> str:
    return accepted.read_text() if accepted.exists() else ""


def killed(zygote, tools, jobs, point) -> None:
    pid = zygote.fork("worker", home=str(jobs.home.path), point=point)
    tools.wait_until(lambda: not tools.is_alive(pid))


@pytest.mark.parametrize("point", ["step", "saved", "checkpoint"])
def test_a_worker_is_killed_in_the_middle(point, jobs, zygote, tools, reference):
    id = jobs.submit(tools.asked(jobs)).id
    killed(zygote, tools, jobs, point)
    assert jobs.job(id).status is JobStatus.RUNNING
    finish(jobs, zygote, tools, [id])
    check_done_once(jobs, tools, id, reference)
    assert any(event.event == "resumed" for event in jobs.events(id))


@pytest.mark.slow
@pytest.mark.parametrize("point", ["taken", "begun", "encoding", "ended"])
def test_a_worker_is_killed_elsewhere(point, jobs, zygote, tools, reference):
    id = jobs.submit(tools.asked(jobs)).id
    killed(zygote, tools, jobs, point)
    finish(jobs, zygote, tools, [id])
    check_done_once(jobs, tools, id, reference)


def test_a_server_is_killed_before_and_after_it_accepts(opened, home, zygote, tools, reference):
    jobs = opened()
    asked = tools.asked(jobs).to_dict()
    accepted = home / "accepted"
    for point in ("recorded", ""):
        pid = zygote.fork("serve", home=str(home), request=asked, point=point)
        with tools.ending(pid):
            tools.wait_until(lambda pid=pid: said(accepted) or not tools.is_alive(pid))
    (id,) = accepted.read_text().split()
    assert [job.id for job in jobs.jobs().items] == [id]  # the other one was never accepted
    finish(jobs, zygote, tools, [id])
    check_done_once(jobs, tools, id, reference)


def test_an_upload_that_is_cut_short_is_swept(opened, home, zygote, tools, tmp_path):
    opened()
    (tmp_path / "photo.png").write_bytes(tools.picture(5))
    pid = zygote.fork("upload", home=str(home), path=str(tmp_path / "photo.png"), point="received")
    tools.wait_until(lambda: not tools.is_alive(pid))
    assert len([p for p in (home / "incoming").rglob("*") if p.is_file()]) > 2
    jobs = opened()
    left = [path for path in (home / "incoming").rglob("*") if path.is_file()]
    assert {path.suffix for path in left} == {".lock"}
    assert jobs.uploads() == []


def test_a_job_that_kills_every_worker_fails_with_a_sentence(jobs, zygote, tools):
    id = jobs.submit(tools.asked(jobs)).id
    for point in ("begun", "begun", "begun"):
        killed(zygote, tools, jobs, point)
        assert jobs.job(id).status is JobStatus.RUNNING
    finish(jobs, zygote, tools, [id])
    job = jobs.job(id)
    assert job.status is JobStatus.FAILED
    assert "died 3 times" in job.error
    assert "smaller size" in job.error


@pytest.mark.slow
def test_deaths_count_from_the_last_checkpoint(jobs, zygote, tools, reference):
    id = jobs.submit(tools.asked(jobs)).id
    for point in ("begun", "begun", "step", "resumed"):
        killed(zygote, tools, jobs, point)
    finish(jobs, zygote, tools, [id])
    check_done_once(jobs, tools, id, reference)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_anything_is_killed_at_any_moment(seed, opened, home, zygote, tools, reference):
    """Server, worker, or both, twice, at random moments; then all that was accepted is done."""
    moments = random.Random(seed)
    jobs = opened()
    asked = tools.asked(jobs).to_dict()
    for _ in range(2):
        server = zygote.fork("serve", home=str(home), request=asked, count=2)
        worker = zygote.fork("worker", home=str(home))
        with tools.ending(server), tools.ending(worker):
            victims = moments.choice([[server], [worker], [server, worker]])
            time.sleep(moments.uniform(0.05, 4.0))
            for victim in victims:
                os.kill(victim, signal.SIGKILL)
            time.sleep(moments.uniform(0.0, 0.5))
    accepted = Path(home, "accepted")
    told = said(accepted).split()
    every = [job.id for job in jobs.jobs().items]
    assert set(told) <= set(every)
    finish(jobs, zygote, tools, every)
    for id in every:
        check_done_once(jobs, tools, id, reference)
    assert jobs.counts().jobs[JobStatus.RUNNING] == 0
