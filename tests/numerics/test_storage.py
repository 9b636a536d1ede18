"""Tensors in memory and in mapped files."""

import gc
import re
import shutil
from pathlib import Path

import pytest
import torch

from impasto.errors import InputError
from impasto.numerics import storage
from impasto.numerics.storage import MEMORY, Storage, mapped_storage

linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")


def resident(kind):
    """Bytes of this process of one kind of pages."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(rf"{kind}:\s+(\d+)", status).group(1))


@pytest.fixture(params=["memory", "mapped"])
def place(request, tmp_path):
    return MEMORY if request.param == "memory" else Storage(tmp_path)


def test_tensors_are_like_any_other(place):
    made = place.zeros((1, 3, 5, 7))
    assert made.shape == (1, 3, 5, 7)
    assert made.dtype == torch.float32
    assert made.is_contiguous()
    assert not made.any()
    values = torch.rand(1, 3, 5, 7)
    made.copy_(values).mul_(2)
    assert torch.equal(made, values * 2)


def test_a_copy_is_apart(place):
    values = torch.rand(4, 6, dtype=torch.float64).T
    copied = place.copy(values)
    assert torch.equal(copied, values)
    assert copied.is_contiguous() == place.mapped  # in memory, a copy keeps the layout
    copied.zero_()
    assert values.all()


def test_shapes_without_elements(place):
    assert place.zeros((0, 3), torch.int64).shape == (0, 3)
    assert place.zeros((), torch.uint8).item() == 0


def test_files_have_no_name_and_go_with_the_tensor(tmp_path):
    def maps():
        return Path("/proc/self/maps").read_text().count(str(tmp_path))

    made = Storage(tmp_path).zeros((1000,))
    assert list(tmp_path.iterdir()) == []
    if Path("/proc/self/maps").exists():
        assert maps() == 1
        del made
        gc.collect()
        assert maps() == 0


@linux
def test_mapped_tensors_are_no_anonymous_memory(tmp_path):
    size = 64 * 2**20
    before = resident("RssAnon")
    made = Storage(tmp_path).empty((size,), torch.uint8).fill_(1)
    assert resident("RssAnon") - before < size / 8
    kept = MEMORY.copy(made)
    assert resident("RssAnon") - before > size * 0.9
    assert kept.all()


def test_a_full_disk_is_told_before(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=10**6)
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda _: usage)
    Storage(tmp_path).empty((10**6,), torch.uint8)
    with pytest.raises(InputError, match=r"needs 0.00 GB.*--scratch"):
        Storage(tmp_path).empty((10**6 + 1,), torch.uint8)


def test_a_refused_reservation_is_told(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "_reserve", refuse)
    with pytest.raises(InputError, match=r"No space left on device.*--scratch"):
        Storage(tmp_path).empty((10,))
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_given_or_in_the_environment(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "_file_system", lambda _: "ext4")
    monkeypatch.setenv(storage.SCRATCH, str(tmp_path))
    assert mapped_storage().folder == tmp_path
    (tmp_path / "other").mkdir()
    assert mapped_storage(tmp_path / "other").folder == tmp_path / "other"
    with pytest.raises(InputError, match="no folder"):
        mapped_storage(tmp_path / "absent")


def test_files_in_memory_are_no_help(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "_file_system", lambda _: "tmpfs")
    with pytest.raises(InputError, match=r"lie in memory \(tmpfs\)"):
        mapped_storage(tmp_path)


@linux
def test_the_kind_of_file_system_is_found():
    assert storage._file_system(Path("/proc/self")) == "proc"
