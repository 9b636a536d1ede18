"""Budgets of memory: reading them, and asking the machine."""

import sys

import pytest

from impasto.errors import InputError
from impasto.planning import budget as budgets
from impasto.planning.budget import budget, control_group_memory, free_memory, read_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4GB", 4_000_000_000),
        ("4 gib", 4 * 2**30),
        ("1.5G", 3 * 2**29),
        ("800MB", 800_000_000),
        ("70%", 0.7),
        ("100%", 1.0),
        ("20000000b", 20_000_000),
    ],
)
def test_sizes_have_units(text, size):
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "4", "GB", "4 apples", "-4GB", "0%", "101%", "5kB", "4GB%"])
def test_other_texts_are_refused(text):
    with pytest.raises(InputError, match="expected"):
        read_size(text)


def test_a_budget_is_bytes_or_a_share_of_what_is_free(monkeypatch):
    monkeypatch.setattr(budgets, "free_memory", lambda: 1000)
    monkeypatch.setattr(budgets, "taken_memory", lambda: 300)
    assert budget(5000).size == 5000
    assert budget(0.5).size == 300 + 500
    assert budget(None).size == 300 + 900
    assert budget(None).taken == 300


def test_where_nobody_tells_there_is_no_limit(monkeypatch):
    monkeypatch.setattr(budgets, "free_memory", lambda: None)
    assert budget(None).size == budgets.UNLIMITED


def test_the_least_of_what_is_known_counts(monkeypatch):
    monkeypatch.setattr(budgets, "machine_memory", lambda: 500)
    monkeypatch.setattr(budgets, "control_group_memory", lambda: [400, 450])
    monkeypatch.setattr(budgets, "address_space", lambda: None)
    assert free_memory() == 400


def group(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_a_control_group_of_version_2_and_those_around_it(tmp_path):
    root, own = tmp_path / "cgroup", tmp_path / "own"
    own.write_text("0::/outer/inner\n")
    group(root / "outer", memory__max="5000\n", memory__current="1000\n")
    group(
        root / "outer" / "inner",
        memory__max="3000",
        memory__current="2500",
        memory__stat="anon 1\ninactive_file 400\n",
    )
    group(root, memory__max="max\n", memory__current="9000\n")
    assert sorted(control_group_memory(root, own)) == [900, 4000]


def test_a_control_group_of_version_1(tmp_path):
    root, own = tmp_path / "cgroup", tmp_path / "own"
    own.write_text("5:cpu:/x\n4:memory:/box\n")
    group(root / "memory" / "box", memory__limit_in_bytes="7000", memory__usage_in_bytes="2000")
    unlimited = str(2**63 - 4096)
    group(root / "memory", memory__limit_in_bytes=unlimited, memory__usage_in_bytes="1")
    assert control_group_memory(root, own) == [5000]


def test_without_control_groups_nothing_is_known(tmp_path):
    assert control_group_memory(tmp_path / "none", tmp_path / "nowhere") == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_this_machine_tells():
    assert 10**7 < budgets.taken_memory() < 10**11
    free = free_memory()
    assert free is not None
    assert free > 10**7
