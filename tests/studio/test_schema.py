"""schemathesis asks everything that the OpenAPI document allows, and more."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from impasto.jobs.tables import workers

COMMAND = shutil.which("schemathesis", path=str(Path(sys.executable).parent))


@pytest.mark.slow
@pytest.mark.skipif(COMMAND is None, reason="schemathesis is not installed")
def test_schemathesis_finds_nothing(served, tmp_path):
    done = served.submitted()
    served.perform(done)
    # Made once, and may take a minute, as documented; everything else answers within 10 seconds.
    address = f"/jobs/{done}/result?format=report"
    assert served.api.get(address, timeout=120).status_code == 200
    with served.jobs._database.writing() as connection:  # a worker that is always alive
        row = {"id": "w", "device": "cpu", "seen": 2**40, "job": None}
        connection.execute(workers.insert().values(**row))
    # Not all that the document allows is sensible: a recipe has rules that no schema can state.
    checks = ["--checks", "all", "--exclude-checks", "positive_data_acceptance"]
    options = [*checks, "--max-examples", "30", "--seed", "1", "--workers", "1"]
    found = subprocess.run(
        [str(COMMAND), "run", f"{served.url}/api/v1/openapi.json", *options, "--no-color"],
        capture_output=True,
        text=True,
        timeout=280,
        cwd=tmp_path,
    )
    assert found.returncode == 0, found.stdout
