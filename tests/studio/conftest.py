"""A real server in a thread of this process, over jobs that this process does itself."""

import shutil
import threading
import time
from contextlib import contextmanager

import httpx
import pytest
import torch

from impasto.images import Picture
from impasto.images.codec import png_bytes
from impasto.jobs import aside_main
from impasto.jobs.aside import Aside
from impasto.jobs.jobs import Jobs
from impasto.jobs.limits import Limits
from impasto.jobs.performing import Performance
from impasto.jobs.rounds import Round
from impasto.studio.access import Access
from impasto.studio.app import create_app
from impasto.studio.server import Place, server_for

SMALL = {
    "schedule.size": 32,
    "schedule.first": 32,
    "schedule.steps": 4,
    "network.precision": "fp32",
}
TOKEN = "a-token-of-sixteen-letters"


def _picture(seed: int = 1, height: int = 24, width: int = 32) -> bytes:
    generator = torch.Generator().manual_seed(seed)
    return png_bytes(Picture(torch.rand(3, height, width, generator=generator)))


@pytest.fixture(scope="session")
def new_home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new") / "home"
    Jobs(folder).close()
    return folder


@pytest.fixture
def decoding_here(monkeypatch):
    """Decode in this process: what happens aside has tests of its own."""

    def ask(self, request):
        return aside_main._answer({"pixels": self._limits.pixels, **request})

    monkeypatch.setattr(Aside, "_ask", ask)


class Served:
    """A service that answers, and its jobs."""

    def __init__(self, jobs: Jobs, access: Access, page=None, port: int = 0) -> None:
        self.jobs, self.access = jobs, access
        self.app = create_app(jobs, access, page)
        self._listening = Place(port=port, exactly=True).listen()
        self.port = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = server_for(self.app)
        self._thread = threading.Thread(target=self.server.run, args=([self._listening],))
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self.server.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=30)
        self.api = httpx.Client(base_url=f"{self.url}/api/v1", trust_env=False, timeout=30)

    def stop(self) -> None:
        self.http.close()
        self.api.close()
        self.server.should_exit = True
        self._thread.join(20)
        self._listening.close()
        assert not self._thread.is_alive()

    def uploaded(self, seed: int = 1) -> str:
        return self.api.post("/uploads", content=_picture(seed)).json()["id"]

    def asked(self, **fields) -> dict:
        """The body of a job that is done at once."""
        pair = {"content": self.uploaded(1), "styles": [self.uploaded(2)]}
        return pair | {"recipe": "draft", "changes": SMALL} | fields

    def submitted(self, **fields) -> str:
        answer = self.api.post("/jobs", json=self.asked(**fields))
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def perform(self, id: str) -> None:
        """Do a job, as a worker would."""
        round = Round(self.jobs._database, self.jobs._queue, id, 1)
        Performance(self.jobs.home, round, "cpu", lambda: False, 5).perform()


@pytest.fixture
def serving(new_home, tmp_path, decoding_here):
    """Serve a new home, with limits if need be."""
    home = shutil.copytree(new_home, tmp_path / "home")

    @contextmanager
    def serve(*, access=None, page=None, port=0, **limits):
        jobs = Jobs(home, limits=Limits(**limits))
        served = Served(jobs, access or Access(), page, port)
        try:
            yield served
        finally:
            served.stop()
            jobs.close()

    return serve


@pytest.fixture
def served(serving):
    with serving() as served:
        yield served


@pytest.fixture
def picture():
    return _picture


@pytest.fixture
def token() -> str:
    return TOKEN
