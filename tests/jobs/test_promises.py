"""A request that is sent twice makes one job, by whichever server and however late."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from impasto.errors import InputError
from impasto.jobs import promises
from impasto.jobs.errors import Conflict, QueueFull
from impasto.jobs.promises import KEPT, Promise

KEY = Promise("one", '{"a": 1}')


def test_many_servers_at_once_make_one_job(opened, tools):
    servers = [opened() for _ in range(3)]
    asked = tools.asked(servers[0])
    with ThreadPoolExecutor(9) as pool:
        made = [pool.submit(servers[n % 3].submit, asked, KEY) for n in range(9)]
        ids = {one.result().id for one in made}
    assert ids == {job.id for job in servers[0].jobs().items}
    assert len(ids) == 1


def test_a_promise_outlives_its_server_and_needs_no_room(opened, tools):
    first = opened()
    asked = tools.asked(first)
    id = first.submit(asked, KEY).id
    first.close()
    full = opened(queue=1)
    assert full.submit(asked, KEY).id == id
    with pytest.raises(QueueFull):
        full.submit(asked, Promise("two", KEY.body))


def test_the_same_key_for_another_request_is_a_mistake(jobs, tools):
    asked = tools.asked(jobs)
    jobs.submit(asked, KEY)
    with pytest.raises(Conflict, match="another request"):
        jobs.submit(asked, Promise("one", "{}"))
    assert jobs.jobs().total == 1


def test_clients_have_keys_of_their_own(jobs, tools):
    ids = {jobs.submit(tools.asked(jobs, client=name), KEY).id for name in ("a", "b", "a")}
    assert len(ids) == 2


def test_what_is_refused_is_no_promise(jobs, tools):
    asked = tools.asked(jobs)
    with pytest.raises(InputError):
        jobs.submit(tools.asked(jobs, styles=()), KEY)
    assert jobs.submit(asked, KEY).id == jobs.submit(asked, KEY).id


def test_a_promise_is_kept_for_a_week(jobs, tools, monkeypatch):
    asked, began = tools.asked(jobs), promises.now()
    id = jobs.submit(asked, KEY).id
    monkeypatch.setattr(promises, "now", lambda: began + KEPT - 60)
    assert jobs.submit(asked, KEY).id == id
    monkeypatch.setattr(promises, "now", lambda: began + KEPT + 60)
    assert jobs.submit(asked, KEY).id != id  # in the place of the old one
    with jobs._database.reading() as connection:
        assert len(connection.execute(promises.promises.select()).all()) == 1


@pytest.mark.parametrize("key", ["", "a" * 201, "two\nlines", "\x00"])
def test_keys_that_cannot_be_kept_are_refused(key):
    with pytest.raises(InputError, match="printable"):
        Promise(key, "{}")
