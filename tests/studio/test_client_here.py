"""The client and the service understand each other in everything that can be asked."""

import pytest

from impasto import recipe_files
from impasto.client import Client
from impasto.jobs.errors import Conflict, NotFound, TooLarge


@pytest.fixture
def client(served):
    with Client(served.url) as client:
        yield client


def test_every_question_gets_its_answer(served, client, picture, tmp_path):
    (tmp_path / "photo.png").write_bytes(picture(1))
    upload = client.upload(tmp_path / "photo.png")
    assert upload == served.jobs.uploaded(upload.id)
    job = client.submit(upload.id, [upload.id], recipe="draft", changes={"schedule.size": 32})
    assert job == client.job(job.id)
    here = served.jobs.job(job.id)
    assert (job.id, job.status, job.title, job.created) == (
        here.id,
        here.status,
        here.title,
        here.created,
    )
    assert job.request.recipe == here.request.recipe
    assert client.change(job.id, title="new", favorite=True).favorite
    assert client.control(job.id, "pause").status == "paused"
    page = client.jobs(search="new", status=["paused"], favorite=True)
    assert ([item.id for item in page.items], page.before, page.total) == ([job.id], None, 1)
    with pytest.raises(Conflict, match="no picture"):
        client.save_result(job.id, tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()
    with pytest.raises(NotFound, match="no preview"):
        client.preview(job.id)
    with pytest.raises(TooLarge):
        client.submit(upload.id, [upload.id], changes={"schedule.size": 100_000})
    assert client.cancel(job.id).status == "cancelled"
    assert client.wait(job.id).status == "cancelled"
    client.delete(job.id)
    with pytest.raises(NotFound):
        client.job(job.id)
    assert client.recipe("fine") == recipe_files.named("fine").to_dict()
