"""One job in the worker's hands: steered, let go, gone on with, ended; without the queue."""

import io
import threading
import time

import pytest
import torch

from impasto import timeline
from impasto.features import networks
from impasto.images import Picture
from impasto.images.codec import decode, png_bytes
from impasto.jobs import keeping, listening, records
from impasto.jobs.errors import Conflict
from impasto.jobs.values import JobStatus, Output
from impasto.shared import Shared
from impasto.timeline import Kind


@pytest.fixture
def long(tools):
    """A recipe that is not done before somebody has acted."""
    return tools.RECIPE.changed({"schedule.steps": 4000})


@pytest.fixture
def begun(jobs, tools, long, monkeypatch):
    """A long job that has done some steps: its id, and who performs it."""
    monkeypatch.setattr(keeping, "EVERY", 0.05)
    performers = []

    def begin(recipe=long, **fields):
        id = jobs.submit(tools.asked(jobs, recipe, **fields)).id
        performers.append(tools.Performer(jobs, id).start())
        tools.wait_until(lambda: jobs.job(id).step > 5)
        return id, performers[-1]

    yield begin
    for performer in performers:
        performer.leaving.set()
        performer.join()


def entries(jobs, id):
    return timeline.read(jobs.trace(id))


def test_a_job_from_begin_to_end(jobs, tools):
    id = jobs.submit(tools.asked(jobs, output=Output(depth=16, dpi=150.0))).id
    tools.Performer(jobs, id).run()
    job = jobs.job(id)
    assert (job.status, job.step, job.steps) == (JobStatus.COMPLETED, tools.STEPS, tools.STEPS)
    assert job.result == (64, 48)
    assert job.created <= job.started <= job.finished
    last = [event for event in jobs.events(id) if event.event == "step"][-1]
    assert job.losses == {name: value for name, value in last.values["losses"].items() if value}
    picture = decode(jobs.result(id))
    assert picture.dpi == pytest.approx(150, abs=0.1)
    assert 'name = "default"' in picture.recipe or "[schedule]" in picture.recipe
    assert jobs.result(id).read_bytes()[24] == 16  # bits, in the header of a PNG
    assert jobs.preview(id).read_bytes()[:3] == b"\xff\xd8\xff"
    assert jobs.events(id)[-1].event == "finished"
    assert tools.strays(jobs) == []
    assert jobs.counts().disk_bytes > sum(upload.bytes for upload in jobs.uploads())


@pytest.mark.slow
def test_networks_are_loaded_once_for_all_jobs(jobs, tools, monkeypatch):
    loaded, load, seen = [], networks.load, Shared()
    monkeypatch.setattr(networks, "load", lambda *a, **k: loaded.append(a[0]) or load(*a, **k))
    ids = [jobs.submit(tools.asked(jobs, styles=(tools.uploaded(jobs, n),))).id for n in (2, 3)]
    for id in ids:
        tools.Performer(jobs, id, networks=seen).run()
    assert loaded == ["pocket-v1"]
    first, second = (jobs.result(id).read_bytes() for id in ids)
    assert first != second


def test_exports_are_made_once(jobs, tools):
    id = jobs.submit(tools.asked(jobs)).id
    tools.Performer(jobs, id).run()
    first = jobs.export(id, "tiff16")
    made = first.stat().st_mtime_ns
    assert decode(first).width == 64
    assert jobs.export(id, "tiff16").stat().st_mtime_ns == made
    with pytest.raises(Exception, match="unknown format"):
        jobs.export(id, "../../x")


def test_stop_keeps_the_picture_so_far(jobs, begun):
    id, performer = begun()
    began = time.monotonic()
    jobs.control(id, "stop")
    performer.join()
    assert time.monotonic() - began < 3  # a second, and the machine may be busy
    job = jobs.job(id)
    assert job.status is JobStatus.STOPPED
    assert 5 < job.step < 4000
    assert [entry.kind for entry in entries(jobs, id)] == [Kind.STOPPED]
    assert decode(jobs.result(id)).width == 64


def test_a_weight_reaches_the_run_and_its_timeline(jobs, begun, tools):
    id, performer = begun()
    jobs.control(id, "weight", term="content", value=7.0)
    before = jobs.job(id).step
    tools.wait_until(lambda: jobs.job(id).step > before + 20)
    jobs.control(id, "stop")
    performer.join()
    weight, stopped = entries(jobs, id)
    assert (weight.kind, weight.term, weight.value) == (Kind.WEIGHT, "content", 7.0)
    assert before <= weight.step < stopped.step


