"""The command `impasto studio` itself: a process with a worker, and its end."""

import os
import signal
import subprocess
import sys

import httpx
import pytest
from typer.testing import CliRunner

from impasto.cli.main import app
from impasto.client import Client

SETTINGS = {"schedule.size": 32, "schedule.first": 32, "schedule.steps": 4}


def started(home, *options: str, **environment: str) -> tuple[subprocess.Popen, str]:
    """Start the studio; return the process and its address."""
    words = ["studio", "--home", str(home), "--port", "0", "--no-browser", "--no-page", *options]
    process = subprocess.Popen(
        [sys.executable, "-m", "impasto", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )
    line = process.stdout.readline()
    assert line.startswith("impasto studio at http://127.0.0.1:"), line + process.stderr.read()
    return process, line.split()[-1]


def ended(process: subprocess.Popen, signum: int) -> str:
    process.send_signal(signum)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return errors


@pytest.mark.slow
def test_a_studio_paints_and_ends_and_remembers(tmp_path, picture):
    (tmp_path / "photo.png").write_bytes(picture(1))
    home = tmp_path / "home"
    process, url = started(home, IMPASTO_TOKEN="a-token-of-sixteen-letters")
    assert httpx.get(f"{url}api/v1/jobs", trust_env=False).status_code == 401
    with Client(url, "a-token-of-sixteen-letters") as client:
        upload = client.upload(tmp_path / "photo.png")
        job = client.submit(upload.id, [upload.id], recipe="draft", changes=SETTINGS)
        assert client.wait(job.id).status == "completed"
        client.save_result(job.id, tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes()[:4] == b"\x89PNG"
    assert "Traceback" not in ended(process, signal.SIGTERM)
    process, url = started(home, "--workers", "0")
    with Client(url) as client:
        assert client.job(job.id).status == "completed"
        assert httpx.get(f"{url}api/v1/ready", trust_env=False).json()["workers"] == 0
    ended(process, signal.SIGINT)


def test_other_networks_are_refused_before_anything_is_made(tmp_path, monkeypatch):
    monkeypatch.delenv("IMPASTO_TOKEN", raising=False)
    home = tmp_path / "home"
    words = ["studio", "--host", "0.0.0.0", "--home", str(home), "--no-browser"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert "openssl rand" in result.stderr
    missing = CliRunner().invoke(app, ["studio", "--token-file", str(tmp_path / "none")])
    assert missing.exit_code == 2
    assert "cannot read the token" in missing.stderr
    assert not home.exists()
