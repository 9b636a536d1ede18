"""The disk: what makes room, what never does, and what is swept."""

import os

import pytest
import sqlalchemy as sa

from impasto.jobs import disk
from impasto.jobs.errors import DiskFull, NotFound
from impasto.jobs.tables import jobs as rows
from impasto.jobs.tables import uploads
from impasto.jobs.values import JobStatus

QUOTA = 80_000


@pytest.fixture
def full(opened, tools, monkeypatch):
    """Jobs whose three results fill a small quota; uploads nobody needs go at once."""
    monkeypatch.setattr(disk, "UNUSED", -1.0)
    jobs = opened(disk_bytes=QUOTA)
    ids = []
    for title in ("oldest", "middle", "newest"):
        id = jobs.submit(tools.asked(jobs, title=title)).id
        folder = jobs.home.job(id).path
        folder.mkdir()
        (folder / "result.png").write_bytes(bytes(9000))
        with jobs._database.writing() as connection:
            ended = {"status": JobStatus.COMPLETED, "finished": len(ids), "bytes": 9000}
            connection.execute(rows.update().where(rows.c.id == id).values(ended))
        ids.append(id)
    return jobs, ids


def size(jobs):
    return jobs.counts().disk_bytes


def left(jobs):
    return [job.title for job in jobs.jobs().items]


def test_the_oldest_results_make_room(full):
    jobs, ids = full
    jobs._disk.make_room(QUOTA - size(jobs))
    assert left(jobs) == ["newest", "middle", "oldest"]
    jobs._disk.make_room(QUOTA - size(jobs) + 1)
    assert left(jobs) == ["newest", "middle"]
    assert not jobs.home.job(ids[0]).path.exists()
    jobs._disk.make_room(QUOTA - size(jobs) + 9001)
    assert left(jobs) == []  # and with the last one its pictures
    assert jobs.uploads() == []


def test_favorites_and_jobs_under_way_stay(full):
    jobs, ids = full
    jobs.favorite(ids[0])
    with jobs._database.writing() as connection:
        running = {"status": JobStatus.RUNNING, "held": True}
        connection.execute(rows.update().where(rows.c.id == ids[1]).values(running))
    with pytest.raises(DiskFull) as refusal:
        jobs._disk.make_room(QUOTA)
    assert refusal.value.retry_after > 0
    assert left(jobs) == ["middle", "oldest"]


def test_uploads_that_nobody_needs_go_before_results(full, tools):
    jobs, _ = full
    spare, style = tools.uploaded(jobs, 7), tools.uploaded(jobs, 8)
    jobs.add_to_gallery(style)
    jobs._disk.make_room(QUOTA - size(jobs) + 1)
    assert left(jobs) == ["newest", "middle", "oldest"]
    with pytest.raises(NotFound):
        jobs.picture(spare)
    assert jobs.picture(style).exists()


def test_a_file_that_was_handed_in_again_is_not_unused(full, tools, monkeypatch):
    jobs, _ = full
    monkeypatch.setattr(disk, "UNUSED", 3600.0)
    spare = tools.uploaded(jobs, 7)
    with jobs._database.writing() as connection:
        connection.execute(uploads.update().values(created=0.0, touched=0.0))
    assert tools.uploaded(jobs, 7) == spare
    jobs._disk.make_room(QUOTA - size(jobs) + 1)
    assert jobs.picture(spare).exists()


def test_an_upload_that_has_no_room_is_refused(opened, tools):
    jobs = opened(disk_bytes=1000)
    with pytest.raises(DiskFull):
        tools.uploaded(jobs)
    assert jobs.uploads() == []
    assert not any(jobs.home.uploads.iterdir())


def test_the_sweep_takes_what_nobody_knows_and_leaves_the_rest(jobs, tools):
    waiting, ended = (jobs.submit(tools.asked(jobs)).id for _ in range(2))
    for id in (waiting, ended, "ab" * 10):
        folder = jobs.home.job(id)
        folder.checkpoint.mkdir(parents=True)
        for path in (folder.result, folder.path / ".impasto-1.png", folder.checkpoint / "run.json"):
            path.write_bytes(b"x")
        os.utime(folder.path / ".impasto-1.png", (1, 1))
    (jobs.home.job(ended).path / ".impasto-2.png").write_bytes(b"an export under way")
    jobs.cancel(ended)  # which removes its checkpoint; a worker that died would have left it
    jobs.home.job(ended).checkpoint.mkdir()
    (jobs.home.uploads / ("cd" * 20)).write_bytes(b"x")
    part = jobs._incoming._folder / "part"
    part.write_bytes(b"x")
    jobs._disk.sweep()
    here = {str(p.relative_to(jobs.home.jobs)) for p in jobs.home.jobs.rglob("*") if p.is_file()}
    ours = {"result.png", ".impasto-1.png", "checkpoint/run.json"}
    theirs = {"result.png", ".impasto-2.png"}
    assert here == {f"{waiting}/{name}" for name in ours} | {f"{ended}/{name}" for name in theirs}
    assert not jobs.home.job(ended).checkpoint.exists()
    assert {path.name for path in jobs.home.uploads.iterdir()} == {u.id for u in jobs.uploads()}
    assert part.exists()  # of a process that lives


def test_an_upload_whose_file_is_gone_is_taken_in_again(jobs, tools):
    id = tools.uploaded(jobs)
    jobs.picture(id).unlink()
    with pytest.raises(NotFound):
        jobs.picture(id)
    assert tools.uploaded(jobs) == id
    assert jobs.picture(id).exists()
    with jobs._database.reading() as connection:
        count = connection.execute(sa.select(sa.func.count()).select_from(uploads)).scalar_one()
    assert count == 1
