"""Jobs by HTTP: handing in, looking at, steering, ending, and what is refused."""

import json

import httpx
import pytest

from impasto import recipe_files
from impasto.jobs.tables import clock, workers


def problem(answer: httpx.Response, status: int) -> str:
    """Check that an answer is a problem; return its sentence."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    return answer.json()["detail"]


def test_a_job_is_done_and_its_picture_fetched(served):
    id = served.submitted(title="my title")
    assert served.api.get(f"/jobs/{id}").json()["status"] == "queued"
    problem(served.api.get(f"/jobs/{id}/preview"), 404)
    assert "no picture" in problem(served.api.get(f"/jobs/{id}/result"), 409)
    served.perform(id)
    job = served.api.get(f"/jobs/{id}").json()
    assert (job["status"], job["step"], job["steps"]) == ("completed", 4, 4)
    assert (job["title"], job["result"]) == ("my title", [32, 24])
    assert set(job["losses"]) >= {"total", "content", "style"}
    png = served.api.get(f"/jobs/{id}/result")
    assert png.content == served.jobs.result(id).read_bytes()
    assert png.headers["content-type"] == "image/png"
    jpeg = served.api.get(f"/jobs/{id}/result", params={"format": "jpeg"})
    assert jpeg.content[:3] == b"\xff\xd8\xff"
    assert f'filename="{id}.jpg"' in jpeg.headers["content-disposition"]
    assert served.api.get(f"/jobs/{id}/preview").content[:3] == b"\xff\xd8\xff"
    assert len(served.api.get(f"/jobs/{id}/trace").json()["steps"]) == 4
    problem(served.api.get(f"/jobs/{id}/result", params={"format": "bmp"}), 422)


def test_a_recipe_is_a_name_a_saved_name_or_settings(served):
    own = {"extends": "fine", "schedule": {"size": 48}}
    saved = served.api.put("/recipes/my%20oil", json={"recipe": own})
    assert saved.json()["recipe"]["schedule"]["size"] == 48
    assert served.api.get("/recipes").json()["saved"] == ["my oil"]
    expected = recipe_files.named("fine").changed({"schedule.size": 48}).to_dict()
    for recipe in ("my oil", own):
        body = served.asked(recipe=recipe, changes={})
        found = served.api.post("/jobs", json=body).json()["request"]["recipe"]
        assert found | {"name": "", "description": ""} == expected | {"name": "", "description": ""}
    assert served.api.get("/recipes/fine").json()["recipe"] == recipe_files.named("fine").to_dict()
    assert served.api.delete("/recipes/my%20oil").status_code == 204
    problem(served.api.delete("/recipes/my%20oil"), 404)


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"recipe": "drft"}, 422, "did you mean draft"),
        ({"recipe": "/etc/passwd.toml"}, 422, "unknown recipe"),
        ({"recipe": {"extends": "../../secret"}}, 422, "unknown recipe"),
        ({"recipe": {"schedule": 3}}, 422, "schedule"),
        ({"changes": {"schedule.sise": 3}}, 422, "sise"),
        ({"changes": {"schedule.size": "big"}}, 422, "schedule.size"),
        ({"changes": {"schedule.size": 100_000}}, 413, "make it smaller"),
        ({"content": "0123456789abcdef"}, 404, "hand the picture in again"),
        ({"content": "../../../etc/passwd"}, 422, "body.content"),
        ({"styles": []}, 422, "body.styles"),
        ({"surprise": 1}, 422, "body.surprise"),
        ({"title": "a\0b"}, 422, "NUL"),
        ({"output": {"depth": 12}}, 422, "depth"),
    ],
)
def test_a_job_that_cannot_be_done_is_refused(served, fields, status, words):
    assert words in problem(served.api.post("/jobs", json=served.asked(**fields)), status)
    assert served.api.get("/jobs").json()["total"] == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("NaN", "NaN"),
        ("1e999", "NaN"),
        ("1" + "0" * 30, "whole numbers"),
        ('"\\ud800"', "surrogate"),
        ('"\\u0000"', "NUL"),
        ("[" * 40 + "]" * 40, "levels deep"),
    ],
)
def test_values_that_no_answer_can_hold_are_refused(served, value, words):
    text = json.dumps(served.asked(changes={"style.weight": "HERE"})).replace('"HERE"', value)
    head = {"Content-Type": "application/json"}
    assert words in problem(served.api.post("/jobs", content=text, headers=head), 422)


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"content": 1e', "\xff"])
def test_what_is_no_json_is_refused(served, text):
    head = {"Content-Type": "application/json"}
    answer = served.api.post("/jobs", content=text.encode("latin-1"), headers=head)
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code)


def test_a_request_sent_twice_makes_one_job(served):
    body, head = served.asked(), {"Idempotency-Key": "k1"}
    ids = {served.api.post("/jobs", json=body, headers=head).json()["id"] for _ in range(3)}
    assert len(ids) == served.api.get("/jobs").json()["total"] == 1
    other = served.api.post("/jobs", json=body | {"title": "other"}, headers=head)
    assert "another request" in problem(other, 409)
    again = served.api.post("/jobs", json=body, headers={"Idempotency-Key": "k2"}).json()["id"]
    assert again not in ids


def test_a_request_sent_again_after_a_restart_makes_no_other_job(serving):
    with serving() as served:
        body, head = served.asked(), {"Idempotency-Key": "k1"}
        id = served.api.post("/jobs", json=body, headers=head).json()["id"]
    with serving(queue=1) as served:  # which is full: the job is in it
        again = served.api.post("/jobs", json=body, headers=head)
        assert (again.status_code, again.json()["id"]) == (201, id)
        problem(served.api.post("/jobs", json=body, headers={"Idempotency-Key": "k2"}), 429)


def test_limits_say_when_to_try_again(serving):
    with serving(queue=3, jobs_per_client=2) as served:
        for _ in range(2):
            served.submitted()
        answer = served.api.post("/jobs", json=served.asked())
        assert "cancel one" in problem(answer, 429)
        assert int(answer.headers["retry-after"]) > 0


def test_jobs_are_listed_in_pages(served):
    ids = [served.submitted(title=f"number {n}") for n in range(5)]
    first = served.api.get("/jobs", params={"limit": 2}).json()
    assert [job["id"] for job in first["items"]] == ids[:2:-1]
    assert first["total"] == 5
    rest = served.api.get("/jobs", params={"limit": 9, "before": first["before"]}).json()
    assert [job["id"] for job in rest["items"]] == ids[2::-1]
    assert rest["before"] is None
    found = served.api.get("/jobs", params={"search": "number 3", "status": "queued"}).json()
    assert [job["id"] for job in found["items"]] == [ids[3]]
    problem(served.api.get("/jobs", params={"limit": 0}), 422)
    problem(served.api.get("/jobs", params={"status": "lost"}), 422)


def test_a_job_is_changed_steered_cancelled_and_deleted(served):
    id = served.submitted()
    changed = served.api.patch(f"/jobs/{id}", json={"title": "new", "favorite": True}).json()
    assert (changed["title"], changed["favorite"]) == ("new", True)
    pause = served.api.post(f"/jobs/{id}/control", json={"action": "pause"})
    assert pause.json()["status"] == "paused"
    assert "not ended" in problem(served.api.delete(f"/jobs/{id}"), 409)
    stop = served.api.post(f"/jobs/{id}/control", json={"action": "stop"})
    assert "cancel it" in problem(stop, 409)
    assert served.api.post(f"/jobs/{id}/cancel").json()["status"] == "cancelled"
    assert served.api.delete(f"/jobs/{id}").status_code == 204
    problem(served.api.get(f"/jobs/{id}"), 404)


@pytest.mark.parametrize(
    "body",
    [
        {"action": "explode"},
        {"action": "weight", "term": "style"},
        {"action": "weight", "term": "style", "value": -1},
        {"action": "strength", "value": 2},
        {"action": "pause", "value": 1},
        {},
    ],
)
def test_what_cannot_be_done_to_a_job_is_refused(served, body):
    problem(served.api.post(f"/jobs/{served.submitted()}/control", json=body), 422)


def test_the_gallery_keeps_uploads(served):
    id = served.uploaded()
    assert served.api.put(f"/gallery/{id}").json()["id"] == id
    assert [item["id"] for item in served.api.get("/gallery").json()["items"]] == [id]
    assert served.api.delete(f"/gallery/{id}").status_code == 204
    problem(served.api.delete(f"/gallery/{id}"), 404)


def test_unknown_addresses_and_methods_are_problems(served):
    assert "openapi.json" in problem(served.api.get("/nothing"), 404)
    answer = served.api.put("/jobs")
    assert "PUT" in problem(answer, 405)
    assert answer.headers["allow"] == "GET, POST"
    other = served.api.put("/jobs/0123456789abcdef")
    assert other.headers["allow"] == "DELETE, GET, PATCH"
    for path in ("/jobs/..%2f..%2fetc/result", "/jobs/%2e%2e/trace", "/uploads/a.png/picture"):
        assert problem(served.api.get(path), served.api.get(path).status_code)


def test_health_readiness_and_metrics(served):
    assert served.api.get("/health").json()["status"] == "ok"
    answer = served.api.get("/ready")
    assert answer.status_code == 503
    assert "no worker" in answer.json()["detail"]
    with served.jobs._database.writing() as connection:
        row = {"id": "w", "device": "cpu", "seen": clock(connection), "job": None}
        connection.execute(workers.insert().values(**row))
    assert served.api.get("/ready").json()["ready"] is True
    served.submitted()
    text = served.api.get("/metrics").text
    assert 'impasto_jobs{status="queued"} 1.0' in text
    assert "impasto_workers 1.0" in text
    assert 'route="/api/v1/jobs",status="201"' in text


def test_an_error_of_ours_tells_nothing_of_our_inside(served, monkeypatch):
    def fail(id):
        raise RuntimeError("a secret path /home/me")

    monkeypatch.setattr(served.jobs, "job", fail)
    answer = served.api.get("/jobs/0123456789abcdef")
    assert "secret" not in problem(answer, 500)
