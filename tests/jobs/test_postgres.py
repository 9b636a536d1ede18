"""One database for several machines: a real PostgreSQL server, started where it is installed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from impasto.jobs import log
from impasto.jobs.jobs import Jobs
from impasto.jobs.limits import Limits
from impasto.jobs.values import JobStatus

pytestmark = pytest.mark.slow  # the server alone takes its time to be made


def programs() -> Path | None:
    """Find the folder of initdb and pg_ctl."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "pg_ctl").exists()), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def server():
    """The URL of a server, and what does something to it (start, stop)."""
    place = programs()
    if place is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(
        tempfile.mkdtemp(prefix="impasto-pg-")
    )  # not below pytest's: others may not enter
    if os.geteuid() == 0:
        try:
            shutil.chown(folder, user)
        except LookupError:
            pytest.skip("the server must not run as root, and there is no user postgres")
    port = free_port()

    def run(program, *options):
        command = [str(place / program), "-D", str(folder / "data"), *options]
        if os.geteuid() == 0:
            command = ["runuser", "-u", user, "--", *command]
        subprocess.run(command, check=True, cwd=folder, capture_output=True, timeout=60)

    def control(what):
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        more = ("-o", options, "-l", str(folder / "log")) if what == "start" else ("-m", "fast")
        run("pg_ctl", "-w", *more, what)

    run("initdb", "-U", "impasto", "-A", "trust", "-E", "UTF8", "--locale=C")
    control("start")
    yield f"postgresql://impasto@127.0.0.1:{port}/", control
    control("stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def url(server):
    """A new database."""
    base, _ = server
    name = f"test_{os.urandom(4).hex()}"
    engine = sa.create_engine(
        base.replace("://", "+psycopg://") + "postgres", isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return base + name


@pytest.fixture
def shared(url, tmp_path, decoding_here):
    every = []

    def open_(**limits) -> Jobs:
        every.append(Jobs(tmp_path / "home", url, Limits(**limits)))
        return every[-1]

    yield open_
    for jobs in every:
        jobs.close()


def test_two_workers_share_the_jobs_and_one_is_killed(shared, url, zygote, tools, reference):
    jobs = shared()
    ids = [jobs.submit(tools.asked(jobs)).id for _ in range(4)]
    options = {"home": str(jobs.home.path), "database": url, "dead_after": 4.0}
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
    jobs.favorite(one)
    jobs.cancel(two)
    jobs.delete(two)
    counts = jobs.counts()
    assert (counts.jobs[JobStatus.QUEUED], counts.uploads) == (1, 2)
    assert counts.disk_bytes > 0


def test_a_database_that_is_restarted_ends_no_job(shared, server, url, zygote, tools):
    jobs = shared()
    id = jobs.submit(tools.asked(jobs, tools.RECIPE.changed({"schedule.steps": 300}))).id
    _, control = server
    with tools.ending(zygote.fork("worker", home=str(jobs.home.path), database=url)):
        tools.wait_until(lambda: len(jobs.events(id)) > 3)
        control("stop")
        assert log.read(jobs.home.job(id).events)[-1].event == "step"  # it is in the middle
        control("start")
        tools.wait_until(lambda: jobs.job(id).status.ended)
    assert jobs.job(id).status is JobStatus.COMPLETED, jobs.job(id).error
    steps = [event.values["step"] for event in jobs.events(id) if event.event == "step"]
    assert steps == list(range(1, 301))
