"""Reading weights: what is read, what is refused, and that nothing in a file is executed."""

import hashlib
import pickle
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save, save_file

from impasto.errors import WeightsError
from impasto.weights import store
from impasto.weights.catalog import NETWORKS, POCKET_V1, VGG19, network

# Torch warns of pickles newer than its own before it refuses them.
pytestmark = pytest.mark.filterwarnings("ignore:Detected pickle protocol")

TENSORS = {"conv1_1.weight": torch.randn(2, 3, 3, 3), "conv1_1.bias": torch.randn(2)}


def saved(path: Path, tensors=TENSORS) -> Path:
    if path.suffix == ".safetensors":
        save_file(tensors, path)
    else:
        torch.save(tensors, path)
    return path


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth", "w.pt"])
def test_tensors_and_hash_of_a_file(tmp_path, name):
    path = saved(tmp_path / name)
    weights = store.read(path)
    assert weights.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert set(weights.tensors) == set(TENSORS)
    assert all(torch.equal(weights.tensors[n], t) for n, t in TENSORS.items())


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth"])
def test_half_precision_is_widened(tmp_path, name):
    path = saved(tmp_path / name, {n: t.half() for n, t in TENSORS.items()})
    assert all(t.dtype == torch.float32 for t in store.read(str(path)).tensors.values())


class Malicious:
    """Unpickled without care, this would leave a file behind."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return (Path.touch, (self.trace,))


@pytest.mark.parametrize("form", ["plain pickle", "torch", "torch, hidden", "legacy torch"])
def test_a_pickle_with_code_is_refused_and_not_executed(tmp_path, form):
    trace, path = tmp_path / "executed", tmp_path / "evil.pth"
    evil = Malicious(trace)
    if form == "plain pickle":
        path.write_bytes(pickle.dumps(evil))
    elif form == "torch":
        torch.save(evil, path)
    elif form == "torch, hidden":
        torch.save(TENSORS | {"conv1_2.weight": evil}, path)
    else:
        torch.save(TENSORS | {"x": evil}, path, _use_new_zipfile_serialization=False)
    with pytest.raises(WeightsError, match="read safely"):
        store.read(path)
    assert not trace.exists()
    pickle.loads(pickle.dumps(evil))  # it would have worked
    assert trace.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\x80\x04N.",
        b"PK\x03\x04 cut off",
        b"\x93NUMPY",
        bytes(100),
        b"\xff" * 100,
        save(TENSORS)[:50],
        b"{}",
    ],
)
@pytest.mark.parametrize("suffix", [".safetensors", ".pth", ".pt", ".bin"])
def test_damaged_files_and_others_are_refused(tmp_path, suffix, content):
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="no network weights"):
        store.read(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 2000), flip=st.integers(0, 2000), suffix=st.sampled_from(["pth", "old"]))
def test_a_file_cut_off_or_altered_anywhere_is_read_or_refused(tmp_path, cut, flip, suffix):
    """Never another kind of error, whatever the damage."""
    path = tmp_path / "w.pth"
    torch.save(TENSORS, path, _use_new_zipfile_serialization=suffix == "pth")
    content = bytearray(path.read_bytes())
    content[flip % len(content)] ^= 0xFF
    path.write_bytes(content[: max(1, len(content) - cut)])
    with suppress(WeightsError):
        store.read(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60))
def test_any_bytes_are_refused_as_a_state_dict(tmp_path, content):
    path = tmp_path / "w.pth"
    path.write_bytes(content)
    with pytest.raises(WeightsError):
        store.read(path)


@pytest.mark.parametrize(
    "thing",
    [
        torch.zeros(3),
        [torch.zeros(3)],
        {"epoch": 3},
        {"state_dict": dict(TENSORS)},
        TENSORS | {"epoch": 3},
    ],
)
def test_what_is_not_a_dictionary_of_tensors_is_refused(tmp_path, thing):
    torch.save(thing, tmp_path / "thing.pth")
    with pytest.raises(WeightsError, match="state dict of tensors"):
        store.read(tmp_path / "thing.pth")


def test_a_zip_of_something_else_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.pth", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(WeightsError):
        store.read(tmp_path / "w.pth")


@pytest.mark.parametrize("name", ["none.safetensors", "none.pth"])
def test_a_missing_file_is_named(tmp_path, name):
    with pytest.raises(WeightsError, match=name):
        store.read(tmp_path / name)


def test_a_folder_is_refused(tmp_path):
    (tmp_path / "w.safetensors").mkdir()
    with pytest.raises(WeightsError, match=r"w\.safetensors"):
        store.read(tmp_path / "w.safetensors")


class TestEmbedded:
    @pytest.fixture
    def folder(self, tmp_path, monkeypatch):
        """Stands for the package's own folder."""
        (tmp_path / "data").mkdir()
        monkeypatch.setattr(store.resources, "files", lambda package: tmp_path)
        return tmp_path / "data"

    def entry(self, content: bytes):
        return replace(POCKET_V1, sha256=hashlib.sha256(content).hexdigest())

    def test_weights_with_the_right_hash_are_read(self, folder):
        content = save(TENSORS)
        (folder / POCKET_V1.embedded).write_bytes(content)
        weights = store.embedded(self.entry(content))
        assert torch.equal(weights.tensors["conv1_1.bias"], TENSORS["conv1_1.bias"])
        assert weights.sha256 == hashlib.sha256(content).hexdigest()

    def test_damaged_weights_are_refused(self, folder):
        content = save(TENSORS)
        (folder / POCKET_V1.embedded).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(WeightsError, match="damaged"):
            store.embedded(self.entry(content))

    @pytest.mark.usefixtures("folder")
    def test_missing_ones_say_to_reinstall(self):
        with pytest.raises(WeightsError, match="missing: reinstall"):
            store.embedded(POCKET_V1)

    def test_networks_that_are_not_embedded_say_how_to_give_weights(self):
        with pytest.raises(WeightsError, match="--weights FILE"):
            store.embedded(VGG19)


def test_the_catalog_knows_its_networks_and_names_the_nearest():
    assert {"pocket-v1", "vgg19", "vgg16"} <= set(NETWORKS)
    assert all(network(name).name == name for name in NETWORKS)
    with pytest.raises(WeightsError, match="pocket-v1"):
        network("pocket")
