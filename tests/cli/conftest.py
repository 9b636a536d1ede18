"""Tiny pictures, a random network and a way to run the command, for every test of the command."""

import signal
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result

from impasto.cli.main import app
from impasto.images import Picture, encode


@pytest.fixture(autouse=True)
def _machine_as_before():
    """Commands set threads and handlers; and Ctrl-C must work, also in a job in the background."""
    threads = torch.get_num_threads()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def originals(tmp_path_factory) -> Path:
    """A folder with photo.png (48 x 32) and painting.png (40 x 40)."""
    folder = tmp_path_factory.mktemp("originals")
    generator = torch.Generator().manual_seed(3)
    for name, height, width in (("photo", 32, 48), ("painting", 40, 40)):
        coarse = torch.rand(1, 3, 6, 6, generator=generator)
        pixels = torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")[0]
        encode(Picture(pixels.contiguous()), folder / f"{name}.png")
    return folder


@pytest.fixture
def folder(originals, tmp_path, monkeypatch) -> Path:
    """The current folder of a test: it holds photo.png and painting.png."""
    for path in originals.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch):
    """Run `impasto` with arguments."""
    monkeypatch.delenv("IMPASTO_DEBUG", raising=False)
    monkeypatch.setenv("COLUMNS", "100")

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture
def small(pocket_file) -> list[str]:
    """Options that make a picture in no time: 2 stages, 4 steps."""
    size = ["--size", "72", "--set", "schedule.first=51", "--set", "schedule.growth=1.414"]
    return [
        "--weights",
        str(pocket_file),
        "--set",
        "network.sha256=",
        *size,
        "--steps",
        "4",
        "--precision",
        "fp32",
        "--threads",
        "1",
    ]


@pytest.fixture
def stylize(run, folder, small):
    """Run `impasto stylize photo.png painting.png` with small settings and more arguments."""

    def invoke(*arguments: object) -> Result:
        return run("stylize", "photo.png", "painting.png", *small, *arguments)

    return invoke
