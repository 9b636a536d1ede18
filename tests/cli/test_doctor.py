"""`impasto doctor` and `impasto info`: what is broken is found, named, and comes with a remedy."""

import json
from dataclasses import replace

import pytest
import torch

from impasto.cli import doctor, info
from impasto.weights import cache, catalog, store


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "cache"))
    return tmp_path


def failing(run) -> dict[str, dict]:
    """Run the doctor; return the checks that failed, by name."""
    result = run("doctor", "--json")
    findings = json.loads(result.stdout)
    bad = {f["check"]: f for f in findings if not f["fine"]}
    assert result.exit_code == (1 if bad else 0)
    assert len(findings) == len(doctor.CHECKS)  # one failure does not keep the others from running
    return bad


def test_a_sound_installation(run):
    result = run("doctor")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line[:4] for line in lines[:-1]] == ["ok  "] * len(doctor.CHECKS)
    assert lines[-1] == "everything works"
    assert failing(run) == {}


def test_a_damaged_embedded_network(run, monkeypatch):
    monkeypatch.setattr(doctor, "POCKET_V1", replace(catalog.POCKET_V1, sha256="0" * 64))
    bad = failing(run)
    assert set(bad) == {"embedded network"}
    assert "damaged" in bad["embedded network"]["found"]
    assert "reinstall" in bad["embedded network"]["remedy"]
    result = run("doctor")
    assert "FAIL  embedded network" in result.stdout
    assert "-> reinstall" in result.stdout
    assert "something is wrong" in result.stdout


def test_a_missing_library(run, monkeypatch):
    monkeypatch.setattr(doctor, "NEEDED", (*doctor.NEEDED, "no_such_library"))
    bad = failing(run)
    assert "no_such_library" in bad["libraries"]["found"]


def test_a_cache_that_cannot_be_written(run, folder):
    (folder / "cache").write_text("a file where a folder should be")
    bad = failing(run)
    assert {"cache folder", "free space"} <= set(bad)
    assert "IMPASTO_CACHE" in bad["cache folder"]["remedy"]


def test_a_read_only_cache(run, folder, monkeypatch):
    """Root may write anywhere, so the system's refusal is played."""

    def refused(*, dir=None, **_):
        assert dir == folder / "cache" / "weights"
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refused)
    bad = failing(run)
    assert "permission denied" in bad["cache folder"]["found"]
    assert "IMPASTO_CACHE" in bad["cache folder"]["remedy"]


def test_a_full_disk(run, monkeypatch):
    usage = doctor.cache.shutil.disk_usage("/")
    monkeypatch.setattr(doctor.cache.shutil, "disk_usage", lambda _: usage._replace(free=1))
    assert set(failing(run)) == {"free space"}


def test_too_many_threads(run, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 10_000)
    assert "--threads" in failing(run)["threads"]["remedy"]


def test_a_damaged_network_in_the_cache(run):
    origin = cache.Origin("here", "0" * 64, published=False, preprocessing="torchvision")
    tensors = {"conv1_1.bias": torch.ones(3)}
    record = cache.put("vgg19", ".safetensors", lambda path: store.write(tensors, path), origin)
    assert failing(run) == {}
    record.path.write_bytes(record.path.read_bytes()[:-1])
    bad = failing(run)
    assert "weights fetch vgg19" in bad["other networks"]["found"]


def test_pictures_that_come_back_changed(run, monkeypatch):
    from impasto.images import codec

    decode = codec.decode
    monkeypatch.setattr(codec, "decode", lambda p: replace(decode(p), pixels=1 - decode(p).pixels))
    assert "Pillow" in failing(run)["pictures"]["remedy"]


def test_a_job_that_fails(run, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("no convolution\n found")

    monkeypatch.setattr("impasto.api.stylize", broken)
    assert failing(run)["a small picture"]["found"] == "no convolution found"


def test_info_names_what_a_bug_report_needs(run, folder, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@proxy:3128")
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    facts = json.loads(run("info", "--json").stdout)
    assert facts["environment"]["IMPASTO_OFFLINE"] == "1"
    assert facts["environment"]["HTTPS_PROXY"] == "http://...@proxy:3128"
    assert facts["cache"] == str(folder / "cache")
    assert facts["networks"]["pocket-v1"] == "embedded"
    assert facts["networks"]["vgg19"] == "not here"
    assert facts["cpu_cores"] >= 1
    assert facts["packages"]["filelock"][0].isdigit()
    assert {"python", "platform", "torch_build", "memory_gb", "extras"} <= set(facts)
    text = run("info").stdout
    assert "secret" not in text
    assert "IMPASTO_OFFLINE 1" in text


def test_memory_is_unknown_where_the_system_does_not_tell(monkeypatch):
    assert info.memory_gb() is None or info.memory_gb() > 0.1
    monkeypatch.delattr(info.os, "sysconf", raising=False)
    assert info.memory_gb() is None
