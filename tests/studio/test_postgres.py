"""The service over a shared PostgreSQL database: servers and workers come and go."""

import os
import signal
import subprocess
import sys

import httpx
import pytest

from impasto.client import Client

pytestmark = pytest.mark.slow
SETTINGS = {
    "schedule.size": 64,
    "schedule.first": 32,
    "schedule.steps": 60,
    "network.precision": "fp32",
}


@pytest.fixture
def command(tmp_path, postgres_url):
    """Start one of our commands over the database; killed in the end."""
    every = []

    def start(*words: str) -> subprocess.Popen:
        shared = ["--home", str(tmp_path / "home"), "--db", postgres_url]
        process = subprocess.Popen(
            [sys.executable, "-m", "impasto", *words, *shared],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        every.append(process)
        return process

    yield start
    for process in every:
        process.kill()
        process.communicate()


def serving(command) -> tuple[subprocess.Popen, str]:
    process = command(*["studio", "--port", "0", "--no-browser", "--no-page", "--workers", "0"])
    return process, process.stdout.readline().split()[-1]


def test_a_server_is_killed_and_another_goes_on_with_its_jobs(command, tmp_path, picture):
    (tmp_path / "photo.png").write_bytes(picture(1))
    process, url = serving(command)
    command("worker")
    with Client(url) as client:
        upload = client.upload(tmp_path / "photo.png").id
    body = {"content": upload, "styles": [upload], "recipe": "draft", "changes": SETTINGS}
    heads = [{"Idempotency-Key": f"job {number}"} for number in range(3)]

    def sent(url: str, head: dict[str, str]) -> str:
        answer = httpx.post(f"{url}api/v1/jobs", json=body, headers=head, trust_env=False)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    ids = [sent(url, head) for head in heads]
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, url = serving(command)
    assert [sent(url, head) for head in heads] == ids
    with Client(url) as client:
        assert {client.wait(id).status for id in ids} == {"completed"}
        for number, id in enumerate(ids):
            client.save_result(id, tmp_path / f"{number}.png")
    assert len({(tmp_path / f"{number}.png").read_bytes() for number in range(3)}) == 1
    page = httpx.get(f"{url}api/v1/jobs", trust_env=False).json()
    assert page["total"] == len(ids)
    ready = httpx.get(f"{url}api/v1/ready", trust_env=False).json()
    assert ready["workers"] == 1