@pytest.mark.slow
def test_a_strength_reaches_the_run_and_its_timeline(jobs, begun, tools, long):
    held = long.changed({"content.hold": "strength", "schedule.size": 32, "schedule.steps": 120})
    id, performer = begun(held)
    jobs.control(id, "strength", value=0.7)
    before = jobs.job(id).step
    tools.wait_until(lambda: jobs.job(id).step > before + 20)
    jobs.control(id, "stop")
    performer.join()
    strength, _ = entries(jobs, id)
    assert (strength.kind, strength.value) == (Kind.STRENGTH, 0.7)


def test_a_short_pause_keeps_the_worker(jobs, begun, tools):
    id, performer = begun()
    assert jobs.control(id, "pause").status is JobStatus.PAUSED
    tools.wait_until(lambda: performer.performance.control.paused)
    time.sleep(0.3)  # a step may have been under way
    held = [jobs.events(id)[-1].number for _ in range(2) if time.sleep(0.2) is None]
    assert held[0] == held[1]
    assert jobs.control(id, "resume").status is JobStatus.RUNNING
    before = jobs.job(id).step
    tools.wait_until(lambda: jobs.job(id).step > before)
    jobs.control(id, "stop")
    performer.join()
    kinds = [entry.kind for entry in entries(jobs, id)]
    assert kinds == [Kind.PAUSED, Kind.RESUMED, Kind.STOPPED]


def test_a_long_pause_frees_the_worker_and_the_job_goes_on_elsewhere(
    jobs, begun, tools, monkeypatch
):
    monkeypatch.setattr(listening, "HOLD", 0.1)
    id, performer = begun()
    jobs.control(id, "pause")
    performer.join()
    paused = jobs.job(id)
    assert paused.status is JobStatus.PAUSED
    assert jobs.home.job(id).checkpoint.exists()
    assert jobs.control(id, "resume").status is JobStatus.QUEUED
    second = tools.Performer(jobs, id, number=2).start()
    tools.wait_until(lambda: jobs.job(id).step > paused.step + 5)
    jobs.control(id, "stop")
    second.join()
    kinds = [entry.kind for entry in entries(jobs, id)]
    assert kinds == [Kind.PAUSED, Kind.RESUMED, Kind.STOPPED]
    steps = [event.values["step"] for event in jobs.events(id) if event.event == "step"]
    assert steps == list(range(1, len(steps) + 1))


def test_a_job_that_rests_can_be_stopped_and_kept(jobs, begun, tools, monkeypatch):
    monkeypatch.setattr(listening, "HOLD", 0.1)
    id, performer = begun()
    jobs.control(id, "pause")
    performer.join()
    steps = len([event for event in jobs.events(id) if event.event == "step"])
    assert jobs.control(id, "stop").status is JobStatus.QUEUED
    tools.Performer(jobs, id, number=2).run()
    assert jobs.job(id).status is JobStatus.STOPPED
    assert jobs.job(id).step == steps


def test_a_worker_that_leaves_puts_the_job_back_and_nothing_is_lost(jobs, tools, reference):
    id = jobs.submit(tools.asked(jobs)).id
    first = tools.Performer(jobs, id, every=1000).start()
    tools.wait_until(lambda: len(jobs.events(id)) > 5)
    first.leaving.set()
    first.join()
    assert jobs.job(id).status is JobStatus.QUEUED
    tools.Performer(jobs, id, number=1).run()  # the round of the one that left counts no more
    assert jobs.job(id).status is JobStatus.QUEUED
    tools.Performer(jobs, id, number=2).run()
    assert jobs.job(id).status is JobStatus.COMPLETED
    assert jobs.result(id).read_bytes() == reference
    told = [event for event in jobs.events(id) if event.event in ("step", "stage_finished")]
    ends = [k for k, event in enumerate(told) if event.event == "stage_finished"]
    before = [told[k - 1].values for k in ends]
    assert len(ends) == len([e for e in jobs.events(id) if e.event == "stage_started"])
    assert before[-1]["step"] == tools.STEPS


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_was_said_after_the_last_checkpoint_is_said_again(jobs, tools, long, monkeypatch):
    """The worker dies after a weight was changed, before a checkpoint has it."""
    monkeypatch.setattr(keeping, "EVERY", 0.05)
    id = jobs.submit(tools.asked(jobs, long)).id
    first = tools.Performer(jobs, id, every=20).start()
    tools.wait_until(lambda: jobs.job(id).step > 25)
    jobs.control(id, "weight", term="style", value=3.0)
    told = first.performance.round.told
    tools.wait_until(lambda: told(0)[0].step is not None)
    dead = threading.Event()
    see = keeping.Keeping.see

    def dies(self, event, *rest):
        if not dead.is_set():
            dead.set()
            raise SystemExit  # as good as killed: nothing is recorded or written any more
        see(self, event, *rest)

    monkeypatch.setattr(keeping.Keeping, "see", dies)
    first.join()
    assert jobs.job(id).status is JobStatus.RUNNING
    second = tools.Performer(jobs, id, every=20).start()
    tools.wait_until(lambda: any(event.event == "resumed" for event in jobs.events(id)))
    time.sleep(0.5)
    jobs.control(id, "stop")
    second.join()
    weight = entries(jobs, id)[0]
    assert (weight.kind, weight.term, weight.value) == (Kind.WEIGHT, "style", 3.0)
    (resumed,) = [event for event in jobs.events(id) if event.event == "resumed"]
    assert weight.step >= resumed.values["step"]


