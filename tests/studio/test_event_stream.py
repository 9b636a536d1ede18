"""Server-sent events: order, going on, heartbeat, and the end."""

import threading
import time

import pytest

from impasto.client.stream import Message, messages


def read(served, id: str, after: int | None = None) -> list[Message]:
    head = {} if after is None else {"Last-Event-ID": str(after)}
    with served.api.stream("GET", f"/jobs/{id}/events", headers=head) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return list(messages(answer.iter_lines()))


@pytest.fixture
def done(served):
    id = served.submitted()
    served.perform(id)
    return id


def test_a_job_is_followed_from_the_first_event_to_the_last(served):
    id, found = served.submitted(), []
    follower = threading.Thread(target=lambda: found.extend(read(served, id)))
    follower.start()
    served.perform(id)
    follower.join(30)
    numbered = [message for message in found if message.number is not None]
    expected = served.jobs.events(id)
    assert [m.number for m in numbered] == list(range(1, len(expected) + 1))
    assert [m.kind for m in numbered] == [event.event for event in expected]
    assert [m.data for m in numbered] == [{"time": e.time, **e.values} for e in expected]
    states = [m.data["status"] for m in found if m.kind == "job"]
    assert states[0] in ("queued", "running")
    assert states[-1] == "completed"
    assert found[-1].kind == "job"
    assert served.app.state.service.following == 0


def test_a_stream_goes_on_after_the_last_event_seen(served, done):
    whole = read(served, done)
    rest = read(served, done, after=3)
    assert rest == [m for m in whole if m.number is None or m.number > 3]


def test_nothing_is_left_to_say(served, done):
    last = len(served.jobs.events(done))
    head = {"Last-Event-ID": str(last)}
    assert served.api.get(f"/jobs/{done}/events", headers=head).status_code == 204


def test_unknown_jobs_and_numbers_are_refused(served, done):
    assert served.api.get("/jobs/0123456789abcdef/events").status_code == 404
    head = {"Last-Event-ID": "-1"}
    assert served.api.get(f"/jobs/{done}/events", headers=head).status_code == 422


def test_a_silent_stream_has_a_heartbeat(served, monkeypatch):
    monkeypatch.setattr("impasto.studio.api.events.HEARTBEAT", 0.0)
    with served.api.stream("GET", f"/jobs/{served.submitted()}/events") as answer:
        for line in answer.iter_lines():
            if line == ": alive":
                break


def test_followers_are_let_go_as_the_server_ends(served):
    with served.api.stream("GET", f"/jobs/{served.submitted()}/events") as answer:
        lines = answer.iter_lines()
        next(lines)
        began = time.monotonic()
        served.server.should_exit = True
        list(lines)
        assert time.monotonic() - began < 4


def test_too_many_followers_are_put_off(served, monkeypatch):
    monkeypatch.setattr("impasto.studio.api.events.FOLLOWING", 0)
    assert served.api.get(f"/jobs/{served.submitted()}/events").status_code == 429


def test_a_job_deleted_meanwhile_ends_its_stream(served):
    id = served.submitted()
    with served.api.stream("GET", f"/jobs/{id}/events") as answer:
        lines = answer.iter_lines()
        next(lines)
        served.jobs.cancel(id)
        served.jobs.delete(id)
        list(lines)


def test_lines_become_messages():
    lines = ["retry: 1", "", ": alive", "", "id: 4", "event: step", 'data: {"a":', "data: 1}", ""]
    cut = ["id: 5", "event: step", 'data: {"a": 2}']
    assert list(messages([*lines, *cut])) == [Message("step", 4, {"a": 1})]
