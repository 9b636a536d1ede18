"""What deploy/ holds, as far as it can be checked without Docker or a running systemd."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from impasto.cli.main import app

DEPLOY = Path(__file__).parents[1] / "deploy"


def check_command(words: list[str]) -> None:
    """Fail where a command of ours has no such option, or may not be given so."""
    name, *rest = words
    command = typer.main.get_command(app).commands[name]
    command.make_context(name, rest, resilient_parsing=False)


def dockerfile() -> str:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    return re.sub(r"\\\n\s*", "", text)


def test_the_image_is_made_of_what_is_there_and_runs_a_command_of_ours():
    text, root = dockerfile(), DEPLOY.parent
    rows = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for source in sources.split():
            assert (root / source).exists()
            assert f"!{source.removeprefix('./')}" in rows
    (command,) = re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)
    check_command(json.loads(command))
    (extras,) = re.findall(r'"\.\[(.+)\]"', text)
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f"\n{extra} = [" in project for extra in extras.split(","))


def test_the_services_run_commands_of_ours_over_one_home():
    yaml = pytest.importorskip("yaml")
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for name in ("studio", "worker"):
        check_command(services[name]["command"])
        assert services[name]["environment"]["IMPASTO_DB"].startswith("postgresql://impasto:")
        assert services[name]["depends_on"]["database"]["condition"] == "service_healthy"
        assert services[name]["volumes"] == ["home:/data"]
    assert services["studio"]["ports"] == ["127.0.0.1:7860:7860"]  # of this machine alone


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_unit_is_one_that_systemd_takes(tmp_path):
    text = (DEPLOY / "impasto-studio.service").read_text(encoding="utf-8")
    (started,) = re.findall("^ExecStart=(.+)$", text, re.MULTILINE)
    check_command(shlex.split(started)[1:])
    # The command and the user of a machine where it is installed.
    text = text.replace(shlex.split(started)[0], sys.executable)
    text = re.sub("^(User|Group)=.*$", r"\1=root", text, flags=re.MULTILINE)
    unit = tmp_path / "impasto-studio.service"
    unit.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
