"""Networks by name: weights in either form of file give the same features."""

import re

import pytest
import torch
from safetensors.torch import save_file

from impasto.errors import WeightsError
from impasto.features import architectures, networks
from impasto.features.architectures import Architecture
from impasto.features.networks import load

# The shape of VGG-16 and VGG-19, but thin.
BLOCKS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
WIDTHS = (2, 3, 3, 4, 4)


def thin(name: str) -> Architecture:
    return Architecture(
        name, tuple((width,) * count for width, count in zip(WIDTHS, BLOCKS[name], strict=True))
    )


@pytest.fixture(autouse=True)
def _thin_tables(monkeypatch):
    for name in BLOCKS:
        monkeypatch.setitem(architectures.ARCHITECTURES, name, thin(name))


def random_weights(table: Architecture) -> dict[str, torch.Tensor]:
    return {name: torch.randn(shape) / 3 for name, shape in table.weight_shapes().items()}


def as_in_torchvision(name: str, weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Count modules as torchvision does: convolution, ReLU, ..., pooling; and add a classifier."""
    renamed, index = {}, 0
    for block, count in enumerate(BLOCKS[name], start=1):
        for number in range(1, count + 1):
            for kind in ("weight", "bias"):
                renamed[f"features.{index}.{kind}"] = weights[f"conv{block}_{number}.{kind}"]
            index += 2
        index += 1
    for layer in (0, 3, 6):
        renamed[f"classifier.{layer}.weight"] = torch.randn(4, 4)
        renamed[f"classifier.{layer}.bias"] = torch.randn(4)
    return renamed


@pytest.fixture(params=["vgg16", "vgg19"])
def files(request, tmp_path):
    """One set of weights under paper names and as torchvision saves it."""
    weights = random_weights(thin(request.param))
    renamed = as_in_torchvision(request.param, weights)
    save_file(weights, tmp_path / "paper.safetensors")
    save_file(renamed, tmp_path / "renamed.safetensors")
    torch.save(renamed, tmp_path / "state.pth")
    return request.param, weights, tmp_path


def test_every_form_of_file_gives_the_same_features(files):
    name, weights, folder = files
    image, layers = torch.rand(1, 3, 32, 32), ["relu1_1", "conv3_3", "relu5_3", "pool5"]
    found = []
    for file in ("paper.safetensors", "renamed.safetensors", "state.pth"):
        loaded = load(name, folder / file)
        assert set(loaded.weights) == set(weights)
        assert all(torch.equal(loaded.weights[n], w) for n, w in weights.items())
        found.append(loaded.extractor()(image, layers))
    for layer in layers:
        assert torch.equal(found[0][layer], found[1][layer])
        assert torch.equal(found[0][layer], found[2][layer])


def test_vgg_pools_and_pads_as_it_was_trained_unless_told_otherwise(files):
    name, _, folder = files
    loaded = load(name, folder / "paper.safetensors")
    own = loaded.extractor()
    assert (own.pooling, own.padding) == ("max", "zeros")
    other = loaded.extractor(pooling="average-rescaled", padding="reflect", dtype=torch.bfloat16)
    assert (other.pooling, other.padding, other.dtype) == (
        "average-rescaled",
        "reflect",
        torch.bfloat16,
    )


def test_pocket_pools_and_pads_as_it_was_trained(pocket_file):
    own = load("pocket-v1", pocket_file).extractor()
    assert (own.pooling, own.padding) == ("average", "reflect")


@pytest.mark.parametrize(("given", "asked"), [("vgg16", "vgg19"), ("vgg19", "vgg16")])
@pytest.mark.parametrize("form", ["paper", "torchvision"])
def test_weights_of_the_other_network_are_refused(tmp_path, given, asked, form):
    weights = random_weights(thin(given))
    if form == "torchvision":
        weights = as_in_torchvision(given, weights)
    save_file(weights, tmp_path / "weights.safetensors")
    with pytest.raises(WeightsError, match=asked):
        load(asked, tmp_path / "weights.safetensors").extractor()


def test_pocket_weights_are_refused_as_vgg(pocket_file):
    with pytest.raises(WeightsError, match="another network"):
        load("vgg19", pocket_file).extractor()


def test_a_recipes_hash_must_be_that_of_the_file(files):
    name, _, folder = files
    file = folder / "paper.safetensors"
    digest = load(name, file).sha256
    assert re.fullmatch("[0-9a-f]{64}", digest)
    assert load(name, file, sha256=digest).sha256 == digest
    with pytest.raises(WeightsError, match=r"network\.sha256"):
        load(name, file, sha256="0" * 64)


@pytest.mark.parametrize("name", ["vgg16", "vgg19"])
def test_missing_weights_say_how_to_give_them(name):
    with pytest.raises(WeightsError, match="--weights FILE"):
        load(name)


def test_unknown_networks_name_the_nearest():
    with pytest.raises(WeightsError, match="vgg19"):
        load("vgg-19")
    assert networks.OWN == "own"
