"""One database for several machines: a real PostgreSQL server, started where it is installed."""

import pytest

from impasto.jobs import log
from impasto.jobs.errors import Conflict
from impasto.jobs.jobs import Jobs
from impasto.jobs.limits import Limits
from impasto.jobs.promises import Promise
from impasto.jobs.values import JobStatus

pytestmark = pytest.mark.slow  # the server alone takes its time to be made


@pytest.fixture
def shared(postgres_url, tmp_path, decoding_here):
    every = []

    def open_(**limits) -> Jobs:
        every.append(Jobs(tmp_path / "home", postgres_url, Limits(**limits)))
        return every[-1]

    yield open_
    for jobs in every:
        jobs.close()


def test_two_workers_share_the_jobs_and_one_is_killed(
    shared, postgres_url, zygote, tools, reference
):
    jobs = shared()
    ids = [jobs.submit(tools.asked(jobs)).id for _ in range(4)]
    options = {"home": str(jobs.home.path), "database": postgres_url, "dead_after": 4.0}
    dying = zygote.fork("worker", name="one", point="step", **options)
    tools.wait_until(lambda: not tools.is_alive(dying))
    with (
        tools.ending(zygote.fork("worker", name="two", **options)),
        tools.ending(zygote.fork("worker", name="three", **options)),
    ):
        tools.wait_until(lambda: all(jobs.job(id).status.ended for id in ids))
        tools.wait_until(lambda: not tools.strays(jobs), 10)
    assert {jobs.job(id).status for id in ids} == {JobStatus.COMPLETED}
    assert {jobs.result(id).read_bytes() for id in ids} == {reference}
    for id in ids:
        events = jobs.events(id)
        assert [event.event for event in events].count("finished") == 1
        assert [event.number for event in events] == list(range(1, len(events) + 1))


def test_the_front_works_as_with_sqlite(shared, tools):
    jobs = shared(queue=2)
    one, two = (jobs.submit(tools.asked(jobs, title=title)).id for title in ("One", "100% two"))
    assert [job.id for job in jobs.jobs(search="100%").items] == [two]
    page = jobs.jobs(limit=1)
    assert [job.id for job in jobs.jobs(limit=1, before=page.before).items] == [one]
    with pytest.raises(Exception, match="try again later"):
        jobs.submit(tools.asked(jobs))
    assert jobs.control(one, "pause").status is JobStatus.PAUSED
    assert jobs.control(one, "resume").status is JobStatus.QUEUED
    promise = Promise("a key", "a body")
    jobs.cancel(two)
    made = jobs.submit(tools.asked(jobs, title="Three"), promise).id
    assert jobs.submit(tools.asked(jobs, title="Three"), promise).id == made
    with pytest.raises(Conflict, match="another request"):
        jobs.submit(tools.asked(jobs), Promise("a key", "another body"))
    jobs.cancel(made)
    jobs.delete(made)
    jobs.favorite(one)
    jobs.delete(two)
    counts = jobs.counts()
    assert (counts.jobs[JobStatus.QUEUED], counts.uploads) == (1, 2)
    assert counts.disk_bytes > 0


def test_a_database_that_is_restarted_ends_no_job(shared, postgres, postgres_url, zygote, tools):
    jobs = shared()
    id = jobs.submit(tools.asked(jobs, tools.RECIPE.changed({"schedule.steps": 300}))).id
    _, control = postgres
    with tools.ending(zygote.fork("worker", home=str(jobs.home.path), database=postgres_url)):
        tools.wait_until(lambda: len(jobs.events(id)) > 3)
        control("stop")
        assert log.read(jobs.home.job(id).events)[-1].event == "step"  # it is in the middle
        control("start")
        tools.wait_until(lambda: jobs.job(id).status.ended)
    assert jobs.job(id).status is JobStatus.COMPLETED, jobs.job(id).error
    steps = [event.values["step"] for event in jobs.events(id) if event.event == "step"]
    assert steps == list(range(1, 301))
