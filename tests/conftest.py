"""What every test shares: one thread, a fixed seed, and properties without a clock."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import settings
from safetensors.torch import save_file

from impasto.features.architectures import POCKET, Architecture
from impasto.features.extractor import Extractor

torch.set_num_threads(1)  # small tensors: a second thread costs more than it gains
settings.register_profile("impasto", deadline=None, derandomize=True)
settings.load_profile("impasto")


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What the user has fetched changes no test, and no test fetches from outside."""
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path_factory.getbasetemp() / "empty-cache"))


class TinyNetwork:
    """A small seeded VGG of our own, in float64 unless asked otherwise."""

    def __init__(self) -> None:
        blocks = ((4, 4), (6, 6), (8, 8, 8, 8), (8, 8, 8, 8), (8, 8, 8, 8))
        self.architecture = Architecture("tiny", blocks)
        self.weights = he_initialized(self.architecture)

    def extractor(self, *, dtype: torch.dtype = torch.float64, **options: str) -> Extractor:
        return Extractor(self.architecture, self.weights, dtype=dtype, **options)


def he_initialized(table: Architecture, seed: int = 7) -> dict[str, torch.Tensor]:
    """Random weights that keep the size of features through the layers; small random biases."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, shape in table.weight_shapes().items():
        numbers = torch.randn(shape, generator=generator, dtype=torch.float64)
        fan_in = shape[1] * 9 if len(shape) == 4 else 0
        weights[name] = numbers * ((2 / fan_in) ** 0.5 if fan_in else 0.1)
    return weights


@pytest.fixture(scope="session")
def tiny() -> TinyNetwork:
    return TinyNetwork()


@pytest.fixture(scope="session")
def pocket_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights for the table of pocket-v1, random: what runs by name need, whatever is embedded."""
    path = tmp_path_factory.mktemp("weights") / "pocket.safetensors"
    weights = he_initialized(POCKET)
    save_file({name: tensor.float() for name, tensor in weights.items()}, path)
    return path


def _postgres_programs() -> Path | None:
    """Find the folder of initdb and pg_ctl."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "pg_ctl").exists()), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def postgres():
    """The URL of a server, and what does something to it (start, stop)."""
    place = _postgres_programs()
    if place is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    import pwd  # not on Windows

    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="impasto-pg-"))  # pytest's own others may not enter
    if os.geteuid() == 0:
        try:
            shutil.chown(folder, user)
        except LookupError:
            pytest.skip("the server must not run as root, and there is no user postgres")
    port = _free_port()

    def run(program, *options):
        command = [str(place / program), "-D", str(folder / "data"), *options]
        if os.geteuid() == 0:
            command = ["runuser", "-u", user, "--", *command]
        subprocess.run(command, check=True, cwd=folder, capture_output=True, timeout=60)

    def control(what):
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        more = ("-o", options, "-l", str(folder / "log")) if what == "start" else ("-m", "fast")
        run("pg_ctl", "-w", *more, what)

    run("initdb", "-U", "impasto", "-A", "trust", "-E", "UTF8", "--locale=C")
    control("start")
    yield f"postgresql://impasto@127.0.0.1:{port}/", control
    control("stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres):
    """A new database."""
    import sqlalchemy as sa

    base, _ = postgres
    name = f"test_{os.urandom(4).hex()}"
    engine = sa.create_engine(
        base.replace("://", "+psycopg://") + "postgres", isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return base + name