def test_a_cancelled_job_leaves_no_picture(jobs, begun, tools):
    id, performer = begun()
    assert jobs.cancel(id).status is JobStatus.CANCELLED
    performer.join()
    assert jobs.job(id).status is JobStatus.CANCELLED
    with pytest.raises(Conflict):
        jobs.result(id)
    assert tools.strays(jobs) == []


def test_nobody_holds_a_job_that_is_over(jobs, begun, tools):
    """Or its files would never make room, and be swept by nobody."""
    id, performer = begun()
    jobs.cancel(id)
    performer.join()
    with jobs._database.reading() as connection:
        assert not records.row(connection, id)["held"]


def test_a_job_paused_while_its_worker_is_dead_rests_and_goes_on(jobs, tools, reference):
    id = jobs.submit(tools.asked(jobs)).id
    dead = tools.Performer(jobs, id).performance.round
    assert dead.take().id == id
    assert jobs.control(id, "pause").status is JobStatus.PAUSED
    tools.Performer(jobs, id).run()  # the queue gives the round of the dead to another
    assert jobs.job(id).status is JobStatus.PAUSED
    assert jobs.control(id, "resume").status is JobStatus.QUEUED
    tools.Performer(jobs, id, number=2).run()
    assert jobs.result(id).read_bytes() == reference


def test_warnings_and_errors_call_pictures_by_the_users_names(jobs, tools):
    blank = jobs.upload(io.BytesIO(png_bytes(Picture(torch.full((3, 64, 64), 0.5)))), "wall.png")
    id = jobs.submit(tools.asked(jobs, styles=(blank.id,))).id
    tools.Performer(jobs, id).run()
    (warning,) = [text for text in jobs.job(id).warnings if "wall.png" in text]
    assert not any(blank.id in text for text in jobs.job(id).warnings)
    assert warning in [e.values["message"] for e in jobs.events(id) if e.event == "warned"]


def test_a_job_deleted_while_its_worker_lets_go_leaves_nothing(jobs, begun, tools):
    id, performer = begun()
    jobs.cancel(id)
    jobs.delete(id)
    performer.join()
    assert not jobs.home.job(id).path.exists()


def test_a_job_cancelled_at_its_very_end_stays_cancelled(jobs, tools, monkeypatch):
    id = jobs.submit(tools.asked(jobs)).id
    save = keeping.Keeping.save

    def saves(self, *rest):
        save(self, *rest)
        jobs.cancel(id)

    monkeypatch.setattr(keeping.Keeping, "save", saves)
    tools.Performer(jobs, id).run()
    assert jobs.job(id).status is JobStatus.CANCELLED
    assert not jobs.home.job(id).result.exists()


def test_the_limit_of_who_took_a_picture_in_counts(jobs, tools, monkeypatch):
    asked = tools.asked(jobs)
    monkeypatch.setenv("IMPASTO_PIXEL_LIMIT", "100")
    id = jobs.submit(asked).id
    tools.Performer(jobs, id).run()
    assert jobs.job(id).error == ""


def test_a_failure_is_a_sentence(jobs, tools):
    id = jobs.submit(tools.asked(jobs)).id
    jobs.picture(jobs.job(id).request.content).write_bytes(b"something else")
    tools.Performer(jobs, id).run()
    job = jobs.job(id)
    assert job.status is JobStatus.FAILED
    assert job.error.startswith("photo.png is not a picture")
    assert tools.strays(jobs) == []


def test_two_workers_are_never_at_one_job(jobs, begun, tools, monkeypatch):
    """The second was told that the first is dead; it waits, and leaves the job alone."""
    from impasto.jobs import performing

    monkeypatch.setattr(performing, "WAIT", 0.5)
    id, performer = begun()
    tools.Performer(jobs, id).run()
    jobs.control(id, "resume")
    performer.join()  # which sees that the job is in another round
    assert jobs.job(id).status is JobStatus.QUEUED
    steps = [event.values["step"] for event in jobs.events(id) if event.event == "step"]
    assert steps == list(range(1, len(steps) + 1))
