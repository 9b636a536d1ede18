"""Fetching and importing networks into the cache, and using them from there."""

import errno
import hashlib
import io
import json
import shutil
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

import impasto
from impasto.errors import WeightsError
from impasto.events import Fetching, Prepared
from impasto.features import architectures, networks, provision
from impasto.features.architectures import Architecture
from impasto.images import Picture
from impasto.weights import cache, catalog, download
from impasto.weights.catalog import VGG19, VGG19_COMPRESSED, YUNET, Source
from impasto.weights.download import Connection

THIN = Architecture("vgg19", ((2, 2), (3, 3), (3,) * 4, (4,) * 4, (4,) * 4))
QUICK = Connection(timeout=5, attempts=2, pause=0)


def torchvision_weights() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    weights = {}
    for name, shape in THIN.weight_shapes().items():
        layer, kind = name.split(".")
        fan_in = 9 * shape[1] if len(shape) == 4 else 100
        numbers = torch.randn(shape, generator=generator) * (2 / fan_in) ** 0.5
        weights[f"features.{THIN.positions[layer]}.{kind}"] = numbers
    return weights | {"classifier.0.weight": torch.ones(50, 50), "classifier.0.bias": torch.ones(4)}


def saved(tensors) -> bytes:
    file = io.BytesIO()
    torch.save(tensors, file)
    return file.getvalue()


CONTENT = saved(torchvision_weights())
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _thin(monkeypatch):
    monkeypatch.setitem(architectures.ARCHITECTURES, "vgg19", THIN)


@pytest.fixture
def item(server, monkeypatch):
    """VGG-19 as the catalog has it, but thin and published on this machine."""
    server.files["net.pth"] = CONTENT
    found = replace(VGG19, source=Source(server.address("net.pth"), len(CONTENT), SHA256[:8]))
    for table in (catalog.NETWORKS, catalog.ITEMS):
        monkeypatch.setitem(table, "vgg19", found)
    return found


def fetch(item, **options):
    return list(provision.fetch(item, **{"connection": QUICK} | options))


def test_a_fetched_network_is_used_by_its_name(item, cache_folder):
    events = fetch(item)
    assert events[0] == Fetching("vgg19", item.source.address, 0, len(CONTENT))
    assert events[-1].received == len(CONTENT)
    loaded = networks.load("vgg19")
    assert loaded.sha256 == SHA256  # of the file as published: recipes carry it
    assert set(loaded.weights) == set(THIN.weight_shapes())  # the convolutions alone
    for name, tensor in torchvision_weights().items():
        if name == "features.21.weight":
            assert torch.equal(loaded.weights["conv4_2.weight"], tensor)
    left = sorted(path.suffix for path in cache_folder.iterdir() if path.suffix != ".lock")
    assert left == [".json", ".safetensors"]


def test_what_is_here_and_intact_is_not_fetched_again(item, server):
    fetch(item)
    assert fetch(item) == []
    assert len(server.requests) == 1
    fetch(item, again=True)
    assert len(server.requests) == 2


def test_a_damaged_file_is_refused_and_fetched_again(item):
    fetch(item)
    path = cache.find("vgg19").path
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"damaged.*weights fetch vgg19"):
        networks.load("vgg19")
    assert fetch(item) != []
    assert networks.load("vgg19").sha256 == SHA256


def test_the_digest_of_the_first_fetch_is_checked_from_then_on(item, server):
    unknown = replace(item, source=replace(item.source, sha256="", size=None))
    fetch(unknown)
    assert cache.find("vgg19").origin_sha256 == SHA256
    server.files["net.pth"] = saved({name: 2 * t for name, t in torchvision_weights().items()})
    with pytest.raises(WeightsError, match=f"SHA-256 is not {SHA256[:12]}"):
        fetch(unknown, again=True)
    assert networks.load("vgg19").sha256 == SHA256  # the old one still serves


@pytest.mark.parametrize("how", ["option", "variable"])
def test_offline_says_how_to_import(item, server, monkeypatch, how):
    if how == "variable":
        monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    with pytest.raises(WeightsError, match=r"get http.*net\.pth .*weights import vgg19 FILE"):
        fetch(item, offline=how == "option")
    assert server.requests == []


def test_a_failed_fetch_says_how_to_import(item, server):
    server.status = 404
    with pytest.raises(WeightsError, match=r"HTTP 404.*weights import vgg19 FILE"):
        fetch(item)
    assert cache.find("vgg19") is None


def test_no_space_is_told_before_the_download(item, server, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(WeightsError, match=r"not enough space.*IMPASTO_CACHE"):
        fetch(item)
    assert server.requests == []


@pytest.mark.parametrize("moment", ["download", "conversion"])
def test_a_disk_that_fills_up_leaves_nothing_behind(item, cache_folder, monkeypatch, moment):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")
        yield

    def full_at_once(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    if moment == "download":
        monkeypatch.setattr(download, "_received", full)
    else:
        monkeypatch.setattr(provision.store, "write", full_at_once)
    with pytest.raises(WeightsError, match="no space left in"):
        fetch(item)
    left = {path.name for path in cache_folder.iterdir()} - {"vgg19.lock"}
    expected = set() if moment == "download" else {"part-net.pth", "part-net.pth.notes"}
    assert left == expected  # the whole download waits for the next call


def test_a_cache_that_cannot_be_made_is_told(item, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(WeightsError, match=r"cannot write to the cache.*IMPASTO_CACHE"):
        fetch(item)


ANOTHER = """
import sys
from dataclasses import replace
from impasto.features import architectures, provision
from impasto.weights.catalog import VGG19, Source
architectures.ARCHITECTURES["vgg19"] = architectures.Architecture(
    "vgg19", ((2, 2), (3, 3), (3,) * 4, (4,) * 4, (4,) * 4))
item = replace(VGG19, source=Source(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
print(len(list(provision.fetch(item))))
"""


@pytest.mark.slow
def test_two_processes_at_once_fetch_once(item, server):
    server.pause = 1.5
    command = [sys.executable, "-c", ANOTHER, item.source.address, str(len(CONTENT)), SHA256]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, **pipes) for _ in range(2)]
    outputs = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0], outputs
    assert len(server.requests) == 1
    assert sorted(int(out) > 0 for out, _ in outputs) == [False, True]
    assert networks.load("vgg19").sha256 == SHA256


