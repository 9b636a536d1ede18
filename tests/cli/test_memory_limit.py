"""Memory that really runs out: a limit of the system's own, in a process of its own."""

import subprocess
import sys

import pytest

RUN = """
import resource, sys, torch
import impasto
from impasto.events import Warned
from impasto.images.picture import Picture

torch.set_num_threads(1)
pictures = [Picture(torch.rand(3, 64, 64)) for _ in range(2)]
settings = {"network.precision": "fp32", "schedule.size": 64, "schedule.steps": 1}
settings["optimizer.adam.smoothing"] = 0.0  # an update needs next to nothing then
impasto.stylize(*pictures, settings=settings)  # libraries take what they need once
status = open("/proc/self/status").read()
taken = int(status.split("VmSize:")[1].split()[0]) * 1024
limit = taken + int(sys.argv[1]) * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
settings |= {"schedule.size": 1024, "schedule.first": 1024, "schedule.steps": 2}
memory = None if sys.argv[2] == "free" else sys.argv[2]
heard = []
result = impasto.stylize(*pictures, settings=settings, memory=memory, listen=heard.append)
for event in heard:
    if isinstance(event, Warned) and "memory" in event.message:
        print(event.message)
    if type(event).__name__ == "Planned":
        print("planned", event.execution.tile)
print(result.status, *result.image.shape, *(entry.kind for entry in result.timeline))
"""


def limited(megabytes: int, memory: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, str(megabytes), memory],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of address space")
class TestALimitOfAddressSpace:
    def test_a_failed_allocation_is_done_again_in_tiles(self):
        # Address space differs a little from process to process, and so does where the whole fails.
        for megabytes in (560, 550, 540, 530):
            done = limited(megabytes, "50GB")  # a budget that the system does not keep
            if "going on in tiles" in done.stdout:
                break
        assert done.returncode == 0, done.stderr
        assert "planned None" in done.stdout
        assert "not enough memory: going on in tiles of 512 px" in done.stdout
        assert "completed 3 1024 1024 tiled" in done.stdout

    def test_a_limit_that_is_known_is_planned_for(self):
        done = limited(650, "free")
        assert done.returncode == 0, done.stderr
        assert "planned None" not in done.stdout
        assert "completed 3 1024 1024" in done.stdout

    def test_next_to_nothing_is_refused_before_the_run(self):
        done = limited(40, "free")
        assert done.returncode == 1
        assert "need at least" in done.stderr
