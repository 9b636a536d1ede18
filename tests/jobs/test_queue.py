"""The queue: jobs and their records are one, and nothing in it is a pickle."""

import base64
import pickle

import pytest
import sqlalchemy as sa
from dbos import _serialization

from impasto.errors import InternalError
from impasto.jobs.queue import JSON

ROW = "SELECT workflow_uuid, serialization FROM workflow_status ORDER BY workflow_uuid"


def rows(jobs):
    with jobs._database.reading() as connection:
        return connection.execute(sa.text(ROW)).all()


def test_a_job_is_queued_with_its_record_or_not_at_all(jobs, tools, monkeypatch):
    id = jobs.submit(tools.asked(jobs)).id
    assert [row.workflow_uuid for row in rows(jobs)] == [f"{id}-1"]

    def fails(*arguments):
        raise OSError("the disk is gone")

    asked = tools.asked(jobs)
    monkeypatch.setattr(jobs._queue, "put", fails)
    with pytest.raises(OSError, match="the disk is gone"):
        jobs.submit(asked)
    assert [job.id for job in jobs.jobs().items] == [id]
    assert len(rows(jobs)) == 1


def test_every_round_is_put_in_once(jobs, tools):
    id = jobs.submit(tools.asked(jobs)).id
    for action in ("pause", "resume", "resume", "pause", "resume"):
        jobs.control(id, action)
    assert [row.workflow_uuid for row in rows(jobs)] == [f"{id}-{n}" for n in (1, 2, 3)]


def test_no_pickle_is_written_or_read(jobs, tools, tmp_path):
    jobs.submit(tools.asked(jobs))
    (row,) = rows(jobs)
    assert row.serialization == "portable_json"

    class Evil:
        def __reduce__(self):
            return open, (str(tmp_path / "evil"), "w")

    text = base64.b64encode(pickle.dumps(Evil())).decode()
    with pytest.raises(InternalError, match="pickle"):
        _serialization.deserialize_args(text, "py_pickle", JSON)
    assert not (tmp_path / "evil").exists()