def test_two_threads_at_once_fetch_once(item, server):
    server.pause = 0.2
    threads = [threading.Thread(target=fetch, args=(item,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) == 1


def test_a_file_kept_as_it_is(server):
    content = b"\x08\x07onnx" * 100
    server.files["face.onnx"] = content
    digest = hashlib.sha256(content).hexdigest()
    item = replace(YUNET, source=Source(server.address("face.onnx"), 600, digest))
    fetch(item)
    assert cache.find("yunet").path.suffix == ".onnx"
    assert cache.find("yunet").path.read_bytes() == content


class TestImport:
    @pytest.fixture
    def file(self, tmp_path):
        path = tmp_path / "mine.pth"
        path.write_bytes(CONTENT)
        return path

    def test_the_published_file_counts_as_verified(self, item, file):
        record = provision.bring(item, file)
        assert (record.published, record.preprocessing) == (True, "torchvision")
        assert provision.missing("vgg19") is None
        assert networks.load("vgg19").sha256 == SHA256

    def test_another_file_is_kept_as_the_users_own(self, item, tmp_path):
        tensors = {n: 2 * t for n, t in torchvision_weights().items() if "features" in n}
        save_file(tensors, tmp_path / "own.safetensors")
        record = provision.bring(item, tmp_path / "own.safetensors")
        assert not record.published
        loaded = networks.load("vgg19")
        assert torch.equal(loaded.weights["conv1_1.weight"], tensors["features.0.weight"])

    def test_a_new_import_takes_the_place_of_the_old(self, item, file, tmp_path, cache_folder):
        provision.bring(item, file)
        torch.save({n: 2 * t for n, t in torchvision_weights().items()}, tmp_path / "b.pth")
        provision.bring(item, tmp_path / "b.pth")
        assert len(list(cache_folder.glob("*.safetensors"))) == 1
        assert networks.load("vgg19").sha256 == cache.digest(tmp_path / "b.pth")

    def test_a_failed_import_keeps_the_old_one(self, item, file, tmp_path):
        provision.bring(item, file)
        (tmp_path / "bad.pth").write_bytes(CONTENT[:500])
        with pytest.raises(WeightsError, match="no network weights"):
            provision.bring(item, tmp_path / "bad.pth")
        save_file({"conv1_1.weight": torch.ones(9, 3, 3, 3)}, tmp_path / "o.safetensors")
        with pytest.raises(WeightsError, match="another network"):
            provision.bring(item, tmp_path / "o.safetensors")
        assert networks.load("vgg19").sha256 == SHA256

    def test_a_file_that_breaks_the_promise_of_its_name(self, item, tmp_path):
        path = tmp_path / "vgg19-0123abcd.pth"
        path.write_bytes(CONTENT)
        with pytest.raises(WeightsError, match="begins with 0123abcd"):
            provision.bring(item, path)

    def test_a_missing_file(self, item, tmp_path):
        with pytest.raises(WeightsError, match=r"none\.pth"):
            provision.bring(item, tmp_path / "none.pth")

    def test_a_kept_file_must_be_the_published_one(self, tmp_path):
        (tmp_path / "face.onnx").write_bytes(b"something else")
        with pytest.raises(WeightsError, match="not yunet: expected SHA-256 ebafce4e3c11"):
            provision.bring(YUNET, tmp_path / "face.onnx")

    def test_a_network_without_an_address_can_only_be_imported(self):
        with pytest.raises(WeightsError, match="weights import vgg19-compressed FILE"):
            fetch(VGG19_COMPRESSED)
        assert provision.missing("vgg19-compressed") is None


def test_a_record_from_elsewhere_counts_as_nothing(cache_folder):
    cache_folder.mkdir(parents=True)
    for text in ("", "[]", "{}", json.dumps({"name": "vgg19"}), "\xff"):
        (cache_folder / "vgg19.json").write_text(text, encoding="latin-1")
        assert cache.find("vgg19") is None


class TestStylize:
    def test_a_network_is_fetched_on_first_use_with_events(self, item):
        events = []
        options = {"size": 40, "steps": 1, "settings": SHALLOW, "listen": events.append}
        pictures = (Picture(torch.rand(3, 40, 40)), Picture(torch.rand(3, 40, 40)))
        result = impasto.stylize(*pictures, recipe="draft", **options)
        assert result.recipe.network.sha256 == SHA256
        assert isinstance(events[0], Fetching)
        kinds = [type(event) for event in events]
        assert kinds.index(Prepared) > kinds.index(Fetching)
        events.clear()
        impasto.stylize(*pictures, recipe="draft", **options)
        assert Fetching not in [type(event) for event in events]

    def test_offline_it_is_refused(self, item):
        pictures = (Picture(torch.rand(3, 40, 40)), Picture(torch.rand(3, 40, 40)))
        with pytest.raises(WeightsError, match="weights import vgg19 FILE"):
            impasto.stylize(*pictures, offline=True, settings={"network.name": "vgg19"})


SHALLOW = {
    "network.name": "vgg19",
    "network.sha256": "",
    "network.precision": "fp32",
    "content.layers": {"relu2_1": 1.0},
    "style.layers": {"relu1_1": 1.0},
}
