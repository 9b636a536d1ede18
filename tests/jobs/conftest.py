"""A home with jobs, tiny pictures, and workers that are forked from a process that has loaded."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from impasto import recipe_files
from impasto.images import Picture
from impasto.images.codec import png_bytes
from impasto.jobs import aside_main
from impasto.jobs.aside import Aside
from impasto.jobs.jobs import Jobs
from impasto.jobs.limits import Limits
from impasto.jobs.performing import Performance
from impasto.jobs.rounds import Round
from impasto.jobs.values import JobRequest

STEPS = 24
RECIPE = recipe_files.named("default").changed(
    {
        "schedule.size": 64,
        "schedule.first": 32,
        "schedule.steps": STEPS,
        "network.precision": "fp32",
    }
)


def _picture(seed: int, height: int = 48, width: int = 64) -> bytes:
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 6, 6, generator=generator)
    pixels = torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")[0]
    return png_bytes(Picture(pixels.contiguous()))


@pytest.fixture(scope="session")
def new_home(tmp_path_factory) -> Path:
    """A home as it is made; copied, since making tables takes its time."""
    folder = tmp_path_factory.mktemp("new") / "home"
    Jobs(folder).close()
    return folder


@pytest.fixture
def home(new_home, tmp_path) -> Path:
    return Path(shutil.copytree(new_home, tmp_path / "home"))


@pytest.fixture
def decoding_here(monkeypatch):
    """Decode in this process: what happens aside has tests of its own."""

    def ask(self, request):
        return aside_main._answer({"pixels": self._limits.pixels, **request})

    monkeypatch.setattr(Aside, "_ask", ask)


@pytest.fixture
def opened(home, decoding_here):
    """Open the home, with limits if need be."""
    every = []

    def open_(**limits: int) -> Jobs:
        every.append(Jobs(home, limits=Limits(**limits)))
        return every[-1]

    yield open_
    for jobs in every:
        jobs.close()


@pytest.fixture
def jobs(opened) -> Jobs:
    return opened()


def _uploaded(jobs: Jobs, seed: int = 1, name: str = "photo.png", client: str = "") -> str:
    return jobs.upload(io.BytesIO(_picture(seed)), name, client).id


def _asked(jobs: Jobs, recipe=RECIPE, **fields) -> JobRequest:
    content, style = _uploaded(jobs, 1, "photo.png"), _uploaded(jobs, 2, "painting.png")
    return JobRequest(
        **{"recipe": recipe.to_dict(), "content": content, "styles": (style,)} | fields
    )


def _wait_until(what, seconds: float = 60.0):
    """Wait for a truth, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
    return found


class Performer:
    """Does a round of a job in a thread of this process, and can be asked to leave."""

    def __init__(self, jobs: Jobs, id: str, number: int = 1, every: int = 5, **more) -> None:
        self.leaving = threading.Event()
        round = Round(jobs._database, jobs._queue, id, number)
        self.performance = Performance(jobs.home, round, "cpu", self.leaving.is_set, every, **more)
        self._thread = threading.Thread(target=self.performance.perform, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def join(self):
        self._thread.join(60)
        assert not self._thread.is_alive()

    def run(self):
        self.start()
        self.join()


@pytest.fixture(scope="session")
def reference(new_home, tmp_path_factory) -> bytes:
    """The result of a job that nobody disturbed."""
    home = shutil.copytree(new_home, tmp_path_factory.mktemp("reference") / "home")
    jobs = Jobs(home)
    id = jobs.submit(_asked(jobs)).id
    Performer(jobs, id).run()
    found = jobs.result(id).read_bytes()
    jobs.close()
    return found


class Zygote:
    """A process that has loaded everything; it forks others, which are killed for good."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("zygote.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def fork(self, what: str, **options) -> int:
        """Start a process that does something; return its id."""
        print(json.dumps({"what": what, **options}), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture(scope="session")
def zygote():
    process = Zygote()
    yield process
    process.close()


def _is_alive(pid: int) -> bool:
    """Tell whether a process is there, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def _ending(pid: int):
    """Kill a process at the end, whatever happened."""
    try:
        yield pid
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _strays(jobs: Jobs) -> list[str]:
    """List the files in the home that belong to nothing, once no job is under way."""
    known = {upload.id for upload in jobs.uploads()}
    ids = {job.id for job in jobs.jobs().items}
    kept = {"events.jsonl", "preview.jpg", "result.png", "trace.json", "frames"}
    lock = jobs._incoming._folder
    found = [p for p in jobs.home.uploads.iterdir() if p.name not in known]
    found += [p for p in jobs.home.incoming.iterdir() if p not in (lock, lock.with_suffix(".lock"))]
    found += [p for p in jobs.home.jobs.iterdir() if p.name not in ids]
    for id in ids:  # not by rglob, which fails where a folder is removed meanwhile
        for where, folders, names in os.walk(jobs.home.job(id).path):
            frame = "[0-9]*.jpg" if Path(where).name == "frames" else ""
            found += [
                Path(where, name)
                for name in (*folders, *names)
                if name not in kept and not fnmatch(name, frame)
            ]
    return [str(path.relative_to(jobs.home.path)) for path in found]


# pytest gives fixtures to tests in other files, and no functions
@pytest.fixture(scope="session")
def tools() -> SimpleNamespace:
    """Functions and names that several files of tests use."""
    return SimpleNamespace(
        RECIPE=RECIPE,
        STEPS=STEPS,
        Performer=Performer,
        asked=_asked,
        ending=_ending,
        is_alive=_is_alive,
        picture=_picture,
        strays=_strays,
        uploaded=_uploaded,
        wait_until=_wait_until,
    )
